package io.logstream.alert;

import io.logstream.Numbers;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import io.logstream.match.Field;
import io.logstream.window.Aggregation;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads a rule from one line, from the left, by recursive descent; says what would have fitted where it cannot go on.
 *
 * <pre>
 * rule   = "alert" NAME ":" test { "and" test } { clause }
 * test   = agg "(" [ pred | field ] ")" [ "where" pred ] [ by ] [ "over" DUR [ "tumbling" | "sliding" ] ] compared
 *        | "row" "(" agg "(" .. ")" "as" NAME { "," .. } ")" [ "where" pred ] [ by ] [ "over" .. ] "when" query
 *        | "any" [ "where" pred ] [ by ] | "no" "events" [ "where" pred ] [ by ] "over" DUR [ "expect" "(" key { "," key } ")" ]
 *        | "new" FIELD [ "where" pred ] [ by ] [ "learning" DUR ] | "changes" FIELD [ "where" pred ] [ by ]
 * compared = OP value | ">" NUMBER "x" "previous" [ "at" "least" NUMBER ]
 * clause = "then" [ "not" ] pred "within" DUR | "all" "within" DUR | by | "for" DUR | "clear" ( OP value | "when" query ) | "after" DUR
 *        | "no" "data" ( "alert" | "ok" | "keep" ) "after" DUR | "limit" N "per" DUR [ "in" "all" ] | "backing" "off" "to" DUR
 *        | "max" N "keys" | "severity" WORD | "to" NAME { "," NAME }
 * by     = "by" field { "," field }      value = NUMBER | NUMBER "%" | DUR      query = "{{" query language "}}"
 * pred   = conj { "or" conj }            conj = atom { "and" atom }
 * atom   = "not" atom | "(" pred ")" | "*" | query | field cmp | TEXT
 * cmp    = OP literal | ( "~" | "!~" ) "/" regex "/" | "in" "(" literal { "," literal } ")" | ( "contains" | "startswith" | "endswith" ) literal | "exists"
 * </pre>
 */
final class RuleParser extends RuleScanner {
  private static final int LONGEST = 32 * 1024;
  private static final int DEEPEST = 60;
  private static final Duration DEFAULT_OVER = Duration.ofMinutes(5);
  private static final Set<String> AGGREGATIONS = Set.of("count", "matching", "ratio", "rate", "distinct", "sum", "avg", "mean", "min", "max");
  private static final Pattern PREVIOUS = Pattern.compile("[0-9.]++ *+x\\b", Pattern.CASE_INSENSITIVE);

  private int depth;
  /** The field of the last comparison with a window's value, for {@code clear}. */
  private String compared;
  /** The field of events that it is worked out of, which says in what unit it is. */
  private String unitOf;

  RuleParser(String text) {
    super(text);
  }

  Alert parse() {
    if (text.length() > LONGEST) {
      throw new AlertSyntaxException("expected at most " + LONGEST + " characters, were " + text.length(), text, LONGEST, null);
    }
    try {
      return rule();
    } catch (AlertSyntaxException e) {
      throw e;
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new AlertSyntaxException(String.valueOf(e.getMessage()), text, at, e);
    }
  }

  private Alert rule() {
    expect("alert");
    Alert alert = Alert.named(name("the alert's name"));
    if (!isSign(":") && skip() < text.length()) {
      throw error("expected ':'; a name of several words stands in quotes", at);
    }
    expectSign(":");
    List<String> by = new ArrayList<>();
    alert = test(alert, by, true);
    while (word("and")) {
      alert = test(alert, by, false);
    }
    alert = clauses(alert, by);
    alert.rule();
    return alert;
  }

  // ---------------------------------------------------------------- tests

  /**
   * The alert with one more test.
   *
   * @param first whether it has none yet
   */
  private Alert test(Alert alert, List<String> by, boolean first) {
    if (word("any")) {
      refuseUnless(first, "'any'");
      Condition when = word("where") ? pred() : Condition.all();
      by(by);
      return alert.when(when);
    }
    if (word("no")) {
      refuseUnless(first, "'no events'");
      expect("events");
      Condition on = where();
      by(by);
      expect("over");
      Alert silent = on(alert, on).whenSilentFor(duration());
      by(by);
      if (word("expect")) {
        silent = silent.expecting(keys());
      }
      return silent;
    }
    if (word("new")) {
      refuseUnless(first, "'new'");
      int place = skip();
      String field = name("a field");
      if (field.equals("template")) {
        throw error("expected a field whose values are compared; templates of messages are not known", place);
      }
      Condition on = where();
      by(by);
      Alert fresh = on(alert, on).whenNew(field);
      return word("learning") ? fresh.learnFor(duration()) : fresh;
    }
    if (word("changes")) {
      refuseUnless(first, "'changes'");
      String field = name("a field");
      Condition on = where();
      by(by);
      return on(alert, on).whenChanges(field);
    }
    if (word("row")) {
      return row(alert, by);
    }
    return aggregate(alert, by);
  }

