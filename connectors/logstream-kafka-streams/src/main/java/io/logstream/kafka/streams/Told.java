package io.logstream.kafka.streams;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What one part of a pipeline tells another: an event, or only how far the time of the log has come that it is of.
 *
 * <pre>kind | origin: which log | its watermark | the event's bytes</pre>
 */
record Told(byte kind, int origin, long watermark, byte[] event) {
  /** An event; its log had come to the watermark before it. */
  static final byte EVENT = 1;
  /** How far a log has come. */
  static final byte TIME = 2;
  /** The same of a log in which nothing happens. */
  static final byte IDLE = 3;

  private static final int HEAD = 1 + 4 + 8;
  private static final byte[] NO_EVENT = {};

  static byte[] event(int origin, long watermark, byte[] event) {
    return head(EVENT, origin, watermark, event.length).put(event).array();
  }

  static byte[] time(int origin, long watermark, boolean idle) {
    return head(idle ? IDLE : TIME, origin, watermark, 0).array();
  }

  private static ByteBuffer head(byte kind, int origin, long watermark, int more) {
    return ByteBuffer.allocate(HEAD + more).put(kind).putInt(origin).putLong(watermark);
  }

  /** What these bytes say; null if nothing that is known. */
  static Told of(byte[] bytes) {
    if (bytes == null || bytes.length < HEAD || bytes[0] < EVENT || bytes[0] > IDLE) {
      return null;
    }
    ByteBuffer head = ByteBuffer.wrap(bytes);
    byte kind = head.get();
    return new Told(kind, head.getInt(), head.getLong(), kind == EVENT ? Arrays.copyOfRange(bytes, HEAD, bytes.length) : NO_EVENT);
  }
}
