package io.logstream;

import java.util.List;

/** What makes a derived event the same one when it is sent again: an id, and the names of its key fields. */
record RowIdentity(String id, List<String> keys) {}