  private void refuseUnless(boolean first, String what) {
    if (!first) {
      throw error("expected a test of a window: " + what + " cannot be joined with 'and'", at);
    }
  }

  private Alert aggregate(Alert alert, List<String> by) {
    int place = skip();
    String what = aggregationAhead();
    if (what == null) {
      AGGREGATIONS.forEach(name -> tried("'" + name + "('"));
      tried("'p99('");
      throw unexpected();
    }
    Measured measured = measured(what, place);
    Condition where = where();
    if (measured.on != null && where != null) {
      where = measured.on.and(where);
    } else if (measured.on != null) {
      where = measured.on;
    }
    by(by);
    Boolean tumbling = null;
    Duration over = DEFAULT_OVER;
    if (word("over")) {
      over = duration();
      tumbling = word("tumbling") ? Boolean.TRUE : word("sliding") ? Boolean.FALSE : null;
    }
    by(by);
    compared = measured.aggregation.fields().get(0);
    unitOf = measured.unitOf;
    Alert on = on(alert, where);
    int operatorAt = skip();
    String operator = operator();
    int valueAt = skip();
    if (operator.equals(">") && Character.isDigit(peek()) && previousAhead()) {
      double factor = plainNumber("a number").doubleValue();
      expect("x");
      expect("previous");
      if (Boolean.FALSE.equals(tumbling)) {
        throw error("expected a tumbling window: what is compared with the window before does not slide", operatorAt);
      }
      Alert spike = on.over(Window.tumbling(over).aggregate(measured.aggregation)).whenTimesPrevious(compared, factor);
      if (word("at")) {
        expect("least");
        spike = spike.whenAtLeast(wholeNumber());
      }
      return spike;
    }
    at = valueAt;
    Window window = Boolean.TRUE.equals(tumbling) ? Window.tumbling(over) : Window.sliding(over);
    return on.over(window.aggregate(measured.aggregation)).when(comparison(compared, operator, value(unitOf)));
  }

  private boolean previousAhead() {
    return PREVIOUS.matcher(text).region(at, text.length()).lookingAt();
  }

  /** What is worked out; of a count or rate, also which events it counts. */
  private record Measured(Aggregation aggregation, Condition on, String unitOf) {}

  private Measured measured(String what, int place) {
    at += what.length();
    expectSign("(");
    Measured measured;
    switch (what) {
      case "count", "rate" -> {
        Condition on = isSign(")") ? null : pred();
        measured = new Measured(what.equals("count") ? Aggregations.count() : Aggregations.rate(), on, "");
      }
      case "matching" -> measured = new Measured(Aggregations.count("matching " + place, pred()), null, "");
      case "ratio" -> measured = new Measured(Aggregations.ratio("ratio", pred()), null, "");
      default -> {
        int fieldAt = skip();
        String field = name("a field");
        measured = new Measured(ofField(what, field, fieldAt), null, what.equals("distinct") ? "" : field);
      }
    }
    expectSign(")");
    return measured;
  }

  private Aggregation ofField(String what, String field, int place) {
    return switch (what) {
      case "distinct" -> Aggregations.distinct(field);
      case "sum" -> Aggregations.sum(field);
      case "avg", "mean" -> Aggregations.mean(field);
      case "min" -> Aggregations.min(field);
      case "max" -> Aggregations.max(field);
      default -> {
        Number percent = Numbers.parse(what.substring(1));
        if (percent == null || percent.doubleValue() > 100) {
          throw error("expected a percentile from p0 to p100, was " + what, place);
        }
        yield Aggregations.percentiles(field, percent.doubleValue());
      }
    };
  }

