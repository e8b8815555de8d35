package io.logstream.kafka.streams;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * What one part of a pipeline tells another: an event, or only how far the time of the log has come that it is of. Several make a record of the
 * topic in between, one behind the other.
 *
 * <pre>kind | origin: which log | its watermark | length of the event | the event's bytes</pre>
 */
record Told(byte kind, int origin, long watermark, byte[] event) {
  /** An event; its log had come to the watermark before it. */
  static final byte EVENT = 1;
  /** How far a log has come. */
  static final byte TIME = 2;
  /** The same of a log in which nothing happens. */
  static final byte IDLE = 3;

  /** Bytes that one takes beside its event. */
  static final int HEAD = 1 + 4 + 8 + 4;

  private static final byte[] NO_EVENT = {};

  static byte[] time(int origin, long watermark, boolean idle) {
    ByteBuffer to = ByteBuffer.allocate(HEAD);
    put(to, idle ? IDLE : TIME, origin, watermark, NO_EVENT);
    return to.array();
  }

  static void put(ByteBuffer to, byte kind, int origin, long watermark, byte[] event) {
    to.put(kind).putInt(origin).putLong(watermark).putInt(event.length).put(event);
  }

  /** Gives all that a record tells; false, and no more, where it is not such a record. */
  static boolean each(byte[] record, Consumer<Told> action) {
    if (record == null) {
      return false;
    }
    ByteBuffer in = ByteBuffer.wrap(record);
    while (in.remaining() >= HEAD) {
      byte kind = in.get();
      int origin = in.getInt();
      long watermark = in.getLong();
      int length = in.getInt();
      if (kind < EVENT || kind > IDLE || length < 0 || length > in.remaining()) {
        return false;
      }
      byte[] event = length == 0 ? NO_EVENT : Arrays.copyOfRange(record, in.position(), in.position() + length);
      in.position(in.position() + length);
      action.accept(new Told(kind, origin, watermark, event));
    }
    return !in.hasRemaining();
  }
}
