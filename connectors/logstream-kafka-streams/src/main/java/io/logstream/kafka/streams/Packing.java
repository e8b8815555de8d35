package io.logstream.kafka.streams;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Events on their way to one task of another part, one behind the other in one record. One thread. */
final class Packing {
  private static final int FULL = 16 * 1024;
  private static final int MOST_KEPT = 8 * FULL;

  private ByteBuffer bytes = ByteBuffer.allocate(1024);

  /** Adds an event. */
  void add(int origin, long watermark, byte[] event) {
    int needed = bytes.position() + Told.HEAD + event.length;
    if (needed > bytes.capacity()) {
      bytes = ByteBuffer.allocate(Math.max(needed, 2 * bytes.capacity())).put(bytes.flip());
    }
    Told.event(origin, watermark, event).put(bytes);
  }

  /** Whether it holds something that no event of this size should be added to. */
  boolean isFull(int more) {
    return bytes.position() > 0 && bytes.position() + more > FULL;
  }

  boolean isEmpty() {
    return bytes.position() == 0;
  }

  /** Takes all out. */
  byte[] take() {
    byte[] all = Arrays.copyOf(bytes.array(), bytes.position());
    bytes = bytes.capacity() > MOST_KEPT ? ByteBuffer.allocate(1024) : bytes.clear();
    return all;
  }
}
