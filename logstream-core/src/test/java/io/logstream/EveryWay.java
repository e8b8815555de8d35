package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Runs a scenario inline and on the ring, with few and many lanes, small and large batches and rings, and demands one answer. */
abstract class EveryWay {
  static final Duration LONG = Duration.ofSeconds(20);

  /** A pipeline over a bounded source that brings so many lines at a time, and tells the journal what it sees. */
  @FunctionalInterface
  interface Scenario {
    Pipeline pipeline(int perBatch, Journal journal);
  }

  /** What was seen, in order. */
  static final class Journal {
    final List<String> entries = Collections.synchronizedList(new ArrayList<>());

    void add(String entry) {
      entries.add(entry);
    }

    /** A sink on the trunk that notes message and fields. */
    Sink sink(String label) {
      return Sink.each(e -> add(label + ": " + shown(e)));
    }
  }

  record Seen(List<String> entries, Ledger ledger) {}

  private record Ring(int lanes, int perBatch, int ring) {}

  static String shown(LogEvent event) {
    Map<String, Object> fields = new TreeMap<>(event.fields());
    return event.message() + (fields.isEmpty() ? "" : " " + fields);
  }

  /** Runs the scenario in every way; gives what was seen in all of them. */
  static Seen inEveryWay(Scenario scenario) {
    Seen first = inline(scenario, 1);
    for (int perBatch : new int[] {7, 256}) {
      same(first, inline(scenario, perBatch), "inline, batches of " + perBatch);
    }
    for (Ring way : List.of(new Ring(0, 1, 2), new Ring(0, 7, 64), new Ring(1, 7, 2), new Ring(2, 1, 64), new Ring(2, 256, 2), new Ring(4, 7, 2),
        new Ring(4, 1, 64))) {
      same(first, onRing(scenario, way), way.toString());
    }
    return first;
  }

  private static void same(Seen first, Seen other, String way) {
    assertThat(other.entries).as(way).isEqualTo(first.entries);
    assertThat(other.ledger.toString()).as(way).isEqualTo(first.ledger.toString());
  }

  static Seen inline(Scenario scenario, int perBatch) {
    Journal journal = new Journal();
    InlineRun run = scenario.pipeline(perBatch, journal).inline(TestClock.at(Instant.parse("2026-01-01T00:00:00Z")));
    run.work();
    assertBalanced(run.ledger());
    run.close();
    assertBalanced(run.ledger());
    return new Seen(List.copyOf(journal.entries), run.ledger());
  }

  private static Seen onRing(Scenario scenario, Ring way) {
    Journal journal = new Journal();
    RunningPipeline run = scenario.pipeline(way.perBatch, journal).lanes(way.lanes).ring(way.ring).start();
    assertThat(run.await(LONG)).as("%s ends", way).isTrue();
    run.close();
    assertBalanced(run.ledger());
    return new Seen(List.copyOf(journal.entries), run.ledger());
  }

  static void assertBalanced(Ledger ledger) {
    assertThat(ledger.imbalances()).as(ledger.toString()).isEmpty();
  }

  static TestLines lines(int count, int perBatch) {
    return new TestLines("lines", numbered(count), perBatch);
  }

  static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> "line " + i).toList();
  }

  /** A stage on the trunk: not stateless. */
  static Stage stage(Processor processor) {
    return context -> processor;
  }

  /** A stage that says it is stateless. */
  static Stage stateless(Processor processor) {
    return new Stage() {
      @Override
      public Processor open(StageContext context) {
        return processor;
      }

      @Override
      public boolean stateless() {
        return true;
      }
    };
  }

  /** A sink behind an outbox. */
  static Sink blocking(Sink sink) {
    return new Sink() {
      @Override
      public Processor open(StageContext context) {
        return sink.open(context);
      }

      @Override
      public boolean blocks() {
        return true;
      }
    };
  }
}
