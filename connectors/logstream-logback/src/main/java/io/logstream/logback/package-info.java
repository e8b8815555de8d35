/**
 * What this process logs through Logback: {@link io.logstream.logback.LogbackSource} is the source, {@link
 * io.logstream.logback.LogstreamAppender} stands in a Logback configuration where events are wanted from the very beginning.
 */
package io.logstream.logback;
