/**
 * Reads named fields out of messages with grok patterns, such as {@code %{COMBINEDAPACHELOG}}: begin at {@link
 * io.logstream.grok.Grok}. The patterns that come with Java Grok are built in; any directory of Logstash pattern files can be added.
 */
package io.logstream.grok;
