package io.logstream.alert;

import io.logstream.Numbers;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import io.logstream.window.Aggregation;
import io.logstream.window.Measure;
import io.logstream.window.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** The words said so far, and what is wrong with them in the end. Changed only while it is made. */
final class Draft {
  /** What windows work out as numbers. */
  private static final Set<String> NUMBERS = Set.of("count", "rate", "ratio", "distinct", "sum", "mean", "min", "max", "percentiles");
  private static final Set<String> OF_ROWS = Set.of("window.start", "window.end", "revision", "closedBy", "partial", "overflow", "early");

  final String name;
  Condition openOn;
  Window openWindow;
  Rule.Step openStep;
  List<Trigger> triggers = new ArrayList<>();
  List<Rule.Step> steps = new ArrayList<>();
  Duration allWithin;
  List<String> by;
  Integer maxKeys;
  Duration lasting;
  Condition clearWhen;
  Duration clearAfter;
  Duration noDataAfter;
  NoData noData;
  Duration atMostEvery;
  Duration backingOffTo;
  Limit limit;
  Severity severity;
  List<String> to = new ArrayList<>();

  Draft(String name) {
    this.name = name;
  }

  Draft copy() {
    Draft d = new Draft(name);
    d.openOn = openOn;
    d.openWindow = openWindow;
    d.openStep = openStep;
    d.triggers = new ArrayList<>(triggers);
    d.steps = new ArrayList<>(steps);
    d.allWithin = allWithin;
    d.by = by;
    d.maxKeys = maxKeys;
    d.lasting = lasting;
    d.clearWhen = clearWhen;
    d.clearAfter = clearAfter;
    d.noDataAfter = noDataAfter;
    d.noData = noData;
    d.atMostEvery = atMostEvery;
    d.backingOffTo = backingOffTo;
    d.limit = limit;
    d.severity = severity;
    d.to = new ArrayList<>(to);
    return d;
  }

  Trigger last() {
    return triggers.isEmpty() ? null : triggers.get(triggers.size() - 1);
  }

  Condition takeOn() {
    Condition on = openOn == null ? Condition.all() : openOn;
    openOn = null;
    return on;
  }

  void add(Trigger trigger) {
    if (!triggers.isEmpty() || openWindow != null) {
      throw new IllegalStateException("alert '" + name + "' tests something already; only tests of windows can be joined, with over(..) and when(..)");
    }
    triggers.add(trigger);
  }

  void addWindowed(BiFunction<Condition, Window, Trigger> made) {
    triggers.add(made.apply(takeOn(), openWindow));
    openWindow = null;
  }

  // ---------------------------------------------------------------- the whole

  Rule rule() {
    refuse(openWindow != null, "has a window, but no condition on it; say when(..) or whenTimesPrevious(..)");
    refuse(triggers.isEmpty(), "has no condition; say what it watches for with when(..)");
    refuse(openOn != null, "says on(..) behind what it tests; on(..) stands before over(..)");
    refuse(openStep != null, "has a followedBy(..) without a time; say within(..)");
    List<String> keys = keys();
    List<Trigger> tests = normal(keys);
    for (Trigger test : tests) {
      check(test);
    }
    boolean momentary = !steps.isEmpty() || tests.get(0) instanceof Trigger.Changes || tests.get(0) instanceof Trigger.NewValue;
    refuse(momentary && (lasting != null || clearWhen != null || clearAfter != null || noDataAfter != null),
        "fires at moments, so lasting(..), clearWhen(..), clearAfter(..) and noDataAfter(..) mean nothing to it");
    refuse(tests.get(0) instanceof Trigger.Silent && noDataAfter != null, "watches for silence already; leave noDataAfter(..) out");
    refuse(tests.get(0) instanceof Trigger.Silent && clearWhen != null, "ends with the next event; leave clearWhen(..) out");
    refuse(tests.size() > 1 && clearWhen != null, "has several tests, and clearWhen(..) looks at the values of one");
    refuse(!steps.isEmpty() && tests.size() > 1, "begins a sequence with several tests; take one");
    refuse(maxKeys != null && keys.isEmpty(), "has maxKeys(..) but only one key; say by(..) or leave maxKeys out");
    refuse(backingOffTo != null && atMostEvery == null, "has backingOffTo(..) but nothing to back off from; say atMostEvery(..)");
    refuse(backingOffTo != null && backingOffTo.compareTo(atMostEvery) < 0, "backs off to " + backingOffTo + ", which is less than atMostEvery(..) says, " + atMostEvery);
    refuse(allWithin != null && steps.stream().anyMatch(s -> s.within().compareTo(allWithin) > 0), "gives a step more time than the whole has, " + allWithin);
    boolean one = keys.isEmpty() && limit != null && limit.most() == 1 && atMostEvery == null;
    return new Rule(name, tests, List.copyOf(steps), allWithin, keys, maxKeys == null ? Rule.MAX_KEYS : maxKeys, lasting, clearWhen, clearAfter, noDataAfter, noData,
        one ? limit.in() : atMostEvery, backingOffTo, one ? null : limit, severity == null ? Severity.WARNING : severity, List.copyOf(to));
  }

