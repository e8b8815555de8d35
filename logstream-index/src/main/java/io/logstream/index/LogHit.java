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
  private final byte[] stored;
  private final String[] names;
  // made when first asked for; by two threads at once, twice the same
  private StoredEvent.Parts parts;

  /** @param names what the numbers of field names mean */
  LogHit(long sequence, Instant time, byte[] stored, String[] names) {
    this.sequence = sequence;
    this.time = time;
    this.stored = stored;
    this.names = names;
  }

  /** What it takes of the heap, about. */
  int bytes() {
    return stored.length;
  }

  private StoredEvent.Parts parts() {
    StoredEvent.Parts its = parts;
    if (its == null) {
      its = StoredEvent.parts(stored, names);
      parts = its;
    }
    return its;
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
    return parts().message();
  }

  /**
   * The fields, as {@link io.logstream.LogEvent#fields} gave them: text, {@code Long}, {@code Double}, {@code Boolean}, or a list of these.
   * Unmodifiable.
   */
  public Map<String, Object> fields() {
    return parts().fields();
  }

  /** A field as text, or null where the event has no such field. {@code message}, {@code file} and {@code host} are fields here. */
  public String text(String field) {
    Object value = fields().get(field);
    if (value != null) {
      return value.toString();
    }
    return switch (field) {
      case Schema.MESSAGE -> message();
      case "file" -> file();
      case "host" -> host();
      default -> null;
    };
  }

  /** Where the record stands in its source. */
  public Position position() {
    return parts().position();
  }

  /** What identifies the event when it is sent again, as {@link io.logstream.LogEvent#id}. */
  public String id() {
    return parts().id();
  }

  /** The file that it was read from, or null. */
  public String file() {
    return parts().file();
  }

  /** The host that it was read on, or null. */
  public String host() {
    return parts().host();
  }

  /** The number of its line in the file, from 1; 0 where nobody counted. */
  public long line() {
    return parts().line();
  }

  @Override
  public String toString() {
    return time + " " + fields() + " " + message();
  }
}
