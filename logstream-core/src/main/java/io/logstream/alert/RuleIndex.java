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
  /** Rules that look at every event, and for as long as they fire those that must see what ends it, which need not meet their condition. */
  private final long[] standing;
  private boolean anyStands;
  /** Those for the event under way; none between two events. */
  private final long[] chosen;
  /** Rules under a value or a piece that stand while they fire. */
  private final boolean[] mayWake;

  RuleIndex(RuleRun[] runs, RuleContext context) {
    this.runs = runs;
    int words = (runs.length + 63) / 64;
    standing = new long[words];
    chosen = new long[words];
    mayWake = new boolean[runs.length];
    Map<String, RulesByValue> values = new LinkedHashMap<>();
    Map<String, RulesByPiece> pieces = new LinkedHashMap<>();
    for (int i = 0; i < runs.length; i++) {
      Condition wants = runs[i].wants();
      if (wants == null || runs[i].needsAll() || runs[i] instanceof MatchRun && runs[i].rule.saysDuration()) {
        set(standing, i);
        continue;
      }
      mayWake[i] = runs[i] instanceof MatchRun;
      List<Clause.Equal> equal = equal(wants);
      if (equal != null) {
        RulesByValue ofField = values.get(equal.get(0).field());
        if (ofField == null) {
          ofField = new RulesByValue(equal.get(0).field(), words);
          values.put(equal.get(0).field(), ofField);
        }
        ofField.add(equal, wants, i);
        continue;
      }
      List<Piece> needed = needed(wants);
      if (needed == null) {
        mayWake[i] = false;
        set(standing, i);
      } else {
        for (Piece one : needed) {
          pieces.computeIfAbsent(one.field, field -> new RulesByPiece(field, words)).add(one.text, i);
        }
      }
    }
    byValue = values.values().toArray(new RulesByValue[0]);
    byPiece = pieces.values().toArray(new RulesByPiece[0]);
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
    anyStands = anyOf(standing);
  }

  /** Returns whether that has changed. */
  private boolean wake(int i) {
    if (!mayWake[i] || runs[i].unwell() > 0 == isSet(standing, i)) {
      return false;
    }
    standing[i >> 6] ^= 1L << i;
    return true;
  }

  private static boolean isSet(long[] bits, int i) {
    return (bits[i >> 6] & 1L << i) != 0;
  }

  private static boolean anyOf(long[] bits) {
    for (long some : bits) {
      if (some != 0) {
        return true;
      }
    }
    return false;
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
    boolean any = anyStands;
    if (any) {
      System.arraycopy(standing, 0, chosen, 0, chosen.length);
    }
    for (int i = 0; i < byValue.length; i++) {
      any |= byValue[i].choose(event, chosen);
    }
    for (int i = 0; i < byPiece.length; i++) {
      any |= byPiece[i].choose(event, chosen);
    }
    if (any) {
      processChosen(event, out);
    }
  }

  private void processChosen(LogEvent event, Emitter out) throws Exception {
    Throwable first = null;
    boolean woken = false;
    for (int word = 0; word < chosen.length; word++) {
      long bits = chosen[word];
      chosen[word] = 0;
      for (; bits != 0; bits &= bits - 1) {
        int i = (word << 6) + Long.numberOfTrailingZeros(bits);
        try {
          runs[i].process(event, out);
        } catch (Exception | StackOverflowError e) {
          runs[i].context.counter("failed").increment();
          first = first == null ? e : first;
        }
        woken |= wake(i);
      }
    }
    if (woken) {
      anyStands = anyOf(standing);
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
