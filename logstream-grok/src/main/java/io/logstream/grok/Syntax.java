package io.logstream.grok;

import java.util.List;

/**
 * What a pattern says, with all that it names: the one form that everything else is made from. Prints as a regular expression of {@code
 * java.util.regex}. Flags are not in the tree: what they change (which characters a class has) is carried out where it stands.
 */
sealed interface Syntax {

  /** What the pattern's own regular expression is printed for. */
  int NO_LIMIT = Integer.MAX_VALUE;

  /** Where this stands in what the user wrote; null where it stands nowhere. */
  Source source();

  /** What it is made of, in order. */
  default List<Syntax> parts() {
    return List.of();
  }

  /** A text of the user's (the pattern, or a definition), and the part of it that is meant. */
  record Source(Translation.Text text, int from, int to) {
    String written() {
      return text.text.substring(Math.min(from, to), to);
    }
  }

  /** One character of a class, or a certain one. */
  record Chars(CharSet set, Source source) implements Syntax {}

  /** One after another. */
  record Sequence(List<Syntax> parts, Source source) implements Syntax {}

  /** The first of several that leads to a match. */
  record Choice(List<Syntax> options, Source source) implements Syntax {
    @Override
    public List<Syntax> parts() {
      return options;
    }
  }

  /** Again and again; {@link #NO_LIMIT} where there is no most. */
  record Repeat(Syntax body, int least, int most, How how, Source source) implements Syntax {
    @Override
    public List<Syntax> parts() {
      return List.of(body);
    }
  }

  /** Remembers what it matched. */
  record Group(int number, Syntax body, Source source) implements Syntax {
    @Override
    public List<Syntax> parts() {
      return List.of(body);
    }
  }

  /** Matches in its first way or not at all. */
  record Atomic(Syntax body, Source source) implements Syntax {
    @Override
    public List<Syntax> parts() {
      return List.of(body);
    }
  }

  /** Looks at what comes, or what was, and takes nothing. */
  record Look(boolean behind, boolean wanted, Syntax body, Source source) implements Syntax {
    @Override
    public List<Syntax> parts() {
      return List.of(body);
    }
  }

  /** A place. */
  record Anchor(Place place, Source source) implements Syntax {}

  /** What only {@code java.util.regex} knows: back-references and rare escapes. */
  record Foreign(String regex, Source source) implements Syntax {}

  /** Without groups around it that do nothing. */
  static Syntax bare(Syntax node) {
    Syntax at = node;
    while (at instanceof Sequence sequence && sequence.parts.size() == 1) {
      at = sequence.parts.get(0);
    }
    return at;
  }

  /** How eager a repetition is. */
  enum How {
    GREEDY(""), LAZY("?"), POSSESSIVE("+");

    final String sign;

    How(String sign) {
      this.sign = sign;
    }
  }

  /** The places that a pattern can ask for. */
  enum Place {
    LINE_BEGIN("^", "the beginning of a line"),
    LINE_END("$", "the end of a line"),
    BEGIN("\\A", "the beginning of the text"),
    END("\\z", "the end of the text"),
    LAST_LINE_END("\\Z", "the end of the text, or its last newline"),
    BOUNDARY(Words.BOUNDARY, "the beginning or end of a word"),
    NO_BOUNDARY(Words.NO_BOUNDARY, "no beginning or end of a word");

    final String regex;
    final String wanted;

    Place(String regex, String wanted) {
      this.regex = regex;
      this.wanted = wanted;
    }
  }

  /** A regular expression being printed, which knows where its parts come from. */
  final class Printer {
    private final StringBuilder out = new StringBuilder();
    private final java.util.ArrayList<Integer> starts = new java.util.ArrayList<>();
    private final java.util.ArrayList<Source> sources = new java.util.ArrayList<>();

    String print(Syntax whole) {
      node(whole);
      return out.toString();
    }

    /** What stands at this index of the regular expression. */
    Source at(int index) {
      Source found = sources.isEmpty() ? null : sources.get(0);
      for (int i = 0; i < starts.size() && starts.get(i) <= index; i++) {
        found = sources.get(i);
      }
      return found;
    }

    private void put(String regex, Source source) {
      if (source != null) {
        starts.add(out.length());
        sources.add(source);
      }
      out.append(regex);
    }

    private void node(Syntax node) {
      if (node instanceof Chars chars) {
        put(chars.set.regex(), chars.source);
      } else if (node instanceof Sequence sequence) {
        for (Syntax part : sequence.parts) {
          node(part);
        }
      } else if (node instanceof Choice choice) {
        put("(?:", choice.source);
        for (int i = 0; i < choice.options.size(); i++) {
          out.append(i == 0 ? "" : "|");
          node(choice.options.get(i));
        }
        out.append(')');
      } else if (node instanceof Repeat repeat) {
        Syntax body = bare(repeat.body);
        boolean atom = body instanceof Chars || body instanceof Group;
        out.append(atom ? "" : "(?:");
        node(body);
        out.append(atom ? "" : ")");
        put(quantifier(repeat), repeat.source);
      } else if (node instanceof Group group) {
        put("(", group.source);
        node(group.body);
        out.append(')');
      } else if (node instanceof Atomic atomic) {
        put("(?>", atomic.source);
        node(atomic.body);
        out.append(')');
      } else if (node instanceof Look look) {
        put(look.behind ? look.wanted ? "(?<=" : "(?<!" : look.wanted ? "(?=" : "(?!", look.source);
        node(look.body);
        out.append(')');
      } else if (node instanceof Anchor anchor) {
        put(anchor.place.regex, anchor.source);
      } else if (node instanceof Foreign foreign) {
        put(foreign.regex, foreign.source);
      }
    }

    private static String quantifier(Repeat repeat) {
      String counts = repeat.least == 0 && repeat.most == 1 ? "?" : repeat.most < NO_LIMIT
          ? repeat.least == repeat.most ? "{" + repeat.least + "}" : "{" + repeat.least + "," + repeat.most + "}"
          : repeat.least == 0 ? "*" : repeat.least == 1 ? "+" : "{" + repeat.least + ",}";
      return counts + repeat.how.sign;
    }
  }
}
