package io.logstream.index;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** What a query is made of: a tree, immutable. It prints itself in the form of a query that a person would type. */
sealed interface Clause {
  /** How many levels the tree has. */
  default int depth() {
    return 1;
  }

  /** How many conditions it has. */
  default int conditions() {
    return 1;
  }

  /** Every event. */
  record All() implements Clause {
    @Override
    public String toString() {
      return "*";
    }
  }

  /** These words, one after the other, in the message. */
  record Words(String text) implements Clause {
    @Override
    public String toString() {
      return quoted(text);
    }
  }

  /** A field has this value: a String, Long, Double or Boolean. */
  record Is(String field, Object value) implements Clause {
    @Override
    public String toString() {
      return field + ":" + (value instanceof String text ? quoted(text) : value);
    }
  }

  /** A field is a number in this range; a null bound is open. Bounds are Long or Double. */
  record Range(String field, Number from, boolean fromIncluded, Number to, boolean toIncluded) implements Clause {
    @Override
    public String toString() {
      String lower = from == null ? "" : field + (fromIncluded ? ">=" : ">") + from;
      String upper = to == null ? "" : field + (toIncluded ? "<=" : "<") + to;
      return lower + (from == null || to == null ? "" : " ") + upper;
    }
  }

  /** A field is text that starts so. */
  record StartsWith(String field, String prefix) implements Clause {
    @Override
    public String toString() {
      return field + ":" + quoted(prefix) + "*";
    }
  }

  /** The event has this field. */
  record Exists(String field) implements Clause {
    @Override
    public String toString() {
      return field + ":*";
    }
  }

  /** The event's time lies in this range of milliseconds, both ends included. */
  record Between(long from, long to) implements Clause {
    @Override
    public String toString() {
      return (from == Long.MIN_VALUE ? "" : "since:" + Instant.ofEpochMilli(from)) + (to == Long.MAX_VALUE ? "" : "until:" + Instant.ofEpochMilli(to + 1));
    }
  }

  /** All of them. */
  record And(List<Clause> all) implements Clause {
    @Override
    public int depth() {
      return 1 + deepest(all);
    }

    @Override
    public int conditions() {
      return sum(all);
    }

    @Override
    public String toString() {
      return joined(all, " AND ");
    }
  }

  /** At least one of them. */
  record Or(List<Clause> any) implements Clause {
    @Override
    public int depth() {
      return 1 + deepest(any);
    }

    @Override
    public int conditions() {
      return sum(any);
    }

    @Override
    public String toString() {
      return joined(any, " OR ");
    }
  }

  /** Everything else. */
  record Not(Clause clause) implements Clause {
    @Override
    public int depth() {
      return 1 + clause.depth();
    }

    @Override
    public int conditions() {
      return clause.conditions();
    }

    @Override
    public String toString() {
      return "NOT " + clause;
    }
  }

  private static int deepest(List<Clause> clauses) {
    return clauses.stream().mapToInt(Clause::depth).max().orElse(0);
  }

  private static int sum(List<Clause> clauses) {
    return clauses.stream().mapToInt(Clause::conditions).sum();
  }

  private static String joined(List<Clause> clauses, String by) {
    return clauses.stream().map(Clause::toString).collect(Collectors.joining(by, "(", ")"));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