  /** The name of what is worked out, if one and a parenthesis are ahead; nothing is taken. */
  private String aggregationAhead() {
    int place = skip();
    int end = place;
    while (end < text.length() && RuleText.isNamePart(text.charAt(end))) {
      end++;
    }
    String name = text.substring(place, end);
    int open = end;
    while (open < text.length() && text.charAt(open) == ' ') {
      open++;
    }
    boolean known = AGGREGATIONS.contains(name) || name.length() > 1 && name.charAt(0) == 'p' && name.substring(1).chars().allMatch(c -> c >= '0' && c <= '9' || c == '.');
    return known && open < text.length() && text.charAt(open) == '(' ? name : null;
  }

  /** Several values of one window, and a condition on all of them in the query language. */
  private Alert row(Alert alert, List<String> by) {
    expectSign("(");
    List<Aggregation> all = new ArrayList<>();
    do {
      int place = skip();
      String what = aggregationAhead();
      if (what == null) {
        tried("what to work out");
        throw unexpected();
      }
      at += what.length();
      expectSign("(");
      Condition condition = what.equals("ratio") || what.equals("matching") || what.equals("count") && !isSign(")") ? pred() : null;
      String field = condition != null || isSign(")") ? null : name("a field");
      expectSign(")");
      expect("as");
      String name = name("a name");
      all.add(named(what, name, condition, field, place));
    } while (sign(","));
    expectSign(")");
    Condition where = where();
    by(by);
    Duration over = word("over") ? duration() : DEFAULT_OVER;
    boolean tumbling = word("tumbling");
    if (!tumbling) {
      word("sliding");
    }
    by(by);
    expect("when");
    Condition when = query();
    compared = null;
    Window window = (tumbling ? Window.tumbling(over) : Window.sliding(over)).aggregate(all.toArray(new Aggregation[0]));
    return on(alert, where).over(window).when(when);
  }

  private Aggregation named(String what, String name, Condition condition, String field, int place) {
    if (what.equals("count") && condition == null) {
      return name.equals("count") ? Aggregations.count() : Aggregations.count(name, Condition.all());
    }
    if (condition != null) {
      return what.equals("ratio") ? Aggregations.ratio(name, condition) : Aggregations.count(name, condition);
    }
    if (field == null) {
      if (what.equals("rate")) {
        return Aggregations.rate(name);
      }
      throw error("expected a field in " + what + "(..)", place);
    }
    return switch (what) {
      case "sum" -> Aggregations.sum(name, field);
      case "avg", "mean" -> Aggregations.mean(name, field);
      case "min" -> Aggregations.min(name, field);
      case "max" -> Aggregations.max(name, field);
      case "distinct" -> Aggregations.distinct(name, field);
      default -> {
        if (!name.endsWith("." + what)) {
          throw error("expected a name that ends in ." + what, place);
        }
        yield Aggregations.percentiles(name.substring(0, name.length() - what.length() - 1), field, Double.parseDouble(what.substring(1)));
      }
    };
  }

  private static Alert on(Alert alert, Condition on) {
    return on == null || on instanceof Clause.All ? alert : alert.on(on);
  }

  private Condition where() {
    return word("where") ? pred() : null;
  }

  /** The keys; all tests must have the same. */
  private void by(List<String> by) {
    int place = skip();
    if (!word("by")) {
      return;
    }
    List<String> fields = new ArrayList<>();
    do {
      fields.add(name("a field"));
    } while (sign(","));
    if (!by.isEmpty() && !by.equals(fields)) {
      throw error("expected the same fields as before, " + String.join(", ", by) + ": tests that are joined have keys in common", place);
    }
    by.clear();
    by.addAll(fields);
  }

  private AlertKey[] keys() {
    expectSign("(");
    List<AlertKey> keys = new ArrayList<>();
    do {
      if (sign("(")) {
        List<String> values = new ArrayList<>();
        do {
          values.add(literal().toString());
        } while (sign(","));
        expectSign(")");
        keys.add(new AlertKey(values));
      } else {
        keys.add(AlertKey.key(literal().toString()));
      }
    } while (sign(","));
    expectSign(")");
    return keys.toArray(AlertKey[]::new);
  }

  // ---------------------------------------------------------------- clauses

