package io.logstream.kafka.streams;

import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * What a part of a pipeline gives away.
 *
 * @param to the number of the part or topic that it is for
 * @param task which of the part's tasks it is for, or {@link #EVERY_TASK}
 */
record Outgoing(int to, int task, byte[] bytes) {
  static final int EVERY_TASK = -1;

  private static final Serializer<Outgoing> WRITING = (topic, outgoing) -> outgoing == null ? null : outgoing.bytes;
  private static final Deserializer<Outgoing> READING = (topic, bytes) -> bytes == null ? null : new Outgoing(0, 0, bytes);

  /** As its bytes alone. */
  static final Serde<Outgoing> SERDE = Serdes.serdeFrom(WRITING, READING);
}
