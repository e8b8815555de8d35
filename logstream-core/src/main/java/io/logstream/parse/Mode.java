package io.logstream.parse;

import io.logstream.JoinerContext;
import io.logstream.LineJoiner;
import io.logstream.LogEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** What makes a record of lines: the ways that {@link Multiline} knows, each of which opens into a joiner. Immutable. */
sealed interface Mode {
  /** A joiner for one stream. */
  LineJoiner open(boolean joinUnstarted, JoinerContext context);

  /** Refuses what can only be seen when all is said. */
  default void check() {}

  /** A joiner that knows whether its pattern has matched: one that never does is wrong. */
  abstract class Matching implements LineJoiner {
    /** Whether the last line matched. */
    boolean matched;
    /** Whether the last line belongs to no record that a match began. */
    boolean unstarted;
  }

  /** A record begins with a match, and may end with one of another pattern. */
  record Starting(Pattern start, Pattern until) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      LineStart begins = LineStart.of(start);
      LineStart ends = until == null ? null : LineStart.of(until);
      return new Matching() {
        @Override
        public Does next(byte[] bytes, int from, int to, boolean open) {
          boolean last = ends != null && ends.in(bytes, from, to);
          matched = begins.in(bytes, from, to);
          if (matched) {
            unstarted = false;
            return last ? Does.STANDS_ALONE : Does.BEGINS;
          }
          unstarted |= !open;
          if (!open && !joinUnstarted) {
            return Does.STANDS_ALONE;
          }
          return last ? Does.ENDS : Does.CONTINUES;
        }
      };
    }

    @Override
    public String toString() {
      return "startingWith " + start + (until == null ? "" : " until " + until);
    }
  }

  /** A match belongs to the line before. */
  record ContinuedBy(Pattern pattern) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      LineStart found = LineStart.of(pattern);
      return (bytes, from, to, open) -> found.in(bytes, from, to) ? LineJoiner.Does.CONTINUES : LineJoiner.Does.BEGINS;
    }

    @Override
    public String toString() {
      return "continuedBy " + pattern;
    }
  }

  /** The line behind a match belongs to it. */
  record Continuing(Pattern pattern) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      LineStart found = LineStart.of(pattern);
      return (bytes, from, to, open) -> found.in(bytes, from, to) ? LineJoiner.Does.CONTINUES : LineJoiner.Does.ENDS;
    }

    @Override
    public String toString() {
      return "continuing " + pattern;
    }
  }

  /** A match is the last line. */
  record Ending(Pattern pattern) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      LineStart found = LineStart.of(pattern);
      return new Matching() {
        @Override
        public Does next(byte[] bytes, int from, int to, boolean open) {
          matched = found.in(bytes, from, to);
          return matched ? Does.ENDS : Does.CONTINUES;
        }
      };
    }

    @Override
    public String toString() {
      return "endingWith " + pattern;
    }
  }

  /** So many lines each. */
  record Every(int lines) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      return new LineJoiner() {
        private int seen;

        @Override
        public Does next(byte[] bytes, int from, int to, boolean open) {
          seen = open ? seen + 1 : 1;
          return seen >= lines ? Does.ENDS : Does.CONTINUES;
        }

        @Override
        public long state() {
          return seen;
        }

        @Override
        public void state(long saved) {
          seen = (int) saved;
        }
      };
    }

    @Override
    public String toString() {
      return "every " + lines;
    }
  }

  /** A run of lines that match, or that do not. */
  record While(Pattern pattern, boolean matching) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      LineStart found = LineStart.of(pattern);
      return (bytes, from, to, open) -> found.in(bytes, from, to) == matching ? LineJoiner.Does.CONTINUES : LineJoiner.Does.STANDS_ALONE;
    }

    @Override
    public String toString() {
      return (matching ? "whileMatching " : "whileNotMatching ") + pattern;
    }
  }

  /** Up to the line at whose end no quote is open. */
  record Quoted(byte quote) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      return (bytes, from, to, open) -> {
        boolean inside = open;
        for (int i = from; i < to; i++) {
          if (bytes[i] == quote && (i == from || bytes[i - 1] != '\\')) {
            inside = !inside;
          }
        }
        return inside ? LineJoiner.Does.CONTINUES : LineJoiner.Does.ENDS;
      };
    }

    @Override
    public String toString() {
      return "quoted " + (char) quote;
    }
  }

  /** What the second of two patterns means. */
  enum Kind {
    HALT_BEFORE("haltBefore"),
    HALT_WITH("haltWith"),
    CONTINUE_THROUGH("continueThrough"),
    CONTINUE_PAST("continuePast");

    final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  /** One pattern begins a record, another says how far it goes. */
  record Two(Kind kind, Pattern start, Pattern condition) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      LineStart begins = LineStart.of(start);
      LineStart found = LineStart.of(condition);
      return new Matching() {
        @Override
        public Does next(byte[] bytes, int from, int to, boolean open) {
          if (open) {
            boolean match = found.in(bytes, from, to);
            unstarted = false;
            switch (kind) {
              case HALT_BEFORE -> {
                if (!match) {
                  return Does.CONTINUES;
                }
              }
              case HALT_WITH -> {
                return match ? Does.ENDS : Does.CONTINUES;
              }
              case CONTINUE_THROUGH -> {
                if (match) {
                  return Does.CONTINUES;
                }
              }
              default -> {
                return match ? Does.CONTINUES : Does.ENDS;
              }
            }
          }
          matched = begins.in(bytes, from, to);
          unstarted = !matched;
          return matched ? Does.BEGINS : Does.STANDS_ALONE;
        }
      };
    }

    @Override
    public String toString() {
      return kind.word + " " + start + ", " + condition;
    }
  }

  /** Rules that lead from state to state. */
  record Machine(List<Rule> rules) implements Mode {
    static final Machine NONE = new Machine(List.of());
    private static final String START = "start";

    record Rule(String state, Pattern pattern, String next) {}

    private record Step(LineStart pattern, int next) {}

    Machine with(String state, Pattern pattern, String next) {
      List<Rule> more = new ArrayList<>(rules);
      more.add(new Rule(Objects.requireNonNull(state, "state"), pattern, Objects.requireNonNull(next, "next state")));
      return new Machine(List.copyOf(more));
    }

    private Set<String> states() {
      Set<String> states = new LinkedHashSet<>(List.of(START));
      rules.forEach(rule -> states.add(rule.state));
      return states;
    }

    @Override
    public void check() {
      Set<String> states = states();
      if (rules.stream().noneMatch(rule -> rule.state.equals(START))) {
        throw new IllegalArgumentException("Multiline.rule(..): no rule of the state 'start', so that no record could begin; there are rules of "
            + rules.stream().map(Rule::state).distinct().toList());
      }
      Set<String> reached = new LinkedHashSet<>(List.of(START));
      for (Rule rule : rules) {
        reached.add(rule.next);
        if (!states.contains(rule.next)) {
          throw new IllegalArgumentException("Multiline.rule(\"" + rule.state + "\", .., \"" + rule.next + "\"): the state '" + rule.next
              + "' has no rules; there are rules of " + states + ". For a record that ends with that line, the next state is 'start'");
        }
      }
      for (String state : states) {
        if (!reached.contains(state)) {
          throw new IllegalArgumentException("Multiline.rule(\"" + state + "\", ..): no rule leads to the state '" + state + "'; rules lead to " + reached);
        }
      }
    }

    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      Map<String, Integer> numbers = new LinkedHashMap<>();
      states().forEach(state -> numbers.put(state, numbers.size()));
      Step[][] steps = new Step[numbers.size()][];
      numbers.forEach((state, number) -> steps[number] = rules.stream().filter(rule -> rule.state.equals(state))
          .map(rule -> new Step(LineStart.of(rule.pattern), numbers.getOrDefault(rule.next, 0))).toArray(Step[]::new));
      return new Matching() {
        private int state;

        @Override
        public Does next(byte[] bytes, int from, int to, boolean open) {
          if (open && state != 0) {
            unstarted = false;
            for (Step step : steps[state]) {
              if (step.pattern.in(bytes, from, to)) {
                state = step.next;
                return state == 0 ? Does.ENDS : Does.CONTINUES;
              }
            }
          }
          state = 0;
          for (Step step : steps[0]) {
            if (step.pattern.in(bytes, from, to)) {
              state = step.next;
              matched = true;
              unstarted = false;
              return state == 0 ? Does.STANDS_ALONE : Does.BEGINS;
            }
          }
          matched = false;
          unstarted = true;
          return Does.STANDS_ALONE;
        }

        @Override
        public long state() {
          return state;
        }

        @Override
        public void state(long saved) {
          state = saved < steps.length ? (int) saved : 0;
        }
      };
    }

    @Override
    public String toString() {
      return "rule " + rules.stream().map(rule -> rule.state + " " + rule.pattern + " " + rule.next).toList();
    }
  }

  /** Stack traces. */
  record OfTraces(int languages, boolean afterLine) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      return new Traces(languages, afterLine);
    }

    @Override
    public String toString() {
      return "traces " + Traces.names(languages) + (afterLine ? " afterLine" : "");
    }
  }

  /** Pieces that say whether more follows. */
  record Partial(String field) implements Mode {
    @Override
    public LineJoiner open(boolean joinUnstarted, JoinerContext context) {
      return new LineJoiner() {
        @Override
        public Does next(byte[] bytes, int from, int to, boolean open) {
          return Does.STANDS_ALONE;
        }

        @Override
        public Does next(LogEvent event, boolean open) {
          return "true".equals(event.text(field)) ? Does.CONTINUES : Does.ENDS;
        }
      };
    }

    @Override
    public String toString() {
      return "partial " + field;
    }
  }
}
