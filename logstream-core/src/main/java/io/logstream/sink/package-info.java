/**
 * Sinks that need nothing but the JDK and Jackson: {@link io.logstream.sink.Print} for people, {@link io.logstream.sink.JsonLines} for files, {@link
 * io.logstream.sink.Gauges} for metrics.
 */
package io.logstream.sink;
