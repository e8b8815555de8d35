package io.logstream.grok;

import java.util.Random;

/** Patterns of all constructs at random, over a small alphabet so that they match often. */
final class RandomPatterns {
  private static final String[] ATOMS = {"(?<=\\bb)", "(?<!\\B.)", "(?:ab|a1|äb|äé)", "(?:[ab]?b|[ab])", "(?:1?1|1[.b])", "a", "b", "c", " ", "1", "ä", "€", "ab", "a1", ".", "\\d", "\\w", "\\s", "\\S", "\\W", "[ab]", "[^a]", "[a-c1]", "[^ ]", "[äb]", "[[:alpha:]]", "[^[:alpha:]]",
      "\\p{L}", "(?i:A)", "(?i:ä)", "\\b", "\\B", "^", "$", "\\A", "\\z", "\\Z", "\n", "(?<!a)", "(?<=b)", "(?!b)", "(?=a)", "(?<!ab)", "(?<=a|1b)", "(?<![^ ])", "(?:)", "[a-z]", "\\.", "[\\w.-]"};
  private static final String[] QUANTIFIERS = {"*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{0,2}", "{1,3}?", "{2,}", "{1,2}"};
  private static final String ALPHABET = "aaabbc 11äé€.\n";

  private final Random random;
  private int names;

  RandomPatterns(Random random) {
    this.random = random;
  }

  String pattern() {
    names = 0;
    return node(4);
  }

  private String node(int depth) {
    StringBuilder all = new StringBuilder();
    for (int parts = 1 + random.nextInt(4); parts > 0; parts--) {
      all.append(atom(depth));
    }
    return all.toString();
  }

  private String atom(int depth) {
    String atom = ATOMS[random.nextInt(ATOMS.length)];
    if (depth > 0 && random.nextInt(3) == 0) {
      atom = switch (random.nextInt(9)) {
        case 0, 1 -> "(?:" + node(depth - 1) + "|" + node(depth - 1) + ")";
        case 2 -> "(?:" + node(depth - 1) + "|" + node(depth - 1) + "|" + node(depth - 1) + ")";
        case 3, 4 -> "(?<n" + names++ + ">" + node(depth - 1) + ")";
        case 5 -> "(?>" + node(depth - 1) + ")";
        case 6 -> "(?=" + node(depth - 1) + ")";
        case 7 -> "(?!" + node(depth - 1) + ")";
        default -> "(?:" + node(depth - 1) + ")";
      };
    } else if (atom.length() == 2 && atom.charAt(0) != '\\') {
      return atom;
    }
    return random.nextInt(3) == 0 ? "(?:" + atom + ")" + QUANTIFIERS[random.nextInt(QUANTIFIERS.length)] : atom;
  }

  String line() {
    StringBuilder line = new StringBuilder();
    for (int length = random.nextInt(14); length > 0; length--) {
      line.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return line.toString();
  }
}
