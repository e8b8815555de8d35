/**
 * What every source that takes a logging framework's events must do, as tests: the {@code ..Contract} classes. A framework's module extends
 * them over its own {@link io.logstream.logging.testing.WatchedLogging}, and adds what it alone has.
 */
package io.logstream.logging.testing;
