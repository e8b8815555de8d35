/**
 * Real Kafka brokers for tests and examples, each in a process of its own: {@link io.logstream.kafka.testing.KafkaBroker}. They listen on
 * 127.0.0.1 only and need nothing installed.
 */
package io.logstream.kafka.testing;
