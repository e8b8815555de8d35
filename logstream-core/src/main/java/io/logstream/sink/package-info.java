/**
 * Sinks that need nothing but the JDK and Jackson: {@link io.logstream.sink.Print} for people, {@link io.logstream.sink.JsonLines} for files.
 */
package io.logstream.sink;
