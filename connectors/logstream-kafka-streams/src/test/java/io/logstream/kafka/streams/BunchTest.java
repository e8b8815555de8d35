package io.logstream.kafka.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class BunchTest {
  private static ConsumerRecord<byte[], byte[]> record(int partition, long offset) {
    return new ConsumerRecord<>("t", partition, offset, 1_000 + offset, TimestampType.CREATE_TIME, -1, 1, null, new byte[] {(byte) offset}, new RecordHeaders(), Optional.empty());
  }

  @Test
  void theRecordsOfAPartitionAreOneWithTheOffsetOfTheFirst() {
    TopicPartition a = new TopicPartition("t", 0);
    TopicPartition b = new TopicPartition("t", 1);
    List<ConsumerRecord<byte[], byte[]>> three = List.of(record(0, 7), record(0, 8), record(0, 12));
    Map<TopicPartition, OffsetAndMetadata> next = Map.of(a, new OffsetAndMetadata(13), b, new OffsetAndMetadata(3));
    ConsumerRecords<byte[], byte[]> bound = Bunch.bind(new ConsumerRecords<>(Map.of(a, three, b, List.of(record(1, 2))), next));
    assertThat(bound.records(a)).singleElement().satisfies(one -> {
      assertThat(one.offset()).as("what is committed while the bunch waits").isEqualTo(7);
      assertThat(Bunch.in(one.headers())).isEqualTo(three);
    });
    assertThat(bound.records(b)).singleElement().satisfies(one -> assertThat(one.offset()).isEqualTo(2));
    assertThat(bound.nextOffsets()).as("what is committed behind it").isEqualTo(next);
  }

  @Test
  void aRecordFromABrokerIsNoBunchWhateverItsHeadersSay() {
    assertThat(Bunch.in(new RecordHeaders().add("logstream.bunch", new byte[] {1}))).isNull();
    assertThat(Bunch.in(new RecordHeaders())).isNull();
  }

  @Test
  void nothingPolledIsNoBunch() {
    assertThat(Bunch.bind(ConsumerRecords.<byte[], byte[]>empty()).isEmpty()).isTrue();
  }
}
