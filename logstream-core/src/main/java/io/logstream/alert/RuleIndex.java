package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Numbers;
import io.logstream.Span;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tells of many rules those that an event may concern. A rule stands in one of three places: under a value that a field must have; else under pieces of text
 * of which one must stand in a field; else it looks at every event. What it is given it tests in full, so it may be given too much, never too little.
 */
final class RuleIndex {
  private final RuleRun[] runs;
  private final List<Values> byValue = new ArrayList<>();
  private final List<Pieces> byPiece = new ArrayList<>();
  private final long[] always;
  private final long[] chosen;
  /** Rules that must see what ends a firing, which need not meet their condition. */
  private final List<Integer> awake = new ArrayList<>();

  RuleIndex(RuleRun[] runs, RuleContext context) {
    this.runs = runs;
    always = new long[(runs.length + 63) / 64];
    chosen = new long[always.length];
    Map<String, Values> values = new LinkedHashMap<>();
    Map<String, Pieces> pieces = new LinkedHashMap<>();
    for (int i = 0; i < runs.length; i++) {
      Condition wants = runs[i].wants();
      if (wants == null || runs[i].needsAll() || runs[i] instanceof MatchRun && runs[i].rule.saysDuration()) {
        set(always, i);
        continue;
      }
      List<Clause.Equal> equal = equal(wants);
      if (equal != null) {
        values.computeIfAbsent(equal.get(0).field(), field -> new Values(context.key(field), field)).add(equal, i);
        continue;
      }
      List<Piece> needed = needed(wants);
      if (needed == null) {
        set(always, i);
      } else {
        for (Piece one : needed) {
          pieces.computeIfAbsent(one.field, field -> new Pieces(context.key(field), field)).add(one.text, i);
        }
      }
    }
    byValue.addAll(values.values());
    byPiece.addAll(pieces.values());
    byPiece.forEach(Pieces::build);
    wake();
  }

  /** Takes note of the rules that fire already. */
  final void wake() {
    awake.clear();
    for (int i = 0; i < runs.length; i++) {
      if (runs[i] instanceof MatchRun && runs[i].unwell() > 0) {
        awake.add(i);
      }
    }
  }

  private static void set(long[] bits, int i) {
    bits[i >> 6] |= 1L << i;
  }

  /** Gives the event to all that it may concern, in order; what one of them throws does not keep it from the others. */
  void process(LogEvent event, Emitter out) throws Exception {
    System.arraycopy(always, 0, chosen, 0, always.length);
    for (int i = 0; i < byValue.size(); i++) {
      byValue.get(i).choose(event);
    }
    for (int i = 0; i < byPiece.size(); i++) {
      byPiece.get(i).choose(event);
    }
    for (int i = 0; i < awake.size(); i++) {
      set(chosen, awake.get(i));
    }
    Throwable first = null;
    for (int word = 0; word < chosen.length; word++) {
      for (long bits = chosen[word]; bits != 0; bits &= bits - 1) {
        int i = (word << 6) + Long.numberOfTrailingZeros(bits);
        try {
          process(i, event, out);
        } catch (Exception | StackOverflowError e) {
          runs[i].context.counter("failed").increment();
          first = first == null ? e : first;
        }
      }
    }
    if (first instanceof Exception e) {
      throw e;
    } else if (first != null) {
      throw (Error) first;
    }
  }

  private void process(int i, LogEvent event, Emitter out) throws Exception {
    RuleRun run = runs[i];
    run.process(event, out);
    if (run instanceof MatchRun && run.unwell() > 0 != awake.contains(i)) {
      if (run.unwell() > 0) {
        awake.add(i);
      } else {
        awake.remove((Integer) i);
      }
    }
  }

  // ---------------------------------------------------------------- values

  /** Values of one field of which it must have one; null if there is no such field. */
  private static List<Clause.Equal> equal(Condition condition) {
    if (condition instanceof Clause.Equal equal) {
      return List.of(equal);
    }
    if (condition instanceof Clause.OneOf oneOf) {
      return oneOf.values();
    }
    List<Clause.Equal> best = null;
    if (condition instanceof Clause.And and) {
      for (Condition part : and.parts()) {
        List<Clause.Equal> of = equal(part);
        best = of != null && (best == null || of.size() < best.size()) ? of : best;
      }
    }
    return best;
  }

  /** The rules by the value of one field. */
  private final class Values {
    private final FieldKey[] field;
    private final boolean anyCase;
    private final Map<GroupKey, long[]> byText = new HashMap<>();
    private final NumberTable byNumber = new NumberTable();
    private final long[] all = new long[always.length];
    private final GroupKey probe = new GroupKey();

    Values(FieldKey key, String field) {
      this.field = new FieldKey[] {key};
      anyCase = Clause.anyCase(field);
    }

    void add(List<Clause.Equal> equal, int rule) {
      set(all, rule);
      for (Clause.Equal one : equal) {
        Number number = one.number() != null ? one.number() : Numbers.parse(one.text());
        if (number != null) {
          set(byNumber.at(number.doubleValue() + 0.0, all.length), rule);
        }
        if (one.number() == null) {
          GroupKey key = new GroupKey();
          key.of(List.of(anyCase ? one.text().toLowerCase(Locale.ROOT) : one.text()));
          set(byText.computeIfAbsent(key, k -> new long[all.length]), rule);
        }
      }
    }