  private List<String> keys() {
    Set<List<String>> said = new LinkedHashSet<>();
    for (Trigger trigger : triggers) {
      Window window = window(trigger);
      if (window != null && !window.keys().isEmpty()) {
        refuse(by != null, "says by(..) twice, " + by + " and on the window " + window.keys() + "; say it once");
        said.add(window.keys());
      }
    }
    refuse(said.size() > 1, "has windows by different fields, " + said + ", which have no keys in common");
    return by != null ? by : said.isEmpty() ? List.of() : List.copyOf(said.iterator().next());
  }

  private static Window window(Trigger trigger) {
    return trigger instanceof Trigger.Over over ? over.window() : trigger instanceof Trigger.TimesPrevious previous ? previous.window() : null;
  }

  /** The tests with their keys, those of the same window in one. */
  private List<Trigger> normal(List<String> keys) {
    String[] names = keys.toArray(new String[0]);
    List<Trigger> normal = new ArrayList<>();
    for (Trigger trigger : triggers) {
      if (trigger instanceof Trigger.Over over) {
        Trigger.Over keyed = new Trigger.Over(over.on(), over.window().by(names), over.when());
        checkFields(keyed.window(), keyed.when(), "when(..)");
        int same = -1;
        for (int i = 0; i < normal.size(); i++) {
          same = normal.get(i) instanceof Trigger.Over other && other.sameWindow(keyed) ? i : same;
        }
        if (same >= 0) {
          normal.set(same, ((Trigger.Over) normal.get(same)).and(keyed));
        } else {
          normal.add(keyed);
        }
      } else if (trigger instanceof Trigger.TimesPrevious previous) {
        normal.add(new Trigger.TimesPrevious(previous.on(), previous.window().by(names), previous.field(), previous.factor(), previous.atLeast()));
      } else {
        normal.add(trigger);
      }
    }
    return List.copyOf(normal);
  }

  private void check(Trigger trigger) {
    if (trigger instanceof Trigger.Over over) {
      refuse(lasting != null && !over.window().isSliding() && lasting.compareTo(over.window().size()) < 0,
          "lasts " + lasting + ", which is shorter than its tumbling window of " + over.window().size() + ": it is judged only when one closes");
      checkNumbers(over.window(), over.when(), "when(..)");
      if (clearWhen != null) {
        checkFields(over.window(), clearWhen, "clearWhen(..)");
        checkNumbers(over.window(), clearWhen, "clearWhen(..)");
      }
      for (Aggregation one : over.window().aggregations()) {
        Measure measure = one.measure();
        if (measure != null && measure.what().equals("ratio")) {
          refuse(parts(over.when()).stream().anyMatch(p -> p instanceof Clause.Range range && range.field().equals(measure.names().get(0))
              && (range.least() > 1 || range.greatest() < 0)), "cannot fire: the ratio '" + measure.names().get(0) + "' is from 0 to 1, and " + over.when() + " asks for more");
        }
      }
    } else if (trigger instanceof Trigger.TimesPrevious previous) {
      refuse(previous.window().isSliding(), "compares windows, so it needs tumbling ones: over(Window.tumbling(..))");
      refuse(fields(previous.window()).stream().noneMatch(previous.field()::equals), "compares '" + previous.field() + "', which its window does not work out; it has "
          + fields(previous.window()));
      refuse(clearWhen != null, "compares windows, so clearWhen(..) has no values to look at");
    } else if (trigger instanceof Trigger.Silent silent) {
      List<String> keys = by == null ? List.of() : by;
      refuse(!silent.expecting().isEmpty() && keys.isEmpty(), "expects keys " + silent.expecting() + " but has none; say by(..)");
      for (AlertKey key : silent.expecting()) {
        refuse(key.values().size() != keys.size(), "expects the key " + key + ", but by(..) has the fields " + keys);
      }
      refuse(new LinkedHashSet<>(silent.expecting()).size() < silent.expecting().size(), "expects a key twice: " + silent.expecting());
      refuse(silent.expecting().size() > (maxKeys == null ? Rule.MAX_KEYS : maxKeys), "expects more keys than maxKeys(..) has room for");
    }
    if (clearWhen != null) {
      Condition fires = trigger instanceof Trigger.Over over ? over.when() : trigger instanceof Trigger.Matches matches ? matches.when() : null;
      refuse(fires != null && overlap(fires, clearWhen), "is clear and fires at the same time: " + clearWhen + " overlaps " + fires);
    }
  }

