package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MeteringTest {
  /** Notes what it is told, and what could be read then. */
  private static final class Noting implements Metering {
    final List<String> told = Collections.synchronizedList(new ArrayList<>());
    volatile List<Metric> last;

    @Override
    public void started(Metered run) {
      told.add("started " + run.pipeline());
    }

    @Override
    public void stopped(Metered run) {
      last = run.meters();
      told.add("stopped " + run.pipeline());
    }
  }

  private static Stage counting() {
    return new Stage() {
      @Override
      public Processor open(StageContext context) {
        Counter seen = context.counter("seen.lines");
        context.gauge("depth", () -> 7.5);
        context.gauge("nothing", () -> Double.NaN);
        return (event, out) -> {
          seen.increment();
          if (event.message().startsWith("x")) {
            out.drop(event, "crossed out");
          } else if (event.message().startsWith("!")) {
            out.fail(event, "shouted");
          } else {
            out.emit(event);
          }
        };
      }

      @Override
      public String name() {
        return "Counting";
      }
    };
  }

  private static Pipeline pipeline(Metering... bindings) {
    Pipeline pipeline = LogStream.named("p").from(TestLines.of("a", "xb", "!c", "d")).then(counting()).to("out", Sink.each(e -> { })).build();
    for (Metering binding : bindings) {
      pipeline = pipeline.meteredBy(binding);
    }
    return pipeline;
  }

  private static Source neverEnding() {
    return new Source() {
      @Override
      public Reader open(SourceContext context) {
        return new Reader() {
          private boolean given;

          @Override
          public Found poll(Batch batch) {
            if (given) {
              return Found.NOTHING;
            }
            given = true;
            batch.begin(context.log("log", Map.of()), "");
            batch.line("a", 0, 1);
            batch.mark(() -> new byte[1]);
            return Found.SOMETHING;
          }
        };
      }

      @Override
      public String name() {
        return "endless";
      }
    };
  }

  private static double value(List<Metric> metrics, String name, Map<String, String> labels) {
    return metrics.stream().filter(m -> m.name().equals(name) && m.labels().entrySet().containsAll(labels.entrySet())).findFirst().orElseThrow(
        () -> new AssertionError("no " + name + labels + " in " + metrics)).value();
  }

  @Test
  void tellsEveryBindingOfARunWithTheLedgersFiguresAtItsEnd() throws Exception {
    Noting first = new Noting();
    Noting second = new Noting();
    RunningPipeline run = pipeline(first, second).start();
    run.await();

    assertThat(first.told).containsExactly("started p", "stopped p");
    assertThat(second.told).containsExactly("started p", "stopped p");
    List<Metric> metrics = first.last;
    assertThat(value(metrics, "logstream.records.in", Map.of("place", "Counting"))).isEqualTo(4);
    assertThat(value(metrics, "logstream.records.passed", Map.of("place", "Counting"))).isEqualTo(2);
    assertThat(value(metrics, "logstream.records.dropped", Map.of("place", "Counting", "reason", "crossed out"))).isEqualTo(1);
    assertThat(value(metrics, "logstream.records.failed", Map.of("place", "Counting", "cause", "shouted"))).isEqualTo(1);
    assertThat(value(metrics, "logstream.records.absorbed", Map.of("place", "out"))).isEqualTo(2);
    assertThat(value(metrics, "logstream.seen.lines", Map.of("place", "Counting"))).isEqualTo(4);
    assertThat(value(metrics, "logstream.depth", Map.of("place", "Counting"))).isEqualTo(7.5);
    assertThat(metrics).noneMatch(m -> m.name().equals("logstream.nothing"));
    assertThat(run.metrics()).containsEntry("Counting.depth", 7L).containsEntry("Counting.seen.lines", 4L);
    assertThat(run.ledger().balances()).isTrue();
  }

  @Test
  void givesAllMetricsOfOneNameTheSameLabelsAndNoneTwice() throws Exception {
    RunningPipeline run = pipeline().start();
    run.await();

    Map<String, Set<Set<String>>> labels = new HashMap<>();
    run.meters().forEach(m -> labels.computeIfAbsent(m.name(), n -> new java.util.HashSet<>()).add(m.labels().keySet()));
    assertThat(labels).allSatisfy((name, keys) -> assertThat(keys).as(name).hasSize(1));
    Map<Metric.Id, Long> times = run.meters().stream().collect(Collectors.groupingBy(Metric::id, Collectors.counting()));
    assertThat(times.values()).allMatch(n -> n == 1);
  }

  @Test
  void sumsWhatIsCountedForEachLog() {
    Source twoLogs = new Source() {
      @Override
      public Reader open(SourceContext context) {
        context.log("one", Map.of()).counter("rotations").add(2);
        context.log("two", Map.of()).counter("rotations").add(3);
        context.log("two", Map.of()).gauge("lag.bytes", () -> 4);
        context.gauge("open", () -> 2);
        return new Reader() {
          @Override
          public Found poll(Batch batch) {
            return Found.END;
          }
        };
      }

      @Override
      public String name() {
        return "files";
      }
    };
    try (InlineRun run = LogStream.named("p").from(twoLogs).to(Sink.each(e -> { })).build().inline(java.time.InstantSource.system())) {
      run.work();
      assertThat(run.metrics()).containsEntry("files.rotations", 5L).containsEntry("files.rotations[one]", 2L).containsEntry("files.rotations[two]", 3L)
          .containsEntry("files.lag.bytes", 4L).containsEntry("files.open", 2L);
      assertThat(value(run.meters(), "logstream.rotations", Map.of("log", "two", "place", "files"))).isEqualTo(3);
      assertThat(value(run.meters(), "logstream.open", Map.of("log", ""))).isEqualTo(2);
    }
  }

  @Test
  void goesOnWhenABindingThrows() throws Exception {
    Noting sound = new Noting();
    Metering broken = new Metering() {
      @Override
      public void started(Metered run) {
        throw new IllegalStateException("no registry");
      }

      @Override
      public void stopped(Metered run) {
        throw new IllegalStateException("no registry");
      }
    };
    RunningPipeline run = pipeline(broken, sound).start();
    assertThat(run.await(Duration.ofSeconds(20))).isTrue();
    assertThat(sound.told).containsExactly("started p", "stopped p");
    assertThat(run.ledger().balances()).isTrue();
  }

  @Test
  void saysHowOldTheCheckpointIsAndHowFarTheWatermarkLags(@org.junit.jupiter.api.io.TempDir java.nio.file.Path dir) throws Exception {
    RunningPipeline run = LogStream.named("p").from(neverEnding()).then(Stage.each(e -> { })).to(Sink.each(e -> { })).build()
        .checkpointIn(dir).checkpointEvery(Duration.ofMillis(20)).start();
    try {
      Function<String, Boolean> there = name -> run.meters().stream().anyMatch(m -> m.name().equals(name));
      long deadline = System.nanoTime() + 20_000_000_000L;
      while (!(there.apply("logstream.checkpoint.age.seconds") && there.apply("logstream.watermark.lag.seconds")) && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(value(run.meters(), "logstream.checkpoint.age.seconds", Map.of("pipeline", "p"))).isBetween(0.0, 60.0);
      assertThat(value(run.meters(), "logstream.watermark.lag.seconds", Map.of())).isBetween(-1.0, 60.0);
      assertThat(value(run.meters(), "logstream.running", Map.of())).isEqualTo(1);
    } finally {
      run.close();
    }
  }
}
