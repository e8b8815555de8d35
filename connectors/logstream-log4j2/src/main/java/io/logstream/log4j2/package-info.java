/**
 * What this process logs through Log4j 2: {@link io.logstream.log4j2.Log4j2Source} is the source, {@link
 * io.logstream.log4j2.LogstreamAppender} stands in a Log4j configuration where events are wanted from the very beginning.
 */
package io.logstream.log4j2;
