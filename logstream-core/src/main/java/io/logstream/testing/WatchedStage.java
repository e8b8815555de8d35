package io.logstream.testing;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A stage that gives another one events of its own, overwrites each after {@code process} has returned if told to, and takes note of
 * verbs that are missing or too many.
 */
final class WatchedStage implements Stage {
  private static final int MOST_WRONGS = 10;

  private final Stage watched;
  private final boolean overwriting;
  private final List<String> wrongs = new ArrayList<>();

  WatchedStage(Stage watched, boolean overwriting) {
    this.watched = watched;
    this.overwriting = overwriting;
  }

  List<String> wrongs() {
    return wrongs;
  }

  @Override
  public String name() {
    return watched.name();
  }

  @Override
  public Optional<List<String>> stateBy() {
    return watched.stateBy();
  }

  @Override
  public Optional<List<String>> needs() {
    return watched.needs();
  }

  @Override
  public Map<String, Sink> sides() {
    return watched.sides();
  }

  @Override
  public Processor open(StageContext context) {
    return new Watch(watched.open(context));
  }

  private static void overwrite(LogEvent event) {
    byte[] bytes = event.bytes();
    Arrays.fill(bytes, event.from(), event.to(), (byte) '#');
    for (String field : List.copyOf(event.fields().keySet())) {
      event.remove(field);
    }
    event.message("overwritten").put("overwritten", true).time(Instant.EPOCH);
  }

  private final class Watch implements Processor, Emitter {
    private final Processor processor;
    private final Set<LogEvent> held = Collections.newSetFromMap(new IdentityHashMap<>());
    private Emitter real;
    /** The event that the watched processor was given, and the engine's own that it stands for. */
    private LogEvent own;
    private LogEvent engines;
    private String said;
    private long events;

    Watch(Processor processor) {
      this.processor = processor;
    }

    private interface Call {
      void on(Emitter out) throws Exception;
    }

    private void call(Emitter out, Call call) throws Exception {
      real = out;
      call.on(this);
    }

    @Override
    public void process(LogEvent event, Emitter out) throws Exception {
      events++;
      engines = event;
      own = event.copy();
      said = null;
      boolean thrown = true;
      try {
        call(out, to -> processor.process(own, to));
        thrown = false;
      } finally {
        if (thrown && said != null) {
          wrong("throws after it has said '" + said + "'");
        } else if (!thrown && said == null) {
          wrong("nothing is said");
        }
        if (said == null && !thrown) {
          out.absorb(event);
        }
        if (overwriting) {
          overwrite(own);
        }
        own = null;
        engines = null;
      }
    }

    private void wrong(String what) {
      if (wrongs.size() < MOST_WRONGS) {
        wrongs.add("event " + events + (engines == null ? ", in a timer, at the end or in restore" : " (" + engines.message() + ")") + ": " + what);
      }
    }

    /** Whether the engine must be told of the event under way, which is settled by this. */
    private boolean settles(LogEvent event, String verb) {
      if (event == own && own != null) {
        if (said == null) {
          said = verb;
          return true;
        }
        wrong("'" + verb + "' is said after '" + said + "'");
      } else if (!held.remove(event)) {
        wrong("'" + verb + "' is said about an event that was settled before or is not its own");
      }
      return false;
    }

    @Override
    public void emit(LogEvent event) {
      boolean first = false;
      if (watched.stateless() && said != null) {
        wrong("'emit' is said after '" + said + "', by a stage that says it is stateless");
      }
      if (event == own && said == null) {
        first = true;
        said = "emit";
      } else if (event == own && !said.equals("emit")) {
        wrong("'emit' is said after '" + said + "'");
      } else if (watched.stateless() && said == null) {
        // another event in place of the one given
        first = true;
        said = "emit";
      }
      held.remove(event);
      real.emit(event);
      if (first) {
        real.absorb(engines);
      }
    }

    @Override
    public void drop(LogEvent event, String reason) {
      if (settles(event, "drop")) {
        real.drop(engines, reason);
      }
    }

    @Override
    public void fail(LogEvent event, String cause) {
      fail(event, cause, null);
    }

    @Override
    public void fail(LogEvent event, String cause, String detail) {
      if (settles(event, "fail")) {
        real.fail(engines, cause, detail);
      }
    }

    @Override
    public void absorb(LogEvent event) {
      if (settles(event, "absorb")) {
        real.absorb(engines);
      }
    }

    @Override
    public void aside(String side, LogEvent event) {
      real.aside(side, event);
    }

    @Override
    public LogEvent hold(LogEvent event) {
      refuseIfStateless("holds an event");
      if (event != own || own == null) {
        wrong("'hold' is said about an event that it was not given now");
      } else if (settles(event, "hold")) {
        real.absorb(engines);
      }
      LogEvent kept = event.copy();
      held.add(kept);
      return kept;
    }

    @Override
    public LogEvent create() {
      return real.create();
    }

    @Override
    public LogEvent restoreHeld(byte[] saved) {
      return real.restoreHeld(saved);
    }

    @Override
    public void at(Instant deadline) {
      refuseIfStateless("asks for a timer");
      real.at(deadline);
    }

    @Override
    public void atClock(Instant deadline) {
      refuseIfStateless("asks for a timer");
      real.atClock(deadline);
    }

    private void refuseIfStateless(String what) {
      if (watched.stateless()) {
        wrong(what + ", though it says that it is stateless");
      }
    }

    @Override
    public void onOpen(Emitter out) throws Exception {
      call(out, processor::onOpen);
    }

    @Override
    public void onTimer(Instant deadline, Emitter out) throws Exception {
      call(out, to -> processor.onTimer(deadline, to));
    }

    @Override
    public void onClock(Instant deadline, Emitter out) throws Exception {
      call(out, to -> processor.onClock(deadline, to));
    }

    @Override
    public void onEnd(Emitter out) throws Exception {
      call(out, processor::onEnd);
      if (!held.isEmpty()) {
        wrong(held.size() + " held events are still held at the end of input");
      }
    }

    @Override
    public void save(State state) throws Exception {
      processor.save(state);
    }

    @Override
    public void onStop(Emitter out) throws Exception {
      call(out, processor::onStop);
    }

    @Override
    public void restore(State state, Emitter out) throws Exception {
      call(out, to -> processor.restore(state, to));
    }

    @Override
    public void flush() throws Exception {
      processor.flush();
    }

    @Override
    public void onQuiet() throws Exception {
      processor.onQuiet();
    }

    @Override
    public void close() {
      processor.close();
    }
  }
}
