/**
 * Windows in event time: {@link io.logstream.window.Window} groups events by time and key, {@link io.logstream.window.Aggregations} says
 * what to work out of a group, {@link io.logstream.window.Aggregation} is open to one's own. A closed window is an event like any other.
 */
package io.logstream.window;
