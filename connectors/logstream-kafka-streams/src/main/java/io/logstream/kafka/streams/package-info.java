/**
 * Pipelines for what does not fit one machine: {@link io.logstream.kafka.streams.KafkaStreamsRunner} runs the stages of a pipeline inside Kafka
 * Streams, on as many processes as there are partitions. Start there.
 */
package io.logstream.kafka.streams;
