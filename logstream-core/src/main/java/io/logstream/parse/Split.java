package io.logstream.parse;

import io.logstream.BudgetedMatcher;
import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.State;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A stage that cuts the text of a log at borders that may lie within lines, where {@link Multiline} joins whole lines only. It puts the
 * lines of a log together again, line feeds and all, and cuts before or behind each match of a regular expression, in which {@code ^} and
 * {@code $} stand for the beginning and end of a line.
 *
 * <p>Events have the fields, time and position of the line with which a text began that was not cut yet when the next border came. The text
 * behind the last border waits for the next one, for 1 s with nothing to read unless said, or for the end; it is cut at 1 Mi characters.
 * Text before the first border is an event. Bytes that are not UTF-8 become U+FFFD. In the ledger lines are absorbed and events created.
 * Where the expression cannot be decided within its step budget there is no border, counted as {@code undecided}. Immutable.
 */
public final class Split implements Stage {
  private static final int MOST = 1 << 20;

  private final Pattern pattern;
  private final boolean before;
  private final boolean omits;
  private final Duration timeout;

  private Split(Pattern pattern, boolean before, boolean omits, Duration timeout) {
    this.pattern = pattern;
    this.before = before;
    this.omits = omits;
    this.timeout = timeout;
  }

  private static Split at(String word, String regex, boolean before) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(regex, Pattern.MULTILINE);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("Split." + word + "(..): " + e.getMessage(), e);
    }
    if (Multiline.matchesNothing("Split." + word, pattern)) {
      throw new IllegalArgumentException("Split." + word + "(\"" + regex + "\") matches the empty string, so that there would be a border everywhere; "
          + "give a pattern that takes at least one character");
    }
    return new Split(pattern, before, false, Duration.ofSeconds(1));
  }

  /** An event begins with each match. */
  public static Split before(String regex) {
    Objects.requireNonNull(regex, "regex of Split.before");
    return at("before", regex, true);
  }

  /** An event ends with each match. */
  public static Split after(String regex) {
    Objects.requireNonNull(regex, "regex of Split.after");
    return at("after", regex, false);
  }

  /** The same, with what matched left out of the events. */
  public Split omitted() {
    return new Split(pattern, before, true, timeout);
  }

  /** How long text waits for the next border while there is nothing to read; 1 s unless said. */
  public Split timeout(Duration silence) {
    if (Objects.requireNonNull(silence, "timeout").toMillis() <= 0) {
      throw new IllegalArgumentException("timeout must be at least a millisecond, was " + silence);
    }
    return new Split(pattern, before, omits, silence);
  }

  @Override
  public Processor open(StageContext context) {
    return new Cutting(context);
  }

  @Override
  public String toString() {
    return (before ? "before " : "after ") + pattern;
  }

  /** The uncut text of one log. */
  private static final class Uncut {
    LogEvent first;
    /** What stands here before {@link #begin} was cut off already, and only tells whether a line begins there. */
    final StringBuilder text = new StringBuilder();
    int begin;
    /** Where the text of the event begins, behind a match that is left out. */
    int content;
    /** From here on, the beginning of a line, borders are looked for. */
    int resume;
    int lastLine;
    long deadline;
  }

  private final class Cutting implements Processor {
    private final StageContext context;
    private final BudgetedMatcher matcher = new BudgetedMatcher(pattern);
    private final Map<String, Uncut> logs = new LinkedHashMap<>();
    private final Map<String, Uncut> saved = new HashMap<>();

    Cutting(StageContext context) {
      this.context = context;
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      String key = event.position().log() + '\0' + event.text("stream", "");
      Uncut uncut = logs.get(key);
      if (uncut == null) {
        uncut = new Uncut();
        logs.put(key, uncut);
      } else {
        uncut.text.append('\n');
      }
      uncut.lastLine = uncut.text.length();
      uncut.text.append(event.message());
      if (uncut.first == null) {
        uncut.first = out.hold(event);
      } else {
        out.absorb(event);
      }
      cut(uncut, out);
      uncut.deadline = context.clock().millis() + timeout.toMillis();
      out.atClock(Instant.ofEpochMilli(uncut.deadline));
    }

    private void cut(Uncut uncut, Emitter out) {
      int offset = uncut.resume;
      boolean found;
      try {
        found = matcher.find(uncut.text.substring(offset));
        while (found) {
          border(uncut, offset + matcher.start(0), offset + matcher.end(0), out);
          found = matcher.findNext();
        }
      } catch (BudgetedMatcher.BudgetExceeded e) {
        context.counter("undecided").increment();
      }
      if (uncut.text.length() - uncut.begin > MOST) {
        emit(uncut, uncut.text.length(), out);
        uncut.begin = uncut.text.length();
        uncut.content = uncut.begin;
      }
      // a match may begin in the last line and end in the next: look at that line again, unless it is cut already
      uncut.resume = Math.max(uncut.lastLine, uncut.resume);
      int done = Math.min(uncut.begin, uncut.resume);
      if (done > 0) {
        uncut.text.delete(0, done);
        uncut.begin -= done;
        uncut.content -= done;
        uncut.resume -= done;
        uncut.lastLine -= done;
      }
    }

    private void border(Uncut uncut, int start, int end, Emitter out) {
      if (before) {
        if (start > uncut.begin) {
          emit(uncut, start, out);
          uncut.begin = start;
        } else if (start < uncut.begin) {
          return;
        }
        uncut.content = omits ? end : start;
      } else if (end > uncut.begin) {
        emit(uncut, omits ? Math.max(start, uncut.begin) : end, out);
        uncut.begin = end;
        uncut.content = end;
      }
    }

    /** Emits the text up to here as an event of its own; the held one stands for what follows. */
    private void emit(Uncut uncut, int to, Emitter out) {
      out.emit(uncut.first.copy().message(uncut.text.substring(uncut.content, Math.max(to, uncut.content))));
    }

    private void rest(Uncut uncut, Emitter out) {
      String text = uncut.text.substring(uncut.content);
      if (text.isEmpty()) {
        out.absorb(uncut.first);
      } else {
        out.emit(uncut.first.message(text));
      }
    }

    @Override
    public void onClock(Instant deadline, Emitter out) {
      long now = deadline.toEpochMilli();
      logs.values().removeIf(uncut -> {
        if (uncut.deadline > now) {
          return false;
        }
        if (!context.silent(uncut.first, Instant.ofEpochMilli(uncut.deadline))) {
          out.atClock(Instant.ofEpochMilli(now + 100));
          return false;
        }
        rest(uncut, out);
        return true;
      });
    }

    @Override
    public void onEnd(Emitter out) {
      logs.values().forEach(uncut -> rest(uncut, out));
      logs.clear();
    }

    @Override
    public void save(State state) {
      saved.keySet().forEach(state::remove);
      saved.clear();
      logs.forEach((key, uncut) -> {
        state.put(key, uncut.first.copy().message(uncut.text.toString()).toBytes());
        state.put("\0" + key, (uncut.begin + " " + uncut.content + " " + uncut.resume + " " + uncut.lastLine).getBytes(StandardCharsets.US_ASCII));
        saved.put(key, uncut);
        saved.put("\0" + key, uncut);
      });
    }

    @Override
    public void restore(State state, Emitter out) {
      state.forEach((key, bytes) -> {
        if (key.startsWith("\0")) {
          return;
        }
        String[] numbers = new String(state.get("\0" + key), StandardCharsets.US_ASCII).split(" ");
        Uncut uncut = new Uncut();
        uncut.first = out.restoreHeld(bytes);
        uncut.text.append(uncut.first.message());
        uncut.begin = Integer.parseInt(numbers[0]);
        uncut.content = Integer.parseInt(numbers[1]);
        uncut.resume = Integer.parseInt(numbers[2]);
        uncut.lastLine = Integer.parseInt(numbers[3]);
        uncut.deadline = context.clock().millis() + timeout.toMillis();
        out.atClock(Instant.ofEpochMilli(uncut.deadline));
        logs.put(key, uncut);
        saved.put(key, uncut);
        saved.put("\0" + key, uncut);
      });
    }
  }
}
