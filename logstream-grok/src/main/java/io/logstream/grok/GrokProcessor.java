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
  private final Utf8Text text = new Utf8Text();

  /** Whether the text under way stands in the event's own bytes. */
  private boolean inPlace;

  /** A pattern, with what this processor needs to run it. */
  private record Try(BudgetedMatcher matcher, Compiled.Field[] fields, FieldKey[] keys) {
    static Try of(Compiled pattern, StageContext context) {
      Compiled.Field[] fields = pattern.fields().toArray(Compiled.Field[]::new);
      FieldKey[] keys = new FieldKey[fields.length];
      for (int i = 0; i < fields.length; i++) {
        keys[i] = context.key(fields[i].name());
      }
      return new Try(pattern.matcher(), fields, keys);
    }
  }

  GrokProcessor(List<Compiled> patterns, Grok.Settings settings, boolean anywhere, StageContext context) {
    this.tries = patterns.stream().map(pattern -> Try.of(pattern, context)).toArray(Try[]::new);
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
        if (one.matcher.find(text) && (anywhere || one.matcher.end(0) == text.length())) {
          putFields(event, one);
          out.emit(event);
          return;
        }
      }
    } catch (BudgetedMatcher.BudgetExceeded e) {
      out.fail(event, Grok.TOO_MANY_STEPS, e.getMessage());
      return;
    }
    missed(event, out, tries.length == 1 ? "the pattern matches nowhere" : "none of " + tries.length + " patterns matches");
  }

  private boolean read(LogEvent event) {
    long span = event.span(from);
    inPlace = span != Span.NONE;
    if (inPlace) {
      text.of(event.bytes(), Span.from(span), Span.to(span));
      return true;
    }
    String other = event.text(from);
    if (other != null) {
      byte[] bytes = other.getBytes(StandardCharsets.UTF_8);
      text.of(bytes, 0, bytes.length);
    }
    return other != null;
  }

  private void putFields(LogEvent event, Try one) {
    for (int i = 0; i < one.fields.length; i++) {
      List<Translation.Capture> captures = one.fields[i].captures();
      Translation.Capture only = null;
      int present = 0;
      for (int c = 0; c < captures.size(); c++) {
        if (Compiled.present(one.matcher, captures.get(c).group(), settings.keepEmpty())) {
          only = captures.get(c);
          present++;
        }
      }
      if (present > 1 && !LogEvent.MESSAGE.equals(one.fields[i].name())) {
        putAll(event, one.matcher, one.fields[i]);
      } else if (present > 0) {
        put(event, one.matcher, only, one.keys[i]);
      }
    }
  }

  private void put(LogEvent event, BudgetedMatcher matcher, Translation.Capture capture, FieldKey key) {
    int start = matcher.start(capture.group());
    int end = matcher.end(capture.group());
    switch (capture.type()) {
      case WHOLE -> {
        long whole = Type.whole(text, start, end);
        if (whole != Long.MIN_VALUE) {
          event.put(key, whole);
          return;
        }
      }
      case DECIMAL -> {
        double decimal = Type.decimal(text, start, end);
        if (!Double.isNaN(decimal)) {
          event.put(key, decimal);
          return;
        }
      }
      case TRUTH -> {
        int truth = Type.truth(text, start, end);
        if (truth >= 0) {
          event.put(key, truth == 1);
          return;
        }
      }
      default -> { }
    }
    if (capture.type() != Type.TEXT && end > start) {
      unconverted.increment();
    }
    if (inPlace) {
      event.put(key, text.byteAt(start), text.byteAt(end));
    } else {
      event.put(key, text.subSequence(start, end).toString());
    }
  }

  private void putAll(LogEvent event, BudgetedMatcher matcher, Compiled.Field field) {
    List<Object> values = new ArrayList<>();
    for (Translation.Capture capture : field.captures()) {
      if (Compiled.present(matcher, capture.group(), settings.keepEmpty())) {
        int start = matcher.start(capture.group());
        int end = matcher.end(capture.group());
        Object value = capture.type().read(text, start, end);
        if (value == null && end > start) {
          unconverted.increment();
        }
        values.add(value == null ? text.subSequence(start, end).toString() : value);
      }
    }
    event.put(field.name(), values);
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
