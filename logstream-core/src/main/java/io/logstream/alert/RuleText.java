package io.logstream.alert;

import io.logstream.Numbers;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import io.logstream.window.Measure;
import io.logstream.window.Window;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A rule as one line, which parses to an equal rule. What the line has no words for, such as a condition on a window that is not all of several
 * comparisons, stands between two braces in the query language, or as it prints itself; only the latter does not parse.
 */
final class RuleText {
  private static final Set<String> WORDS = Set.of("and", "or", "not", "in", "contains", "startswith", "endswith", "exists", "by", "over", "for", "then", "clear", "after",
      "limit", "severity", "to", "any", "no", "new", "changes", "where", "within", "all", "x", "at", "most", "backing", "expect", "learning", "max", "when");

  private RuleText() {}

  static String of(Rule rule) {
    StringBuilder text = new StringBuilder("alert ").append(name(rule.name())).append(": ");
    List<String> tests = new ArrayList<>();
    rule.triggers().forEach(trigger -> tests.addAll(tests(trigger, rule.by())));
    text.append(String.join(" and ", tests));
    if (!rule.by().isEmpty() && !(rule.triggers().get(0) instanceof Trigger.Over) && !(rule.triggers().get(0) instanceof Trigger.TimesPrevious)) {
      text.append(by(rule.by()));
    }
    if (rule.triggers().get(0) instanceof Trigger.Silent silent) {
      text.append(" over ").append(duration(silent.after()));
      if (!silent.expecting().isEmpty()) {
        text.append(" expect (").append(silent.expecting().stream().map(RuleText::key).collect(Collectors.joining(", "))).append(')');
      }
    }
    for (Rule.Step step : rule.steps()) {
      text.append(" then ").append(step.not() ? "not " : "").append(condition(step.what(), 2)).append(" within ").append(duration(step.within()));
    }
    clause(text, " all within ", rule.allWithin());
    clause(text, " for ", rule.lasting());
    if (rule.clearWhen() != null) {
      text.append(" clear ").append(clear(rule));
    }
    clause(text, " after ", rule.clearAfter());
    if (rule.noDataAfter() != null) {
      text.append(" no data ").append(rule.noData().name().toLowerCase(Locale.ROOT)).append(" after ").append(duration(rule.noDataAfter()));
    }
    clause(text, " limit 1 per ", rule.atMostEvery());
    clause(text, " backing off to ", rule.backingOffTo());
    if (rule.limit() != null) {
      text.append(" limit ").append(rule.limit().most()).append(" per ").append(duration(rule.limit().in())).append(rule.limit().most() == 1 ? " in all" : "");
    }
    if (rule.maxKeys() != Rule.MAX_KEYS) {
      text.append(" max ").append(rule.maxKeys()).append(" keys");
    }
    if (rule.severity() != Severity.WARNING) {
      text.append(" severity ").append(rule.severity().name().toLowerCase(Locale.ROOT));
    }
    if (!rule.to().isEmpty()) {
      text.append(" to ").append(rule.to().stream().map(RuleText::name).collect(Collectors.joining(", ")));
    }
    return text.toString();
  }

  private static void clause(StringBuilder text, String words, Duration time) {
    if (time != null) {
      text.append(words).append(duration(time));
    }
  }

  private static String by(List<String> fields) {
    return fields.isEmpty() ? "" : " by " + fields.stream().map(RuleText::name).collect(Collectors.joining(", "));
  }

  private static String key(AlertKey key) {
    return key.values().size() == 1 ? quoted(key.values().get(0)) : key.values().stream().map(RuleText::quoted).collect(Collectors.joining(", ", "(", ")"));
  }

  // ---------------------------------------------------------------- tests

  private static List<String> tests(Trigger trigger, List<String> by) {
    if (trigger instanceof Trigger.Matches matches) {
      return List.of("any" + where(matches.when()));
    }
    if (trigger instanceof Trigger.Silent silent) {
      return List.of("no events" + where(silent.on()));
    }
    if (trigger instanceof Trigger.Changes changes) {
      return List.of("changes " + name(changes.field()) + where(changes.on()));
    }
    if (trigger instanceof Trigger.NewValue fresh) {
      return List.of("new " + name(fresh.field()) + where(fresh.on()) + (fresh.learnFor().isZero() ? "" : " learning " + duration(fresh.learnFor())));
    }
    if (trigger instanceof Trigger.TimesPrevious previous) {
      return List.of(previous.meaning() + where(previous.on()) + by(by) + over(previous.window()) + " > " + number(previous.factor()) + " x previous"
          + (previous.atLeast() == 1 ? "" : " at least " + previous.atLeast()));
    }
    Trigger.Over over = (Trigger.Over) trigger;
    Map<String, String> meanings = over.meanings();
    String tail = where(over.on()) + by(by) + over(over.window());
    List<Condition> parts = over.when() instanceof Clause.And and ? and.parts() : List.of(over.when());
    List<String> tests = new ArrayList<>();
    for (Condition part : parts) {
      if (part instanceof Clause.OfField one && meanings.containsKey(one.field()) && comparison(one) != null) {
        tests.add(meanings.get(one.field()) + tail + " " + comparison(one));
      } else {
        tests.add("row (" + over.window().aggregations().stream().map(a -> a.measure() == null ? a.toString() : all(a.measure())).collect(Collectors.joining(", ")) + ")" + tail
            + " when {{ " + part + " }}");
      }
    }
    return tests;
  }

