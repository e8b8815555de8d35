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
import java.util.Collection;
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
  private record Try(Compiled.Finder finder, Translation.Capture[][] captures, FieldKey[] keys, Counter hits, Counter misses, Counter steps) {
    static Try of(Compiled pattern, int number, StageContext context) {
      int count = pattern.fields().size();
      Translation.Capture[][] captures = new Translation.Capture[count][];
      FieldKey[] keys = new FieldKey[count];
      for (int i = 0; i < count; i++) {
        captures[i] = pattern.fields().get(i).captures().toArray(Translation.Capture[]::new);
        keys[i] = context.key(pattern.fields().get(i).name());
      }
      String counted = "pattern" + number + ".";
      return new Try(pattern.finder(), captures, keys, context.counter(counted + "hits"), context.counter(counted + "misses"), context.counter(counted + "steps"));
    }
  }

  GrokProcessor(List<Compiled> patterns, Grok.Settings settings, boolean anywhere, StageContext context) {
    this.tries = new Try[patterns.size()];
    for (int i = 0; i < tries.length; i++) {
      tries[i] = Try.of(patterns.get(i), i + 1, context);
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
    Compiled.Finder finder = one.finder;
    for (int i = 0; i < one.keys.length; i++) {
      Translation.Capture[] captures = one.captures[i];
      Translation.Capture only = null;
      int present = 0;
      for (Translation.Capture capture : captures) {
        if (finder.present(capture.group(), settings.keepEmpty())) {
          only = capture;
          present++;
        }
      }
      if (present > 1 && !LogEvent.MESSAGE.equals(one.keys[i].name())) {
        putAll(event, one, i);
      } else if (present > 0) {
        put(event, only, finder.start(only.group()), finder.end(only.group()), one.keys[i]);
      }
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
      case TAG -> {
        List<Object> tags = new ArrayList<>();
        Object before = event.value(Grok.TAGS);
        if (before instanceof Collection<?> several) {
          tags.addAll(several);
        } else if (before != null) {
          tags.add(before);
        }
        if (!tags.contains(settings.tag())) {
          tags.add(settings.tag());
        }
        event.put(Grok.TAGS, tags);
        out.emit(event);
      }
    }
  }
}
