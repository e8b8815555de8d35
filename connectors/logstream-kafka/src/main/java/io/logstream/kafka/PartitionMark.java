package io.logstream.kafka;

import io.logstream.Mark;
import java.nio.ByteBuffer;

/**
 * How far a partition has been read.
 *
 * @param next the offset of the record to be read next
 * @param turn tells apart the times that the partition was this run's
 */
record PartitionMark(long next, long turn) implements Mark {
  @Override
  public byte[] encode() {
    return ByteBuffer.allocate(Long.BYTES).putLong(next).array();
  }

  /** The offset of the record to be read next; -1 if that cannot be told. */
  static long next(byte[] saved) {
    return saved == null || saved.length != Long.BYTES ? -1 : ByteBuffer.wrap(saved).getLong();
  }
}
