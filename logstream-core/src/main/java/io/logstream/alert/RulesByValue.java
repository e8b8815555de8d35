package io.logstream.alert;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Numbers;
import io.logstream.Span;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Rules, as sets of bits, by the values of which a field must have one. What all of them ask for besides is asked first, and once. */
final class RulesByValue {
  private final String field;
  private final boolean anyCase;
  private final long[] all;
  private final Texts byText = new Texts();
  private final Numeric byNumber = new Numeric();
  private List<Condition> shared;
  private FieldKey key;
  private Predicate<LogEvent> sharedHolds;
  private byte[] lower = new byte[64];

  RulesByValue(String field, int words) {
    this.field = field;
    this.anyCase = Clause.anyCase(field);
    this.all = new long[words];
  }

  void add(List<Clause.Equal> equal, Condition wants, int rule) {
    RuleIndex.set(all, rule);
    for (Clause.Equal one : equal) {
      Number number = one.number() != null ? one.number() : Numbers.parse(one.text());
      if (number != null) {
        RuleIndex.set(byNumber.at(number.doubleValue() + 0.0, all.length), rule);
      }
      if (one.number() == null) {
        RuleIndex.set(byText.at((anyCase ? one.text().toLowerCase(Locale.ROOT) : one.text()).getBytes(StandardCharsets.UTF_8), all.length), rule);
      }
    }
    List<Condition> parts = wants instanceof Clause.And and ? and.parts() : List.of();
    if (shared == null) {
      shared = new ArrayList<>();
      for (Condition part : parts) {
        if (isCheap(part)) {
          shared.add(part);
        }
      }
    } else {
      shared.retainAll(parts);
    }
  }

  /** Whether it costs less than the look-up, and cannot fail. */
  private static boolean isCheap(Condition part) {
    return part instanceof Clause.Range || part instanceof Clause.Equal;
  }

  /** All rules are there. */
  void build(RuleContext context) {
    key = context.key(field);
    Condition all = null;
    for (Condition part : shared) {
      all = all == null ? part : all.and(part);
    }
    sharedHolds = all == null ? null : all.bind(context);
  }

  /** Adds those that the event may concern; returns whether there are any. */
  boolean choose(LogEvent event, long[] chosen) {
    if (sharedHolds != null && !sharedHolds.test(event)) {
      return false;
    }
    long span = event.span(key);
    boolean any = false;
    if (span != Span.NONE) {
      if (byText.count > 0) {
        any = add(textual(event.bytes(), Span.from(span), Span.to(span)), chosen);
      }
      if (byNumber.count > 0) {
        any |= add(byNumber.get(event.decimal(key, Double.NaN)), chosen);
      }
    } else if (event.has(key)) {
      double number = event.decimal(key, Double.NaN);
      any = add(number == number ? byNumber.get(number) : all, chosen);
    }
    return any;
  }

  private static boolean add(long[] rules, long[] chosen) {
    if (rules != null) {
      RuleIndex.or(chosen, rules);
    }
    return rules != null;
  }

  private long[] textual(byte[] bytes, int from, int to) {
    if (!anyCase) {
      return byText.get(bytes, from, to);
    }
    int length = to - from;
    if (lower.length < length) {
      lower = new byte[length];
    }
    for (int i = 0; i < length; i++) {
      byte b = bytes[from + i];
      lower[i] = (byte) (b >= 'A' && b <= 'Z' ? b | 0x20 : b);
    }
    return byText.get(lower, 0, length);
  }

  /** Sets of rules by text, in a table of open addresses that is never more than half full. */
  private static final class Texts {
    private byte[][] texts = new byte[16][];
    private long[][] rules = new long[16][];
    private int count;

    private int place(byte[] bytes, int from, int to) {
      int at = Bytes.hash(bytes, from, to) & texts.length - 1;
      while (texts[at] != null && !Arrays.equals(texts[at], 0, texts[at].length, bytes, from, to)) {
        at = at + 1 & texts.length - 1;
      }
      return at;
    }

    long[] get(byte[] bytes, int from, int to) {
      return rules[place(bytes, from, to)];
    }

    long[] at(byte[] text, int words) {
      int at = place(text, 0, text.length);
      if (rules[at] == null) {
        if (++count * 2 > texts.length) {
          grow();
          at = place(text, 0, text.length);
        }
        texts[at] = text;
        rules[at] = new long[words];
      }
      return rules[at];
    }

    private void grow() {
      byte[][] oldTexts = texts;
      long[][] oldRules = rules;
      texts = new byte[oldTexts.length * 2][];
      rules = new long[texts.length][];
      for (int i = 0; i < oldTexts.length; i++) {
        if (oldTexts[i] != null) {
          int to = place(oldTexts[i], 0, oldTexts[i].length);
          texts[to] = oldTexts[i];
          rules[to] = oldRules[i];
        }
      }
    }
  }

  /** The same by number. */
  private static final class Numeric {
    private double[] numbers = new double[16];
    private long[][] rules = new long[16][];
    private int count;

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
      int at = place(number);
      if (rules[at] == null) {
        if (++count * 2 > numbers.length) {
          grow();
          at = place(number);
        }
        numbers[at] = number;
        rules[at] = new long[words];
      }
      return rules[at];
    }

    private void grow() {
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
  }
}
