/**
 * What makes events of text. {@link io.logstream.parse.Multiline} joins lines into records. {@link io.logstream.parse.Json}, {@link
 * io.logstream.parse.KeyValue}, {@link io.logstream.parse.Csv}, {@link io.logstream.parse.Dissect} and {@link io.logstream.parse.Syslog} make
 * fields of records, {@link io.logstream.parse.EventTime} takes the time from a field, {@link io.logstream.parse.Convert}, {@link
 * io.logstream.parse.Lookup}, {@link io.logstream.parse.Rename} and others work on fields, {@link io.logstream.parse.Redact} makes secrets
 * unreadable, {@link io.logstream.parse.Dedupe} and {@link io.logstream.parse.Throttle} thin out. Start with {@code Json}.
 */
package io.logstream.parse;
