package io.logstream.kafka.streams;

import java.util.Map;

/**
 * A log whose events a part of a pipeline gets: a partition of a topic, or what one task of the part before gives it.
 *
 * @param id the same in all processes
 * @param source the number of the pipeline's source that it belongs to
 * @param topic the topic that it is a partition of; null for none
 */
record Origin(int id, int source, String topic, int partition) {
  private static final int MOST_PARTITIONS = 1 << 20;

  static Origin ofTopic(int number, int source, String topic, int partition) {
    return new Origin(number * MOST_PARTITIONS + partition, source, topic, partition);
  }

  static Origin ofPart(int partition) {
    return new Origin(partition, 0, null, partition);
  }

  /** As the log is called within its source. */
  String key(String part) {
    return (topic == null ? part : topic) + "-" + partition;
  }

  /** The fields that all its events have. */
  Map<String, Object> fields() {
    return topic == null ? Map.of() : Map.of("topic", topic, "partition", partition);
  }
}
