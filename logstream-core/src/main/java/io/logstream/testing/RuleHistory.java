package io.logstream.testing;

import io.logstream.alert.AlertKey;
import io.logstream.alert.AlertWatch;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What an alert thought of its keys, for explanations: of each key the verdicts last come to, and all changes of state. */
final class RuleHistory implements AlertWatch {
  private static final int VERDICTS = 2_000;
  private static final int KEYS = 20_000;

  private record Verdict(Instant at, Map<String, Object> values, Boolean holds) {
    @Override
    public String toString() {
      return at + (holds == null ? "  no data to tell" : holds ? "  holds" : "  does not hold")
          + values.entrySet().stream().filter(e -> !e.getKey().startsWith("alert.")).map(e -> "  " + e.getKey() + "=" + e.getValue()).collect(Collectors.joining());
    }
  }

  private record Move(Instant at, String from, String to, String why) {
    @Override
    public String toString() {
      return at + "  " + from + " -> " + to + " (" + why + ")";
    }
  }

  private static final class OfKey {
    private final ArrayDeque<Verdict> verdicts = new ArrayDeque<>();
    private final List<Move> moves = new ArrayList<>();
  }

  private final Map<AlertKey, OfKey> keys = new HashMap<>();

  @Override
  public void judged(String alert, AlertKey key, Instant at, Map<String, Object> values, Boolean holds) {
    OfKey of = of(key);
    if (of != null) {
      of.verdicts.add(new Verdict(at, values, holds));
      if (of.verdicts.size() > VERDICTS) {
        of.verdicts.removeFirst();
      }
    }
  }

  @Override
  public void moved(String alert, AlertKey key, String from, String to, Instant at, String why) {
    OfKey of = of(key);
    if (of != null) {
      of.moves.add(new Move(at, from, to, why));
    }
  }

  private OfKey of(AlertKey key) {
    return keys.size() < KEYS ? keys.computeIfAbsent(key, k -> new OfKey()) : keys.get(key);
  }

  /** What is known of a key at a moment: the last verdicts up to it, the one behind it, and how it came into its state. */
  String explain(AlertKey key, Instant at) {
    OfKey of = keys.get(key);
    if (of == null) {
      List<AlertKey> known = keys.keySet().stream().limit(8).toList();
      return "no event of " + key + " was judged; " + (known.isEmpty() ? "none was at all" : "there are " + known + (keys.size() > 8 ? " and " + (keys.size() - 8) + " more" : ""));
    }
    List<Verdict> before = of.verdicts.stream().filter(v -> !v.at.isAfter(at)).toList();
    List<Move> moves = of.moves.stream().filter(m -> !m.at.isAfter(at)).toList();
    Verdict after = of.verdicts.stream().filter(v -> v.at.isAfter(at)).findFirst().orElse(null);
    StringBuilder text = new StringBuilder(key + " at " + at + ": " + (moves.isEmpty() ? "OK" : moves.get(moves.size() - 1).to));
    text.append("\njudged:");
    before.subList(Math.max(0, before.size() - 5), before.size()).forEach(v -> text.append("\n  ").append(v));
    text.append(before.isEmpty() ? " not yet" : "").append(after == null ? "" : "\n  then " + after);
    text.append("\nstates:").append(moves.isEmpty() ? " never left OK" : "");
    moves.subList(Math.max(0, moves.size() - 8), moves.size()).forEach(m -> text.append("\n  ").append(m));
    return text.toString();
  }
}
