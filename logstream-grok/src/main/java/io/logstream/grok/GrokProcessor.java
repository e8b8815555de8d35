package io.logstream.grok;

import io.logstream.BudgetedMatcher;
import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Matches, and puts captures as spans of the bytes they were found in. */
final class GrokProcessor implements Processor {
  private final Try[] tries;
  private final Grok.Settings settings;
  private final boolean anywhere;
  private final FieldKey from;
  private final Counter unconverted;
  private final Ascii number = new Ascii();

  // the text under way, and whether it stands in the event's own bytes
  private byte[] bytes;
  private int begin;
  private int end;
  private boolean inPlace;
  private Try under;

  /** A pattern, with what this processor needs to run it. */
  private static final class Try {
    final Compiled.Finder finder;
    final FieldKey[] keys;
    final Translation.Capture[][] captures;
    /** Twice the group of the one capture of a field where that is text; -1 for other fields. */
    final int[] plain;
    final Counter hits;
    final Counter misses;
    final Counter steps;

    Try(Compiled pattern, int number, StageContext context) {
      finder = pattern.finder();
      int count = pattern.fields().size();
      keys = new FieldKey[count];
      captures = new Translation.Capture[count][];
      plain = new int[count];
      for (int i = 0; i < count; i++) {
        keys[i] = context.key(pattern.fields().get(i).name());
        captures[i] = pattern.fields().get(i).captures().toArray(new Translation.Capture[0]);
        plain[i] = captures[i].length == 1 && captures[i][0].type() == Type.TEXT ? 2 * captures[i][0].group() : -1;
      }
      String counted = "pattern" + number + ".";
      hits = context.counter(counted + "hits");
      misses = context.counter(counted + "misses");
      steps = context.counter(counted + "steps");
    }
  }

  GrokProcessor(List<Compiled> patterns, Grok.Settings settings, boolean anywhere, StageContext context) {
    this.tries = new Try[patterns.size()];
    for (int i = 0; i < tries.length; i++) {
      tries[i] = new Try(patterns.get(i), i + 1, context);
    }
    this.settings = settings;
    this.anywhere = anywhere;
    this.from = context.key(settings.from());
    this.unconverted = context.counter("unconverted");
  }

  @Override
  public void process(LogEvent event, Emitter out) {
    if (!read(event)) {
      missed(event, out, "the event has no field '" + settings.from() + "'");
      return;
    }
    try {
      for (Try one : tries) {
        if (tries.length > 1 && !one.finder.mayFind(bytes, begin, end)) {
          one.misses.increment();
          continue;
        }
        under = one;
        boolean found = one.finder.find(bytes, begin, end) && (anywhere || one.finder.end(0) == end);
        one.steps.add(one.finder.steps());
        if (found) {
          one.hits.increment();
          putFields(event, one);
          out.emit(event);
          return;
        }
        one.misses.increment();
      }
    } catch (BudgetedMatcher.BudgetExceeded e) {
      under.misses.increment();
      under.steps.add(under.finder.steps());
      out.fail(event, Grok.TOO_MANY_STEPS, e.getMessage());
      return;
    }
    missed(event, out, tries.length == 1 ? "the pattern matches nowhere" : "none of " + tries.length + " patterns matches");
  }

  private boolean read(LogEvent event) {
    long span = event.span(from);
    inPlace = span != Span.NONE;
    if (inPlace) {
      bytes = event.bytes();
      begin = Span.from(span);
      end = Span.to(span);
      return true;
    }
    String other = event.text(from);
    if (other != null) {
      bytes = other.getBytes(StandardCharsets.UTF_8);
      begin = 0;
      end = bytes.length;
    }
    return other != null;
  }

  private void putFields(LogEvent event, Try one) {
    int[] found = one.finder.found();
    FieldKey[] keys = one.keys;
    for (int i = 0; i < keys.length; i++) {
      int at = inPlace ? one.plain[i] : -1;
      if (at < 0) {
        putField(event, one, i);
      } else if (found[at] >= 0 && (found[at + 1] > found[at] || settings.keepEmpty())) {
        event.put(keys[i], found[at], found[at + 1]);
      }
    }
  }

  private void putField(LogEvent event, Try one, int field) {
    Translation.Capture only = null;
    int present = 0;
    for (Translation.Capture capture : one.captures[field]) {
      if (one.finder.present(capture.group(), settings.keepEmpty())) {
        only = capture;
        present++;
      }
    }
    if (present > 1 && !LogEvent.MESSAGE.equals(one.keys[field].name())) {
      putAll(event, one, field);
    } else if (present > 0) {
      put(event, only, one.finder.start(only.group()), one.finder.end(only.group()), one.keys[field]);
    }
  }

  private void put(LogEvent event, Translation.Capture capture, int start, int to, FieldKey key) {
    switch (capture.type()) {
      case WHOLE -> {
        long whole = Type.whole(number.of(bytes, start, to), 0, to - start);
        if (whole != Long.MIN_VALUE) {
          event.put(key, whole);
          return;
        }
      }
      case DECIMAL -> {
        double decimal = Type.decimal(number.of(bytes, start, to), 0, to - start);
        if (!Double.isNaN(decimal)) {
          event.put(key, decimal);
          return;
        }
      }
      case TRUTH -> {
        int truth = Type.truth(number.of(bytes, start, to), 0, to - start);
        if (truth >= 0) {
          event.put(key, truth == 1);
          return;
        }
      }
      default -> { }
    }
    if (capture.type() != Type.TEXT && to > start) {
      unconverted.increment();
    }
    if (inPlace) {
      event.put(key, start, to);
    } else {
      event.put(key, text(start, to));
    }
  }

  private String text(int start, int to) {
    return new String(bytes, start, to - start, StandardCharsets.UTF_8);
  }

  private void putAll(LogEvent event, Try one, int field) {
    List<Object> values = new ArrayList<>();
    for (Translation.Capture capture : one.captures[field]) {
      if (one.finder.present(capture.group(), settings.keepEmpty())) {
        int start = one.finder.start(capture.group());
        int to = one.finder.end(capture.group());
        Object value = capture.type() == Type.TEXT ? null : capture.type().read(number.of(bytes, start, to), 0, to - start);
        if (value == null && capture.type() != Type.TEXT && to > start) {
          unconverted.increment();
        }
        values.add(value == null ? text(start, to) : value);
      }
    }
    event.put(one.keys[field].name(), values);
  }

  private void missed(LogEvent event, Emitter out, String detail) {
    switch (settings.misses()) {
      case FAIL -> out.fail(event, Grok.NO_MATCH, detail);
      case DROP -> out.drop(event, Grok.NO_MATCH);
      case TAG -> out.emit(event.tag(settings.tag()));
    }
  }
}
