package io.logstream.grok;

import java.nio.charset.StandardCharsets;

/** Finds the longest text that every match of a pattern contains. */
final class Literals {
  private final StringBuilder under = new StringBuilder();
  private String longest = "";

  private Literals() {}

  /** Its bytes, or null if none is known. */
  static byte[] longest(Syntax syntax) {
    Literals literals = new Literals();
    literals.walk(syntax);
    literals.end();
    return literals.longest.isEmpty() ? null : literals.longest.getBytes(StandardCharsets.UTF_8);
  }

  private void end() {
    if (under.length() > longest.length()) {
      longest = under.toString();
    }
    under.setLength(0);
  }

  private void walk(Syntax node) {
    if (node instanceof Syntax.Chars chars && chars.set().only() >= 0) {
      under.appendCodePoint(chars.set().only());
    } else if (node instanceof Syntax.Sequence sequence) {
      for (Syntax part : sequence.parts()) {
        walk(part);
      }
    } else if (node instanceof Syntax.Group group) {
      walk(group.body());
    } else if (node instanceof Syntax.Atomic atomic) {
      walk(atomic.body());
    } else if (node instanceof Syntax.Repeat repeat && repeat.least() > 0) {
      end();
      walk(repeat.body());
      end();
    } else if (!(node instanceof Syntax.Anchor)) {
      end();
    }
  }
}
