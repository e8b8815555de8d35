package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Numbers;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells of many rules those that an event may concern. A rule stands in one of three places: under a value that a field must have; else under pieces of text
 * of which one must stand in a field; else it looks at every event. What it is given it tests in full, so it may be given too much, never too little.
 */
final class RuleIndex {
  private final RuleRun[] runs;
  private final RulesByValue[] byValue;
  private final RulesByPiece[] byPiece;
  private final long[] always;
  private final long[] chosen;
  /** Rules that must see what ends a firing, which need not meet their condition. */
  private final long[] awake;

  RuleIndex(RuleRun[] runs, RuleContext context) {
    this.runs = runs;
    int words = (runs.length + 63) / 64;
    always = new long[words];
    chosen = new long[words];
    awake = new long[words];
    Map<String, RulesByValue> values = new LinkedHashMap<>();
    Map<String, RulesByPiece> pieces = new LinkedHashMap<>();
    for (int i = 0; i < runs.length; i++) {
      Condition wants = runs[i].wants();
      if (wants == null || runs[i].needsAll() || runs[i] instanceof MatchRun && runs[i].rule.saysDuration()) {
        set(always, i);
        continue;
      }
      List<Clause.Equal> equal = equal(wants);
      if (equal != null) {
        values.computeIfAbsent(equal.get(0).field(), field -> new RulesByValue(field, words)).add(equal, wants, i);
        continue;
      }
      List<Piece> needed = needed(wants);
      if (needed == null) {
        set(always, i);
      } else {
        for (Piece one : needed) {
          pieces.computeIfAbsent(one.field, field -> new RulesByPiece(field, words)).add(one.text, i);
        }
      }
    }
    byValue = values.values().toArray(RulesByValue[]::new);
    byPiece = pieces.values().toArray(RulesByPiece[]::new);
    for (RulesByValue one : byValue) {
      one.build(context);
    }
    for (RulesByPiece one : byPiece) {
      one.build(context);
    }
    wake();
  }

  /** Takes note of the rules that fire already. */
  final void wake() {
    for (int i = 0; i < runs.length; i++) {
      wake(i);
    }
  }

  private void wake(int i) {
    if (runs[i] instanceof MatchRun && runs[i].unwell() > 0) {
      set(awake, i);
    } else {
      awake[i >> 6] &= ~(1L << i);
    }
  }

  static void set(long[] bits, int i) {
    bits[i >> 6] |= 1L << i;
  }

  static void or(long[] bits, long[] more) {
    for (int i = 0; i < bits.length; i++) {
      bits[i] |= more[i];
    }
  }

  /** Gives the event to all that it may concern, in order; what one of them throws does not keep it from the others. */
  void process(LogEvent event, Emitter out) throws Exception {
    for (int word = 0; word < chosen.length; word++) {
      chosen[word] = always[word] | awake[word];
    }
    for (RulesByValue rules : byValue) {
      rules.choose(event, chosen);
    }
    for (RulesByPiece rules : byPiece) {
      rules.choose(event, chosen);
    }
    Throwable first = null;
    for (int word = 0; word < chosen.length; word++) {
      for (long bits = chosen[word]; bits != 0; bits &= bits - 1) {
        int i = (word << 6) + Long.numberOfTrailingZeros(bits);
        try {
          runs[i].process(event, out);
        } catch (Exception | StackOverflowError e) {
          runs[i].context.counter("failed").increment();
          first = first == null ? e : first;
        }
        wake(i);
      }
    }
    if (first instanceof Exception e) {
      throw e;
    } else if (first != null) {
      throw (Error) first;
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
}
