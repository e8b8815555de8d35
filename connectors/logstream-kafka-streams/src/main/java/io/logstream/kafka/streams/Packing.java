package io.logstream.kafka.streams;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Events on their way to one task of another part, put together: what Kafka and Kafka Streams do for each record costs more than most stages. They
 * wait until there are enough, or the task tells the time, or commits. One thread.
 */
final class Packing {
  static final int FULL = 16 * 1024;

  private ByteBuffer bytes = ByteBuffer.allocate(1024);

  /** Adds an event; true if it is time to send. */
  boolean add(int origin, long watermark, byte[] event) {
    int needed = bytes.position() + Told.HEAD + event.length;
    if (needed > bytes.capacity()) {
      bytes = ByteBuffer.allocate(Math.max(needed, 2 * bytes.capacity())).put(bytes.flip());
    }
    Told.put(bytes, Told.EVENT, origin, watermark, event);
    return bytes.position() >= FULL;
  }

  /** What has come together; null for nothing. */
  byte[] take() {
    if (bytes.position() == 0) {
      return null;
    }
    byte[] all = Arrays.copyOf(bytes.array(), bytes.position());
    bytes = bytes.capacity() > 8 * FULL ? ByteBuffer.allocate(1024) : bytes.clear();
    return all;
  }
}