  private static List<String> fields(Window window) {
    List<String> fields = new ArrayList<>();
    for (Aggregation one : window.aggregations()) {
      fields.addAll(one.fields());
    }
    return fields;
  }

  private void checkFields(Window window, Condition condition, String word) {
    List<String> there = new ArrayList<>(fields(window));
    there.addAll(window.keys());
    for (String field : condition.fields()) {
      if (!there.contains(field) && !OF_ROWS.contains(field)) {
        String near = there.stream().filter(f -> f.startsWith(field) || field.startsWith(f) || f.endsWith(field)).findFirst().map(f -> "; did you mean " + f + "?")
            .orElse("; there are " + String.join(", ", there));
        throw new IllegalArgumentException("alert '" + name + "': " + word + " reads '" + field + "', which its window does not work out" + near);
      }
    }
  }

  /** A window's value that is a number is equal to no text that is none. */
  private void checkNumbers(Window window, Condition condition, String word) {
    if (condition instanceof Clause.And and) {
      and.parts().forEach(part -> checkNumbers(window, part, word));
    } else if (condition instanceof Clause.Or or) {
      or.parts().forEach(part -> checkNumbers(window, part, word));
    } else if (condition instanceof Clause.Not not) {
      checkNumbers(window, not.part(), word);
    } else if (condition instanceof Clause.OneOf oneOf) {
      oneOf.values().forEach(value -> checkNumbers(window, value, word));
    } else if (condition instanceof Clause.Equal equal && Numbers.parse(equal.text()) == null) {
      refuse(window.aggregations().stream().anyMatch(one -> one.measure() != null && NUMBERS.contains(one.measure().what()) && one.fields().contains(equal.field())),
          word + " compares '" + equal.field() + "' with the text \"" + equal.text() + "\", but its window works out a number; no number is equal to that text");
    }
  }

  /** Whether it asks for a part of the events without asking for how many there are at least: one of one is all of them. */
  static boolean hasRatioOfFew(List<Trigger> tests) {
    boolean ratio = false;
    for (Trigger test : tests) {
      if (test instanceof Trigger.Over over) {
        for (Aggregation one : over.window().aggregations()) {
          String what = one.measure() == null ? "" : one.measure().what();
          boolean asked = !Collections.disjoint(over.when().fields(), one.fields());
          if (asked && what.equals("count")) {
            return false;
          }
          ratio |= asked && what.equals("ratio");
        }
      }
    }
    return ratio;
  }

  private static List<Condition> parts(Condition condition) {
    return condition instanceof Clause.And and ? and.parts() : List.of(condition);
  }

  /** Whether both are ranges of the same numbers, as far as can be told: each of one field only. */
  private static boolean overlap(Condition fires, Condition clear) {
    return fires instanceof Clause.Range a && clear instanceof Clause.Range b && a.field().equals(b.field())
        && Math.max(a.least(), b.least()) <= Math.min(a.greatest(), b.greatest());
  }

  private void refuse(boolean wrong, String why) {
    if (wrong) {
      throw new IllegalArgumentException("alert '" + name + "' " + why);
    }
  }
}