  private static String all(Measure measure) {
    List<String> each = new ArrayList<>();
    for (int i = 0; i < measure.names().size(); i++) {
      each.add(measure(measure, i) + " as " + name(measure.names().get(i)));
    }
    return String.join(", ", each);
  }

  /** The i-th field of what a measure works out. */
  static String measure(Measure measure, int i) {
    String what = measure.what();
    if (what.equals("percentiles")) {
      return "p" + BigDecimal.valueOf(measure.percents().get(i)).stripTrailingZeros().toPlainString() + "(" + name(measure.field()) + ")";
    }
    if (measure.condition() != null) {
      return (what.equals("count") ? "matching" : what) + "(" + condition(measure.condition(), 0) + ")";
    }
    return what + "(" + (measure.field() == null ? "" : name(measure.field())) + ")";
  }

  private static String where(Condition on) {
    return on instanceof Clause.All ? "" : " where " + condition(on, 0);
  }

  private static String over(Window window) {
    return " over " + duration(window.size()) + (window.isSliding() ? "" : " tumbling");
  }

  private static String clear(Rule rule) {
    if (rule.triggers().get(0) instanceof Trigger.Over over && over.when() instanceof Clause.OfField fires && rule.clearWhen() instanceof Clause.OfField clears
        && fires.field().equals(clears.field()) && comparison(clears) != null) {
      return comparison(clears);
    }
    Condition clears = rule.clearWhen();
    return "when {{ " + (rule.triggers().get(0) instanceof Trigger.Over over ? Trigger.Over.meant(clears, over.meanings()) : clears) + " }}";
  }

  // ---------------------------------------------------------------- conditions

  /** An operator and a number, or null where it is not that. */
  private static String comparison(Clause.OfField one) {
    String text = one.renamed(field -> "x").toString();
    if (one instanceof Clause.Range && (text.startsWith("x>") || text.startsWith("x<"))) {
      return text.charAt(2) == '=' ? text.substring(1, 3) + " " + text.substring(3) : text.charAt(1) + " " + text.substring(2);
    }
    return one instanceof Clause.Equal equal && equal.number() != null ? "== " + equal.text() : null;
  }

  /** A condition in a rule's own words; {@code level} 0 stands alone, 1 in an or, 2 in an and. */
  static String condition(Condition condition, int level) {
    if (condition instanceof Clause.And and) {
      String text = and.parts().stream().map(part -> condition(part, 2)).collect(Collectors.joining(" and "));
      return level > 1 ? "(" + text + ")" : text;
    }
    if (condition instanceof Clause.Or or) {
      String text = or.parts().stream().map(part -> condition(part, 1)).collect(Collectors.joining(" or "));
      return level > 0 ? "(" + text + ")" : text;
    }
    if (condition instanceof Clause.Not not) {
      return "not " + condition(not.part(), 2);
    }
    if (condition instanceof Clause.All) {
      return "*";
    }
    if (condition instanceof Clause.Exists exists) {
      return name(exists.field()) + " exists";
    }
    if (condition instanceof Clause.Equal equal) {
      return name(equal.field()) + " == " + value(equal);
    }
    if (condition instanceof Clause.OneOf oneOf) {
      return name(oneOf.field()) + " in (" + oneOf.values().stream().map(RuleText::value).collect(Collectors.joining(", ")) + ")";
    }
    if (condition instanceof Clause.Like like && like.pieces().size() == 3 && like.pieces().get(0).isEmpty() && like.pieces().get(2).isEmpty()) {
      return name(like.field()) + " contains " + quoted(like.pieces().get(1));
    }
    if (condition instanceof Clause.Like like && like.pieces().size() == 2 && like.pieces().get(1).isEmpty()) {
      return name(like.field()) + " startswith " + quoted(like.pieces().get(0));
    }
    if (condition instanceof Clause.OfField one && comparison(one) != null) {
      return name(one.field()) + " " + comparison(one);
    }
    return "{{ " + condition + " }}";
  }

  private static String value(Clause.Equal equal) {
    return equal.number() != null ? equal.text() : quoted(equal.text());
  }

  // ---------------------------------------------------------------- words

  static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '-' || c == '@';
  }

  static String name(String name) {
    boolean plain = !name.isEmpty() && (Character.isLetter(name.charAt(0)) || name.charAt(0) == '_' || name.charAt(0) == '@')
        && name.chars().allMatch(c -> isNamePart((char) c)) && !WORDS.contains(name.toLowerCase(Locale.ROOT)) && Numbers.parse(name) == null;
    return plain ? name : quoted(name);
  }

  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (Character.isISOControl(c)) {
        quoted.append("\\u").append(String.format(Locale.ROOT, "%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private static String number(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1L << 53 ? Long.toString((long) number) : Double.toString(number);
  }

  static String duration(Duration time) {
    long millis = time.toMillis();
    long[] units = {86_400_000, 3_600_000, 60_000, 1_000, 1};
    String[] names = {"d", "h", "m", "s", "ms"};
    for (int i = 0; i < units.length; i++) {
      if (millis % units[i] == 0) {
        return millis / units[i] + names[i];
      }
    }
    throw new IllegalStateException("every time is so many milliseconds, was " + time);
  }
}
