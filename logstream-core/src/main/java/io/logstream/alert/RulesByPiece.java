package io.logstream.alert;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Span;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Rules, as sets of bits, by pieces of text of which one must stand in a field. */
final class RulesByPiece {
  private final String field;
  private final Map<String, long[]> rules = new LinkedHashMap<>();
  private final long[] all;
  private FieldKey key;
  private AhoCorasick pieces;
  private long[][] ofPiece;

  RulesByPiece(String field, int words) {
    this.field = field;
    this.all = new long[words];
  }

  void add(String text, int rule) {
    RuleIndex.set(all, rule);
    RuleIndex.set(rules.computeIfAbsent(text, t -> new long[all.length]), rule);
  }

  /** All rules are there. */
  void build(RuleContext context) {
    key = context.key(field);
    pieces = new AhoCorasick(rules.keySet().stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
    ofPiece = rules.values().toArray(long[][]::new);
  }

  /** Adds those that the event may concern; returns whether there are any. */
  boolean choose(LogEvent event, long[] chosen) {
    long span = event.span(key);
    if (span != Span.NONE) {
      return find(event.bytes(), Span.from(span), Span.to(span), chosen);
    }
    Object value = event.has(key) ? event.value(field) : null;
    if (value instanceof Collection<?>) {
      RuleIndex.or(chosen, all);
      return true;
    }
    if (value == null) {
      return false;
    }
    byte[] text = (value instanceof Double number ? Double.toString(number + 0.0) : value.toString()).getBytes(StandardCharsets.UTF_8);
    return find(text, 0, text.length, chosen);
  }

  private boolean find(byte[] bytes, int from, int to, long[] chosen) {
    return pieces.find(bytes, from, to, piece -> RuleIndex.or(chosen, ofPiece[piece]));
  }
}
