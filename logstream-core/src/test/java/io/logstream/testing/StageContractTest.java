package io.logstream.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.Stages;
import io.logstream.State;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StageContractTest {
  private static final String[] LINES = {"alpha 1", "beta 22", "beta 22", "gamma", "delta 5 5", "", "alpha 1", "epsilon 9", "zeta ä 7", "eta"};

  private static Stage stateless(Stage stage) {
    return new Stage() {
      @Override
      public Processor open(StageContext context) {
        return stage.open(context);
      }

      @Override
      public boolean stateless() {
        return true;
      }
    };
  }

  private static void refused(Stage stage, String rule) {
    assertThatThrownBy(() -> StageContract.check(stage, LINES)).isInstanceOf(AssertionError.class).hasMessageContaining("breaks the rule").hasMessageContaining(rule);
  }

  // ---------------------------------------------------------------- sound stages

  @Test
  void acceptsSoundStatelessStages() {
    StageContract.check(Stage.each(e -> e.put("n", e.message().length())), LINES);
    StageContract.check(stateless(c -> (e, out) -> {
      if (e.message().startsWith("beta")) {
        out.drop(e, "beta");
      } else if (e.message().isEmpty()) {
        throw new IllegalArgumentException("empty");
      } else if (e.message().startsWith("z")) {
        out.fail(e, "z", "detail");
      } else {
        out.emit(e.message(e.message() + "!"));
      }
    }), LINES);
    StageContract.of(Stage.each(e -> e.put("twice", 2 * e.number("n", 0)))).behind(Stage.each(e -> e.put("n", e.message().length()))).on(LINES);
  }

  @Test
  void acceptsSoundStagesWithState() {
    StageContract.check(new Dedupe(), LINES);
    StageContract.check(new Delayed(), LINES);
    StageContract.check(c -> (e, out) -> {
      for (String word : e.message().split(" ")) {
        out.emit(out.create().message(word));
      }
      out.emit(e);
      out.emit(e.message("again"));
    }, LINES);
    StageContract.check(new Blanks(), "a", " b", " c", "d", "e", " f");
  }

  /** Drops what it has seen before. */
  private static final class Dedupe implements Stage {
    @Override
    public Processor open(StageContext context) {
      return new Processor() {
        private final Set<String> seen = new HashSet<>();

        @Override
        public void process(LogEvent event, Emitter out) {
          if (seen.add(event.message())) {
            out.emit(event);
          } else {
            out.drop(event, "seen before");
          }
        }

        @Override
        public void save(State state) {
          seen.forEach(s -> state.put(s, new byte[0]));
        }

        @Override
        public void restore(State state, Emitter out) {
          state.forEach((key, value) -> seen.add(key));
        }
      };
    }
  }

  /** Holds every event for a minute of the clock. */
  private static final class Delayed implements Stage {
    @Override
    public Processor open(StageContext context) {
      return new Processor() {
        private final List<LogEvent> held = new ArrayList<>();
        private int saved;

        @Override
        public void process(LogEvent event, Emitter out) {
          held.add(out.hold(event));
          out.atClock(context.clock().instant().plusSeconds(60));
        }

        @Override
        public void onClock(Instant deadline, Emitter out) {
          held.forEach(out::emit);
          held.clear();
        }

        @Override
        public void onEnd(Emitter out) {
          held.forEach(out::emit);
        }

        @Override
        public void save(State state) {
          for (int i = 0; i < saved; i++) {
            state.remove(key(i));
          }
          saved = held.size();
          for (int i = 0; i < saved; i++) {
            state.put(key(i), held.get(i).toBytes());
          }
        }

        private String key(int i) {
          return Integer.toString(1000 + i);
        }

        @Override
        public void restore(State state, Emitter out) {
          state.forEach((key, value) -> {
            held.add(out.restoreHeld(value));
            saved++;
          });
          out.atClock(Instant.parse("2026-01-01T00:01:00Z"));
        }
      };
    }
  }

  private record Blanks() implements io.logstream.Joiner {
    @Override
    public io.logstream.LineJoiner openJoiner(io.logstream.JoinerContext context) {
      return (bytes, from, to, open) -> bytes[from] == ' ' ? io.logstream.LineJoiner.Does.CONTINUES : io.logstream.LineJoiner.Does.BEGINS;
    }

    @Override
    public Duration timeout() {
      return Duration.ofSeconds(2);
    }

    @Override
    public int maxBytes() {
      return 1000;
    }

    @Override
    public int maxLines() {
      return 100;
    }
  }

  // ---------------------------------------------------------------- broken ones

  @Test
  void findsStateInTheStage() {
    Set<String> seen = new HashSet<>();
    refused(c -> (e, out) -> {
      if (seen.add(e.message())) {
        out.emit(e);
      } else {
        out.drop(e, "seen");
      }
    }, "opened twice");
  }

  @Test
  void findsStateThatRunsShareThoughOpeningClearsIt() {
    List<String> shared = new ArrayList<>();
    refused(c -> {
      shared.clear();
      return (e, out) -> {
        shared.add(e.message());
        out.emit(e.put("n", shared.size()));
      };
    }, "opened twice at the same time");
  }

  @Test
  void findsEventsThatAreKept() {
    refused(c -> new Processor() {
      private LogEvent before;

      @Override
      public void process(LogEvent event, Emitter out) {
        out.emit(event.put("before", before == null ? "" : before.message()));
        before = event;
      }
    }, "keeps no event");
  }

  @Test
  void findsBytesThatAreKept() {
    refused(c -> new Processor() {
      private byte[] bytes = {};
      private int from;
      private int to;

      @Override
      public void process(LogEvent event, Emitter out) {
        event.put("before", new String(bytes, from, to - from, StandardCharsets.UTF_8));
        bytes = event.bytes();
        from = event.from();
        to = event.to();
        out.emit(event);
      }
    }, "keeps no event");
  }

  @Test
  void findsVerbsThatAreMissing() {
    refused(c -> (e, out) -> {
      if (!e.message().isEmpty()) {
        out.emit(e);
      }
    }, "exactly one verb");
  }

  @Test
  void findsVerbsThatAreTooMany() {
    refused(c -> (e, out) -> {
      out.emit(e);
      out.absorb(e);
    }, "do not throw");
    refused(c -> (e, out) -> {
      out.emit(e);
      try {
        out.drop(e, "after all");
      } catch (IllegalStateException swallowed) {
        e.put("swallowed", true);
      }
    }, "exactly one verb");
    refused(stateless(c -> (e, out) -> {
      out.emit(e);
      try {
        out.emit(e);
      } catch (IllegalStateException swallowed) {
        e.put("swallowed", true);
      }
    }), "exactly one verb");
  }

  @Test
  void findsHeldEventsThatAreForgotten() {
    refused(c -> (e, out) -> out.hold(e), "exactly one verb");
  }

  @Test
  void findsStagesThatAreNotStatelessAsTheySay() {
    refused(stateless(c -> new Processor() {
      private long count;

      @Override
      public void process(LogEvent event, Emitter out) {
        out.emit(event.put("n", ++count));
      }

      @Override
      public void save(State state) {
        state.put("count", Long.toString(count).getBytes(StandardCharsets.US_ASCII));
      }

      @Override
      public void restore(State state, Emitter out) {
        count = Long.parseLong(new String(state.get("count"), StandardCharsets.US_ASCII));
      }
    }), "stateless");
  }

  @Test
  void findsStateThatIsNotSaved() {
    refused(c -> new Processor() {
      private long count;

      @Override
      public void process(LogEvent event, Emitter out) {
        out.emit(event.put("n", ++count));
      }
    }, "saved and restored");
  }

  @Test
  void findsAnswersThatDependOnBatches() {
    refused(c -> new Processor() {
      private byte[] last = {};

      @Override
      public void process(LogEvent event, Emitter out) {
        boolean first = !Arrays.equals(last, event.bytes()) && event.from() == 0;
        last = event.bytes().clone();
        out.emit(event.put("first of its batch", first));
      }
    }, "borders of batches");
  }

  @Test
  void findsTimersThatThrow() {
    refused(c -> new Processor() {
      @Override
      public void process(LogEvent event, Emitter out) {
        out.emit(event);
      }

      @Override
      public void onEnd(Emitter out) {
        throw new IllegalStateException("at the end");
      }
    }, "do not throw");
  }

  @Test
  void readsFieldsByKeyWithoutComplaint() {
    assertThatCode(() -> StageContract.check(c -> {
      FieldKey key = c.key("word");
      return (e, out) -> {
        int end = e.from();
        while (end < e.to() && e.bytes()[end] != ' ') {
          end++;
        }
        out.emit(e.put(key, e.from(), end).put("length", Span.length(e.span(key))));
      };
    }, LINES)).doesNotThrowAnyException();
  }

  @Test
  void refusesWhatItCannotCheck() {
    assertThatThrownBy(() -> StageContract.check(Stage.each(e -> { }))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> StageContract.check(Stages.of(Stage.each(e -> { }), Stage.each(e -> { }), Stage.inOrder(e -> { })), "a")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("check each by itself");
  }
}
