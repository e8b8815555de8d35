/**
 * What makes events of text: {@link io.logstream.parse.Multiline} joins lines into records, {@link io.logstream.parse.EventTime} gives
 * events the time that stands in them, {@link io.logstream.parse.Redact} makes secrets in them unreadable.
 */
package io.logstream.parse;
