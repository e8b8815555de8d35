/**
 * Kafka topics as sources and sinks: {@link io.logstream.kafka.KafkaSource} and {@link io.logstream.kafka.KafkaSink}. Start with {@code
 * KafkaSource.topic("logs").servers("broker:9092")}.
 */
package io.logstream.kafka;