    void choose(LogEvent event) {
      FieldKey key = field[0];
      if (event.span(key) != Span.NONE) {
        if (!byText.isEmpty()) {
          probe.read(event, field);
          if (anyCase) {
            probe.lowerCase();
          }
          or(byText.get(probe));
        }
        if (!byNumber.isEmpty()) {
          or(byNumber.get(event.decimal(key, Double.NaN)));
        }
      } else if (event.has(key)) {
        double number = event.decimal(key, Double.NaN);
        if (number == number) {
          or(byNumber.get(number));
        } else {
          or(all);
        }
      }
    }
  }

  private void or(long[] bits) {
    if (bits != null) {
      for (int i = 0; i < bits.length; i++) {
        chosen[i] |= bits[i];
      }
    }
  }

  /** Sets of rules by a number, in a table of open addresses. */
  private static final class NumberTable {
    private double[] numbers = new double[16];
    private long[][] rules = new long[16][];
    private int count;

    boolean isEmpty() {
      return count == 0;
    }

    private int place(double number) {
      long bits = Double.doubleToLongBits(number) * 0x9E3779B97F4A7C15L;
      int at = (int) (bits >>> 40) & numbers.length - 1;
      while (rules[at] != null && numbers[at] != number) {
        at = at + 1 & numbers.length - 1;
      }
      return at;
    }

    long[] get(double number) {
      return number == number ? rules[place(number + 0.0)] : null;
    }

    long[] at(double number, int words) {
      if (++count * 2 > numbers.length) {
        double[] oldNumbers = numbers;
        long[][] oldRules = rules;
        numbers = new double[oldNumbers.length * 2];
        rules = new long[numbers.length][];
        for (int i = 0; i < oldRules.length; i++) {
          if (oldRules[i] != null) {
            int to = place(oldNumbers[i]);
            numbers[to] = oldNumbers[i];
            rules[to] = oldRules[i];
          }
        }
      }
      int at = place(number);
      if (rules[at] == null) {
        numbers[at] = number;
        rules[at] = new long[words];
      }
      return rules[at];
    }
  }

  // ---------------------------------------------------------------- pieces of text

  private record Piece(String field, String text) {}

  /** Pieces of text of which one must stand in its field; null if nothing can be said. */
  private static List<Piece> needed(Condition condition) {
    if (condition instanceof Clause.Like like && !Clause.anyCase(like.field())) {
      String longest = "";
      for (String piece : like.pieces()) {
        longest = piece.length() > longest.length() ? piece : longest;
      }
      return longest.isEmpty() ? null : List.of(new Piece(like.field(), longest));
    }
    if (condition instanceof Clause.Equal equal && equal.number() == null && Numbers.parse(equal.text()) == null && !equal.text().isEmpty() && !Clause.anyCase(equal.field())) {
      return List.of(new Piece(equal.field(), equal.text()));
    }
    if (condition instanceof Clause.Or or) {
      List<Piece> all = new ArrayList<>();
      for (Condition part : or.parts()) {
        List<Piece> of = needed(part);
        if (of == null) {
          return null;
        }
        all.addAll(of);
      }
      return all;
    }
    List<Piece> best = null;
    if (condition instanceof Clause.And and) {
      for (Condition part : and.parts()) {
        List<Piece> of = needed(part);
        best = of != null && (best == null || worth(of) > worth(best)) ? of : best;
      }
    }
    return best;
  }

  /** The rarer the better: few pieces, and long ones. */
  private static int worth(List<Piece> pieces) {
    int shortest = pieces.stream().mapToInt(piece -> piece.text.length()).min().orElse(0);
    return Math.min(shortest, 12) * 4 - pieces.size();
  }

  /** The rules by pieces of one field's text. */
  private final class Pieces {
    private final FieldKey field;
    private final String name;
    private final Map<String, long[]> rules = new LinkedHashMap<>();
    private final long[] all = new long[always.length];
    private AhoCorasick pieces;
    private long[][] ofPiece;

    Pieces(FieldKey field, String name) {
      this.field = field;
      this.name = name;
    }

    void add(String text, int rule) {
      set(all, rule);
      set(rules.computeIfAbsent(text, t -> new long[all.length]), rule);
    }

    void build() {
      pieces = new AhoCorasick(rules.keySet().stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
      ofPiece = rules.values().toArray(long[][]::new);
    }

    void choose(LogEvent event) {
      long span = event.span(field);
      if (span != Span.NONE) {
        find(event.bytes(), Span.from(span), Span.to(span));
      } else if (event.has(field)) {
        Object value = event.value(name);
        if (value instanceof Collection<?>) {
          or(all);
        } else if (value != null) {
          byte[] text = (value instanceof Double number ? Double.toString(number + 0.0) : value.toString()).getBytes(StandardCharsets.UTF_8);
          find(text, 0, text.length);
        }
      }
    }

    private void find(byte[] bytes, int from, int to) {
      pieces.find(bytes, from, to, piece -> or(ofPiece[piece]));
    }
  }
}
