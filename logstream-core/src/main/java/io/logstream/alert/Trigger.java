package io.logstream.alert;

import io.logstream.FieldUse;
import io.logstream.match.Condition;
import io.logstream.window.Aggregation;
import io.logstream.window.Measure;
import io.logstream.window.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a rule tests: one of the kinds of rules. */
sealed interface Trigger {
  /** What works with numbers only. */
  Set<String> OF_NUMBERS = Set.of("sum", "mean", "min", "max", "percentiles");

  /** The events it looks at. */
  Condition on();

  /** The fields that it reads. */
  FieldUse reads();

  /** All that tells it from others, the same for the same meaning: names that the rule gives to what it works out do not count. */
  String canonical();

  /** Events that meet a condition; over rows of a window, rows. */
  record Matches(Condition when) implements Trigger {
    @Override
    public Condition on() {
      return when;
    }

    @Override
    public FieldUse reads() {
      return when.fieldUse();
    }

    @Override
    public String canonical() {
      return "any where " + when;
    }
  }

  /** A window whose values meet a condition. */
  record Over(Condition on, Window window, Condition when) implements Trigger {
    @Override
    public FieldUse reads() {
      return reading(on, window);
    }

    /** What each field of the window's row stands for. */
    Map<String, String> meanings() {
      Map<String, String> meanings = new HashMap<>();
      for (Aggregation one : window.aggregations()) {
        Measure measure = one.measure();
        for (int i = 0; i < one.fields().size(); i++) {
          meanings.put(one.fields().get(i), measure == null ? one.fields().get(i) : RuleText.measure(measure, i));
        }
      }
      return meanings;
    }

    @Override
    public String canonical() {
      Map<String, String> meanings = meanings();
      String all = window.aggregations().stream().flatMap(a -> a.fields().stream()
          .map(field -> a.measure() == null ? a + " as " + field : meanings.get(field))).distinct().sorted().collect(Collectors.joining(", "));
      return shape(window) + " of " + all + " where " + on + " when " + meant(when, meanings);
    }

    /** A condition on the row in words for what its fields stand for; one of somebody's own that cannot tell is taken as it prints itself. */
    static String meant(Condition condition, Map<String, String> meanings) {
      try {
        return condition.renamed(field -> meanings.getOrDefault(field, field)).toString();
      } catch (IllegalArgumentException e) {
        return condition.toString();
      }
    }

    /** Both in one, for tests of the same window. */
    Over and(Over other) {
      List<Aggregation> all = new ArrayList<>(window.aggregations());
      Map<String, String> byMeaning = new HashMap<>();
      meanings().forEach((field, meaning) -> byMeaning.put(meaning, field));
      Map<String, String> renames = new HashMap<>();
      for (Aggregation one : other.window.aggregations()) {
        List<String> known = one.fields().stream().map(field -> byMeaning.get(other.meanings().get(field))).toList();
        if (one.measure() != null && known.stream().allMatch(name -> name != null)) {
          for (int i = 0; i < known.size(); i++) {
            renames.put(one.fields().get(i), known.get(i));
          }
        } else {
          all.add(one);
        }
      }
      return new Over(on, window.aggregate(all.toArray(Aggregation[]::new)), when.and(other.when.renamed(field -> renames.getOrDefault(field, field))));
    }

    boolean sameWindow(Over other) {
      return shape(window).equals(shape(other.window)) && on.toString().equals(other.on.toString());
    }
  }

  /** No events for so long. */
  record Silent(Condition on, Duration after, List<AlertKey> expecting) implements Trigger {
    @Override
    public FieldUse reads() {
      return on.fieldUse();
    }

    @Override
    public String canonical() {
      return "no events where " + on + " over " + after + " expect " + expecting;
    }
  }

  /** A window whose value is so many times that of the window before. */
  record TimesPrevious(Condition on, Window window, String field, double factor, long atLeast) implements Trigger {
    @Override
    public FieldUse reads() {
      return reading(on, window);
    }

    String meaning() {
      return new Over(on, window, on).meanings().get(field);
    }

    @Override
    public String canonical() {
      return shape(window) + " where " + on + " when " + meaning() + " > " + factor + " x previous at least " + atLeast;
    }
  }

  /** A field that has another value than in the event before. */
  record Changes(Condition on, String field) implements Trigger {
    @Override
    public FieldUse reads() {
      return on.fieldUse().reads(field);
    }

    @Override
    public String canonical() {
      return "changes " + field + " where " + on;
    }
  }

  /** A field that has a value never seen before. */
  record NewValue(Condition on, String field, Duration learnFor) implements Trigger {
    @Override
    public FieldUse reads() {
      return on.fieldUse().reads(field);
    }

    @Override
    public String canonical() {
      return "new " + field + " where " + on + " learning " + learnFor;
    }
  }

  /** The window without what it works out and its keys. */
  static String shape(Window window) {
    return (window.isSliding() ? "sliding " : "tumbling ") + window.size();
  }

  private static FieldUse reading(Condition on, Window window) {
    FieldUse use = on.fieldUse();
    for (Aggregation one : window.aggregations()) {
      Measure measure = one.measure();
      String[] read = one.reads().toArray(new String[0]);
      use = measure != null && OF_NUMBERS.contains(measure.what()) ? use.readsNumbers(read) : use.reads(read);
    }
    return use;
  }
}