  private Alert clauses(Alert tested, List<String> by) {
    Alert alert = tested;
    int byAt = -1;
    for (;;) {
      int place = skip();
      try {
        if (word("by")) {
          at = place;
          if (!by.isEmpty()) {
            throw error("expected no second 'by'", place);
          }
          byAt = place;
          by(by);
        } else if (word("for")) {
          alert = alert.lasting(duration());
        } else if (word("then")) {
          boolean not = word("not");
          Condition next = pred();
          expect("within");
          alert = (not ? alert.notFollowedBy(next) : alert.followedBy(next)).within(duration());
        } else if (word("all")) {
          expect("within");
          alert = alert.allWithin(duration());
        } else if (word("clear")) {
          alert = alert.clearWhen(word("when") ? clearQuery(alert) : clearComparison());
        } else if (word("after")) {
          alert = alert.clearAfter(duration());
        } else if (word("no")) {
          expect("data");
          NoData means = word("alert") ? NoData.ALERT : word("ok") ? NoData.OK : word("keep") ? NoData.KEEP : null;
          if (means == null) {
            throw unexpected();
          }
          expect("after");
          alert = alert.noDataAfter(duration(), means);
        } else if (word("limit")) {
          int most = Math.toIntExact(Math.min(Integer.MAX_VALUE, wholeNumber()));
          expect("per");
          Duration in = duration();
          boolean inAll = word("in");
          if (inAll) {
            expect("all");
          }
          alert = most == 1 && !inAll ? alert.atMostEvery(in) : alert.limit(most, in);
        } else if (word("backing")) {
          expect("off");
          expect("to");
          alert = alert.backingOffTo(duration());
        } else if (word("max")) {
          int most = Math.toIntExact(Math.min(Integer.MAX_VALUE, wholeNumber()));
          expect("keys");
          alert = alert.maxKeys(most);
        } else if (word("severity")) {
          Severity severity = null;
          for (Severity one : Severity.values()) {
            severity = severity == null && word(one.name().toLowerCase(Locale.ROOT)) ? one : severity;
          }
          if (severity == null) {
            throw unexpected();
          }
          alert = alert.severity(severity);
        } else if (word("to")) {
          do {
            alert = alert.notifyNamed(name("a notifier's name"));
          } while (sign(","));
        } else if (at == text.length()) {
          break;
        } else {
          tried("the end");
          throw unexpected();
        }
      } catch (AlertSyntaxException e) {
        throw e;
      } catch (IllegalArgumentException | IllegalStateException e) {
        throw new AlertSyntaxException(e.getMessage(), text, place, e);
      }
    }
    if (!by.isEmpty()) {
      alert = alert.by(by.toArray(new String[0]));
    }
    at = byAt >= 0 ? byAt : at;
    return alert;
  }

  private Condition clearComparison() {
    int place = skip();
    if (compared == null) {
      throw error("expected 'when': what clears this alert is a condition, clear when {{ .. }}", place);
    }
    String operator = operator();
    return comparison(compared, operator, value(unitOf));
  }

  /** A condition on the same values as those that fire. In the line they have no names, so they are called what they mean. */
  private Condition clearQuery(Alert alert) {
    Condition clear = query();
    if (alert.firstTrigger() instanceof Trigger.Over over) {
      return clear.renamed(field -> over.meanings().entrySet().stream().filter(e -> e.getValue().equals(field)).findFirst().map(java.util.Map.Entry::getKey).orElse(field));
    }
    return clear;
  }

  // ---------------------------------------------------------------- conditions

  private Condition pred() {
    deeper();
    Condition left = conj();
    while (word("or")) {
      left = left.or(conj());
    }
    depth--;
    return left;
  }

  private Condition conj() {
    Condition left = atom();
    for (;;) {
      int place = skip();
      if (!word("and")) {
        return left;
      }
      if (testAhead()) {
        at = place;
        return left;
      }
      left = left.and(atom());
    }
  }

  /** Whether what follows an 'and' is another test, not a condition. */
  private boolean testAhead() {
    int place = skip();
    boolean test = aggregationAhead() != null || word("any") && word("where");
    at = place;
    test |= word("no") && word("events");
    at = place;
    test |= word("row") && isSign("(");
    at = place;
    return test;
  }

