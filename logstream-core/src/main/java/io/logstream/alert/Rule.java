package io.logstream.alert;

import io.logstream.FieldUse;
import io.logstream.match.Condition;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A rule as a tree: what both ways of writing it down make, and the evaluator runs. Whatever is not said is null or empty, defaults excepted.
 *
 * @param triggers one at least; of several, which are all tests of windows, all must hold
 * @param steps what must follow, or must not, in this order
 * @param to the names of the notifiers to be told, for rules that are read
 */
record Rule(String name, List<Trigger> triggers, List<Step> steps, Duration allWithin, List<String> by, int maxKeys, Duration lasting,
    Condition clearWhen, Duration clearAfter, Duration noDataAfter, NoData noData, Duration atMostEvery, Duration backingOffTo, Limit limit,
    Severity severity, List<String> to) {
  static final int MAX_KEYS = 10_000;

  /** What must follow, or must not, in so much time. */
  record Step(Condition what, boolean not, Duration within) {
    @Override
    public String toString() {
      return "then " + (not ? "not " : "") + what + " within " + within;
    }
  }

  /** The same rule that tells these. */
  Rule telling(List<String> names) {
    return new Rule(name, triggers, steps, allWithin, by, maxKeys, lasting, clearWhen, clearAfter, noDataAfter, noData, atMostEvery, backingOffTo, limit, severity, List.copyOf(names));
  }

  /** Whether words are said that only make sense for what lasts. */
  boolean saysDuration() {
    return lasting != null || clearWhen != null || clearAfter != null || noDataAfter != null;
  }

  FieldUse fieldUse() {
    FieldUse use = FieldUse.reading(by.toArray(new String[0]));
    for (Trigger trigger : triggers) {
      use = use.and(trigger.reads());
    }
    for (Step step : steps) {
      use = use.and(step.what.fieldUse());
    }
    return clearWhen != null && triggers.get(0) instanceof Trigger.Matches ? use.and(clearWhen.fieldUse()) : use;
  }

  /** What its state depends on: a rule with another version starts anew. How often and whom it tells is not part of it. */
  String version() {
    return hash(watches());
  }

  private String watches() {
    String clears = clearWhen == null ? "" : triggers.get(0) instanceof Trigger.Over over ? Trigger.Over.meant(clearWhen, over.meanings()) : clearWhen.toString();
    return triggers.stream().map(Trigger::canonical).collect(Collectors.joining(" and ")) + " " + steps + " all within " + allWithin + " by " + by + " for " + lasting
        + " clear " + clears + " after " + clearAfter + " no data " + noData + " after " + noDataAfter + " max " + maxKeys;
  }

  /** All that it says, the same for rules that mean the same. */
  String canonical() {
    return name + ": " + watches() + " every " + atMostEvery + " to " + backingOffTo + " limit " + limit + " " + severity + " to " + to;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Rule rule && canonical().equals(rule.canonical());
  }

  @Override
  public int hashCode() {
    return canonical().hashCode();
  }

  @Override
  public String toString() {
    return RuleText.of(this);
  }

  /** A hash of text, in hexadecimal. */
  static String hash(String text) {
    return hex(sha256(), text.getBytes(StandardCharsets.UTF_8));
  }

  /** The beginning of what is digested in the end, in hexadecimal. */
  static String hex(MessageDigest digest, byte[] end) {
    byte[] hash = digest.digest(end);
    byte[] hex = new byte[32];
    for (int i = 0; i < hex.length; i++) {
      hex[i] = (byte) HexFormat.of().toLowHexDigit(i % 2 == 0 ? hash[i / 2] >>> 4 : hash[i / 2]);
    }
    return new String(hex, StandardCharsets.ISO_8859_1);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
