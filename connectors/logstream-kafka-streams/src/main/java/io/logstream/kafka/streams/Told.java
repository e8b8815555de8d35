package io.logstream.kafka.streams;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What one part of a pipeline tells another: an event, or only how far the time of the log has come that it is of. Several of them, one behind the
 * other, make a record of the topic in between.
 *
 * <pre>kind | origin: which log | its watermark | length of the event | the event's bytes</pre>
 */
record Told(byte kind, int origin, long watermark, byte[] event) {
  /** An event; its log had come to the watermark before it. */
  private static final byte EVENT = 1;
  /** How far a log has come. */
  private static final byte TIME = 2;
  /** The same of a log in which nothing happens. */
  private static final byte IDLE = 3;

  /** What each takes beside its event. */
  static final int HEAD = 1 + 4 + 8 + 4;
  private static final byte[] NO_EVENT = {};

  static Told event(int origin, long watermark, byte[] event) {
    return new Told(EVENT, origin, watermark, event);
  }

  static Told time(int origin, long watermark, boolean idle) {
    return new Told(idle ? IDLE : TIME, origin, watermark, NO_EVENT);
  }

  boolean isEvent() {
    return kind == EVENT;
  }

  boolean isIdle() {
    return kind == IDLE;
  }

  /** Whether this is an event of the same log as another one, between which time has not gone on. */
  boolean follows(Told other) {
    return isEvent() && other.isEvent() && origin == other.origin && watermark == other.watermark;
  }

  /** By itself. */
  byte[] bytes() {
    ByteBuffer out = ByteBuffer.allocate(HEAD + event.length);
    put(out);
    return out.array();
  }

  void put(ByteBuffer out) {
    out.put(kind).putInt(origin).putLong(watermark).putInt(event.length).put(event);
  }

  /** All that these bytes say; null if they are not of that kind. */
  static List<Told> all(byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    List<Told> all = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    while (in.remaining() >= HEAD) {
      byte kind = in.get();
      int origin = in.getInt();
      long watermark = in.getLong();
      int length = in.getInt();
      if (kind < EVENT || kind > IDLE || length < 0 || length > in.remaining()) {
        return null;
      }
      byte[] event = length == 0 ? NO_EVENT : new byte[length];
      in.get(event);
      all.add(new Told(kind, origin, watermark, event));
    }
    return in.hasRemaining() ? null : all;
  }
}
