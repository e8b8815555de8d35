package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SaveRestoreTest extends EveryWay {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** Counts events, holds every third one back by four, and sums up every ten seconds of event time. */
  static final class Counting implements Stage {
    @Override
    public Processor open(StageContext context) {
      return new Processor() {
        private long count;
        private long inWindow;
        private final java.util.TreeSet<Long> due = new java.util.TreeSet<>();
        private final List<LogEvent> held = new ArrayList<>();

        @Override
        public void process(LogEvent event, Emitter out) {
          count++;
          inWindow++;
          long end = event.time().getEpochSecond() / 10 * 10 + 10;
          due.add(end);
          out.at(Instant.ofEpochSecond(end));
          if (count % 3 == 0) {
            held.add(out.hold(event.put("held", count)));
          } else {
            out.emit(event.put("n", count));
          }
          if (held.size() == 4) {
            out.emit(held.remove(0));
          }
        }

        @Override
        public void onTimer(Instant deadline, Emitter out) {
          due.remove(deadline.getEpochSecond());
          if (inWindow > 0) {
            out.emit(out.create().message("window to " + deadline.getEpochSecond()).put("sum", inWindow));
            inWindow = 0;
          }
        }

        @Override
        public void onEnd(Emitter out) {
          held.forEach(out::emit);
        }

        @Override
        public void save(State state) {
          state.put("numbers", (count + " " + inWindow + " " + held.size() + " " + String.join(" ", due.stream().map(String::valueOf).toList())).getBytes(StandardCharsets.UTF_8));
          for (int i = 0; i < held.size(); i++) {
            state.put("held" + i, held.get(i).toBytes());
          }
        }

        @Override
        public void restore(State state, Emitter out) {
          String[] numbers = new String(state.get("numbers"), StandardCharsets.UTF_8).split(" ");
          count = Long.parseLong(numbers[0]);
          inWindow = Long.parseLong(numbers[1]);
          for (int i = 0; i < Integer.parseInt(numbers[2]); i++) {
            held.add(out.restoreHeld(state.get("held" + i)));
          }
          for (int i = 3; i < numbers.length; i++) {
            due.add(Long.parseLong(numbers[i]));
            out.at(Instant.ofEpochSecond(due.last()));
          }
        }
      };
    }

    @Override
    public String name() {
      return "Counting";
    }
  }

  private static List<String> eventsOf(int every) {
    List<String> seen = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      lines.add(i % 7 == 3 ? " more " + i : i + " line");
    }
    GrowingLog log = new GrowingLog("log").perBatch(1).add(lines.toArray(String[]::new));
    boolean[] heard = {true};
    Pipeline pipeline = LogStream.named("p").from(log).then(Glue.lines()).then("time", Timed.outOfOrder(2)).then(new Counting())
        .to(Sink.each(e -> {
          if (heard[0]) {
            seen.add(shown(e) + " " + e.time() + " " + e.id() + " " + e.text("file"));
          }
        })).build();
    InlineRun run = pipeline.inline(TestClock.at(START));
    run.work();
    run.close();
    assertBalanced(run.ledger());
    if (every == 0) {
      return seen;
    }
    seen.clear();
    GrowingLog slowly = new GrowingLog("log").perBatch(1);
    Pipeline again = pipeline.reading(slowly);
    run = again.inline(TestClock.at(START));
    for (int i = 0; i < lines.size(); i++) {
      slowly.add(lines.get(i));
      run.work();
      if (i % every == 0) {
        byte[] saved = run.save();
        assertBalanced(run.ledger());
        heard[0] = false;
        run.close();
        heard[0] = true;
        run = again.inline(TestClock.at(START), saved);
      }
    }
    run.close();
    assertBalanced(run.ledger());
    return seen;
  }

  @Test
  void givesTheSameEventsWhenSavedAndRestoredAnywhere() {
    List<String> undisturbed = eventsOf(0);
    assertThat(undisturbed).hasSizeGreaterThan(50).anyMatch(e -> e.startsWith("window to 20"));
    for (int every : new int[] {1, 2, 5, 11}) {
      assertThat(eventsOf(every)).as("every %s", every).isEqualTo(undisturbed);
    }
  }

  @Test
  void goesOnWithTimeThoughALogSaysNothingAfterARestart() {
    List<String> seen = new ArrayList<>();
    GrowingLog log = GrowingLog.of("100 a");
    Pipeline pipeline = LogStream.named("p").from(log).then(Timed.outOfOrder(2)).then(new Counting()).to(Sink.each(e -> seen.add(e.message()))).build();
    TestClock clock = TestClock.at(START);
    InlineRun first = pipeline.inline(clock);
    first.work();
    byte[] saved = first.save();
    first.close();
    seen.clear();

    InlineRun second = pipeline.inline(clock, saved);
    second.work();
    clock.advance(Duration.ofSeconds(11));
    second.work();
    clock.advance(Duration.ofMinutes(1));
    second.work();
    assertThat(second.watermark()).isEqualTo(Instant.ofEpochSecond(100 + 71 - 2));
    second.close();
    assertBalanced(second.ledger());
  }

  @Test
  void keepsBytesOfAHeldEventThatAreNotText() {
    byte[] bytes = {'a', (byte) 0xff, (byte) 0xc3, 'b'};
    List<byte[]> seen = new ArrayList<>();
    Source raw = context -> {
      Log log = context.log("raw", java.util.Map.of());
      boolean restored = context.saved().containsKey("raw");
      return new Reader() {
        private boolean read = restored;

        @Override
        public Found poll(Batch batch) {
          if (read) {
            return Found.NOTHING;
          }
          read = true;
          batch.begin(log, "");
          System.arraycopy(bytes, 0, batch.room(4), batch.used(), 4);
          batch.filled(4);
          batch.line(batch.used() - 4, batch.used(), 0, 1);
          batch.mark(() -> new byte[1]);
          return Found.SOMETHING;
        }
      };
    };
    for (boolean restart : new boolean[] {false, true}) {
      seen.clear();
      Pipeline pipeline = LogStream.named("p").from(raw).then(stage("holds")).to(Sink.each(e -> seen.add(java.util.Arrays.copyOfRange(e.bytes(), e.from(), e.to())))).build();
      InlineRun run = pipeline.inline(TestClock.at(START));
      run.work();
      if (restart) {
        run = pipeline.inline(TestClock.at(START), run.save());
      }
      run.close();
      assertThat(seen).as("restart %s", restart).containsExactly(bytes);
    }
  }

  private static Stage stage(String name) {
    return context -> new Processor() {
      private LogEvent held;

      @Override
      public void process(LogEvent event, Emitter out) {
        held = out.hold(event);
      }

      @Override
      public void onEnd(Emitter out) {
        out.emit(held);
      }

      @Override
      public void save(State state) {
        state.put(name, held.toBytes());
      }

      @Override
      public void restore(State state, Emitter out) {
        held = out.restoreHeld(state.get(name));
      }
    };
  }

  @Test
  void tellsStatesApartWhoseStagesHaveNamesThatContinueEachOther() {
    List<String> restored = new ArrayList<>();
    PipelineBuilder builder = LogStream.named("p").from(GrowingLog.of("a"));
    for (String name : List.of("x", "x/y")) {
      builder.then(name, c -> new Processor() {
        @Override
        public void process(LogEvent event, Emitter out) {
          out.emit(event);
        }

        @Override
        public void save(State state) {
          state.put("of", name.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void restore(State state, Emitter out) {
          state.forEach((key, value) -> restored.add(name + " " + key + "=" + new String(value, StandardCharsets.UTF_8)));
        }
      });
    }
    Pipeline pipeline = builder.build();
    InlineRun run = pipeline.inline(TestClock.at(START));
    run.work();
    pipeline.inline(TestClock.at(START), run.save()).close();
    assertThat(restored).containsExactly("x of=x", "x/y of=x/y");
  }
}
