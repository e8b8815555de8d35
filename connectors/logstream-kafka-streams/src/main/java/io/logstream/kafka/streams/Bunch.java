package io.logstream.kafka.streams;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Records of one partition that go through Kafka Streams as one: what it does for each record costs more than most stages. The consumer puts them
 * into a header, which no record that comes from a broker can hold, and the task takes them out.
 *
 * <p>That one record has the offset of the first of them. Kafka Streams commits the offset of the next record that it has not processed, or where
 * the consumer stands if it has processed them all; so either all of a bunch counts, or nothing of it.
 */
record Bunch(List<ConsumerRecord<byte[], byte[]>> records) implements Header {
  private static final String KEY = "logstream.bunch";
  private static final byte[] NOTHING = {};

  /** What was polled, the records of each partition in one. */
  static ConsumerRecords<byte[], byte[]> bind(ConsumerRecords<byte[], byte[]> polled) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> bound = new HashMap<>();
    for (TopicPartition partition : polled.partitions()) {
      bound.put(partition, List.of(bind(polled.records(partition))));
    }
    return new ConsumerRecords<>(bound, polled.nextOffsets());
  }

  /** Records of one partition, in one. */
  static ConsumerRecord<byte[], byte[]> bind(List<ConsumerRecord<byte[], byte[]>> records) {
    ConsumerRecord<byte[], byte[]> first = records.get(0);
    Headers headers = new RecordHeaders(new Header[] {new Bunch(records)});
    return new ConsumerRecord<>(first.topic(), first.partition(), first.offset(), first.timestamp(), first.timestampType(), first.serializedKeySize(),
        first.serializedValueSize(), first.key(), first.value(), headers, first.leaderEpoch());
  }

  /** The records that these headers came with; null if they are those of a record by itself. */
  static List<ConsumerRecord<byte[], byte[]>> in(Headers headers) {
    return headers.lastHeader(KEY) instanceof Bunch bunch ? bunch.records : null;
  }

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public byte[] value() {
    return NOTHING;
  }
}
