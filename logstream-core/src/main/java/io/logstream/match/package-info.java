/**
 * What an event must be like: {@link io.logstream.match.Field} makes conditions on one field, {@link io.logstream.match.Condition}
 * combines them, {@link io.logstream.match.Keep} and {@link io.logstream.match.Drop} leave events out by them. Windows and alerts
 * take the same conditions, and so does the search index. {@link io.logstream.match.Condition#parse} reads them from a text.
 *
 * <p>Whoever writes a stage of his own can copy {@link io.logstream.match.Drop}.
 */
package io.logstream.match;