  private Condition atom() {
    skip();
    if (word("not")) {
      deeper();
      Condition part = atom();
      depth--;
      return Condition.not(part);
    }
    if (sign("(")) {
      Condition inside = pred();
      expectSign(")");
      return inside;
    }
    if (isSign("{{")) {
      return query();
    }
    if (sign("*")) {
      return Condition.all();
    }
    boolean quoted = peek() == '"';
    int from = at;
    String name = name("a condition");
    if (sign(":")) {
      return queryValue(from);
    }
    if (word("exists")) {
      return Field.field(name).exists();
    }
    if (word("contains")) {
      return Field.field(name).contains(literal().toString());
    }
    if (word("startswith")) {
      return Field.field(name).startsWith(literal().toString());
    }
    if (word("endswith")) {
      return Field.field(name).matches(Pattern.quote(literal().toString()) + "\\z");
    }
    if (word("in")) {
      expectSign("(");
      List<Object> values = new ArrayList<>();
      do {
        values.add(literal());
      } while (sign(","));
      expectSign(")");
      return Field.field(name).isOneOf(values);
    }
    if (sign("!~")) {
      return Condition.not(regex(name));
    }
    if (sign("~")) {
      return regex(name);
    }
    int operatorAt = skip();
    String operator = isOperator() ? operator() : null;
    if (operator == null) {
      if (quoted) {
        return Condition.phrase(name);
      }
      tried("an operator");
      throw unexpected();
    }
    if (operator.equals("==") || operator.equals("!=")) {
      int place = skip();
      Duration time = durationAhead();
      Condition equal = Field.field(name).is(time != null ? Field.inUnit(name, time) : literal());
      at = Math.max(at, place);
      return operator.equals("==") ? equal : Condition.not(equal);
    }
    skip();
    if (peek() == '"') {
      throw error("expected a number after '" + operator + "'; text is compared with == and !=", at);
    }
    Number value = value(name);
    at = Math.max(at, operatorAt);
    return comparison(name, operator, value);
  }

  /** {@code name:value} of the query language, up to the next blank or closing parenthesis. */
  private Condition queryValue(int from) {
    int end = at;
    boolean inQuotes = false;
    while (end < text.length() && (inQuotes || text.charAt(end) > ' ' && text.charAt(end) != ')' && text.charAt(end) != ',')) {
      inQuotes ^= text.charAt(end) == '"' && text.charAt(end - 1) != '\\';
      end++;
    }
    Condition parsed = parseQuery(text.substring(from, end), from);
    at = end;
    return parsed;
  }

  private Condition query() {
    expectSign("{{");
    int from = at;
    boolean inQuotes = false;
    int end = from;
    while (end < text.length() && (inQuotes || !text.startsWith("}}", end) || text.startsWith("}}}", end))) {
      inQuotes ^= text.charAt(end) == '"' && text.charAt(end - 1) != '\\';
      end++;
    }
    if (end >= text.length()) {
      at = text.length();
      tried("'}}'");
      throw unexpected();
    }
    Condition parsed = parseQuery(text.substring(from, end), from);
    at = end + 2;
    return parsed;
  }

  private Condition parseQuery(String query, int from) {
    try {
      return Condition.parse(query);
    } catch (io.logstream.match.QueryException e) {
      throw new AlertSyntaxException(e.getMessage().substring(0, e.getMessage().indexOf('\n')), text, from + e.position(), e);
    }
  }

  private Condition regex(String field) {
    int open = skip();
    if (!sign("/")) {
      tried("'/'");
      throw unexpected();
    }
    int end = at;
    while (end < text.length() && text.charAt(end) != '/') {
      end += text.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= text.length()) {
      throw error("expected a '/' at the end of the regular expression", text.length());
    }
    Condition parsed = parseQuery("x~" + text.substring(open, end + 1), open - 2);
    at = end + 1;
    return parsed.renamed(name -> field);
  }

  private static Condition comparison(String field, String operator, Number value) {
    return switch (operator) {
      case ">" -> Field.field(field).above(value);
      case ">=" -> Field.field(field).atLeast(value);
      case "<" -> Field.field(field).below(value);
      case "<=" -> Field.field(field).atMost(value);
      case "==" -> Field.field(field).is(value);
      default -> Condition.not(Field.field(field).is(value));
    };
  }

  private boolean isOperator() {
    skip();
    return isSign(">") || isSign("<") || isSign("==") || isSign("!=");
  }

  private String operator() {
    for (String operator : new String[] {">=", "<=", "==", "!=", ">", "<"}) {
      if (sign(operator)) {
        return operator;
      }
    }
    throw unexpected();
  }

  private void deeper() {
    if (++depth > DEEPEST) {
      throw error("expected at most " + DEEPEST + " levels of parentheses and negations", at);
    }
  }
}
