package io.logstream.index;

import io.logstream.Position;
import java.time.Instant;
import java.util.Map;

/**
 * An event found: a copy of what the index was given, free of any run. Immutable, for any thread.
 */
public final class LogHit {
  private final long sequence;
  private final Instant time;
  private final String message;
  private final Map<String, Object> fields;
  private final Position position;
  private final String id;
  private final String file;
  private final String host;
  private final long line;

  LogHit(long sequence, Instant time, String message, Map<String, Object> fields, Position position, String id, String file, String host, long line) {
    this.sequence = sequence;
    this.time = time;
    this.message = message;
    this.fields = fields;
    this.position = position;
    this.id = id;
    this.file = file;
    this.host = host;
    this.line = line;
  }

  /** The number of the event in the order in which the index took events in, from 0. */
  public long sequence() {
    return sequence;
  }

  /** Its place in the order of hits. */
  public LogCursor cursor() {
    return new LogCursor(time, sequence);
  }

  /** The event's time. */
  public Instant time() {
    return time;
  }

  /** The message. */
  public String message() {
    return message;
  }

  /**
   * The fields, as {@link io.logstream.LogEvent#fields} gave them: text, {@code Long}, {@code Double}, {@code Boolean}, or a list of these.
   * Unmodifiable.
   */
  public Map<String, Object> fields() {
    return fields;
  }

  /** A field as text, or null where the event has no such field. {@code message}, {@code file} and {@code host} are fields here. */
  public String text(String field) {
    Object value = fields.get(field);
    if (value != null) {
      return value.toString();
    }
    return switch (field) {
      case Schema.MESSAGE -> message;
      case "file" -> file;
      case "host" -> host;
      default -> null;
    };
  }

  /** Where the record stands in its source. */
  public Position position() {
    return position;
  }

  /** What identifies the event when it is sent again, as {@link io.logstream.LogEvent#id}. */
  public String id() {
    return id;
  }

  /** The file that it was read from, or null. */
  public String file() {
    return file;
  }

  /** The host that it was read on, or null. */
  public String host() {
    return host;
  }

  /** The number of its line in the file, from 1; 0 where nobody counted. */
  public long line() {
    return line;
  }

  @Override
  public String toString() {
    return time + " " + fields + " " + message;
  }
}
