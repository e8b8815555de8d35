package io.logstream.alert;

import java.time.Duration;

/** At most so many firings of a rule are told in so much time. */
record Limit(int most, Duration in) {}
