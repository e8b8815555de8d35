package io.logstream.grok;

/** What can be told of a part of a pattern from how it is written. Of sets of bytes, too many is right and too few is wrong. */
final class Facts {
  private Facts() {}

  /** What this can begin with if that can follow. */
  static First first(Syntax node, First next) {
    if (node instanceof Syntax.Chars chars) {
      return chars.set().first;
    }
    if (node instanceof Syntax.Sequence sequence) {
      First at = next;
      for (int i = sequence.parts().size() - 1; i >= 0; i--) {
        at = first(sequence.parts().get(i), at);
      }
      return at;
    }
    if (node instanceof Syntax.Choice choice) {
      First all = new First();
      for (Syntax option : choice.options()) {
        all = all.or(first(option, next));
      }
      return all;
    }
    if (node instanceof Syntax.Repeat repeat) {
      First taken = repeat.most() == 0 ? next : first(repeat.body(), next);
      return repeat.least() > 0 ? taken : taken.or(next);
    }
    if (node instanceof Syntax.Group group) {
      return first(group.body(), next);
    }
    if (node instanceof Syntax.Atomic atomic) {
      return first(atomic.body(), next);
    }
    if (node instanceof Syntax.Look look) {
      if (look.behind()) {
        return next;
      }
      if (look.wanted()) {
        return first(look.body(), First.all()).and(next);
      }
      return Syntax.bare(look.body()) instanceof Syntax.Chars chars ? next.without(surely(chars.set())) : next;
    }
    if (node instanceof Syntax.Anchor anchor) {
      return switch (anchor.place()) {
        case LINE_BEGIN -> next.without(new First().add(First.END));
        case LINE_END, LAST_LINE_END -> next.and(new First().add('\n').add(First.END));
        case END -> next.and(new First().add(First.END));
        default -> next;
      };
    }
    return First.all();
  }

  /** The bytes that can stand before what follows this, if those can stand before this; {@link First#END} for the beginning of the text. */
  static First last(Syntax node, First before) {
    if (node instanceof Syntax.Chars chars) {
      return chars.set().last;
    }
    if (node instanceof Syntax.Sequence sequence) {
      First at = before;
      for (Syntax part : sequence.parts()) {
        at = last(part, at);
      }
      return at;
    }
    if (node instanceof Syntax.Choice choice) {
      First all = new First();
      for (Syntax option : choice.options()) {
        all = all.or(last(option, before));
      }
      return all;
    }
    if (node instanceof Syntax.Repeat repeat) {
      First taken = repeat.most() == 0 ? before : last(repeat.body(), before);
      return repeat.least() > 0 ? taken : taken.or(before);
    }
    if (node instanceof Syntax.Group group) {
      return last(group.body(), before);
    }
    if (node instanceof Syntax.Atomic atomic) {
      return last(atomic.body(), before);
    }
    return node instanceof Syntax.Foreign ? First.all() : before;
  }

  /** Whether a character with one of these bytes is a part of a word (1), is none (0), or may be either (-1); no character is none. */
  static int word(First bytes) {
    int known = -1;
    for (int c = 0; c < First.SIZE; c++) {
      if (bytes.has(c)) {
        boolean word = c < 0x80 && Words.isWord(c);
        if (c >= 0x80 && c != First.END || known == (word ? 0 : 1)) {
          return -1;
        }
        known = word ? 1 : 0;
      }
    }
    return known;
  }

  /** The bytes that can only begin a character of the class. */
  private static First surely(CharSet set) {
    First surely = new First();
    for (int c = 0; c < 256; c++) {
      if (set.table[c] == CharSet.IN) {
        surely.add(c);
      }
    }
    return surely;
  }

  static boolean isNullable(Syntax node) {
    if (node instanceof Syntax.Chars) {
      return false;
    }
    if (node instanceof Syntax.Choice choice) {
      for (Syntax option : choice.options()) {
        if (isNullable(option)) {
          return true;
        }
      }
      return false;
    }
    if (node instanceof Syntax.Repeat repeat && repeat.least() == 0 || node instanceof Syntax.Look) {
      return true;
    }
    for (Syntax part : node.parts()) {
      if (!isNullable(part)) {
        return false;
      }
    }
    return true;
  }

  static int size(Syntax node) {
    int size = node instanceof Syntax.Sequence ? 0 : node instanceof Syntax.Group || node instanceof Syntax.Atomic || node instanceof Syntax.Look ? 2 : 1;
    for (Syntax part : node.parts()) {
      size += size(part);
    }
    return size;
  }

  /** How many characters it takes; -1 if that is not certain. */
  static int length(Syntax node) {
    if (node instanceof Syntax.Chars) {
      return 1;
    }
    if (node instanceof Syntax.Sequence sequence) {
      int sum = 0;
      for (Syntax part : sequence.parts()) {
        int length = length(part);
        if (length < 0) {
          return -1;
        }
        sum += length;
      }
      return sum;
    }
    if (node instanceof Syntax.Choice choice) {
      int length = length(choice.options().get(0));
      for (Syntax option : choice.options()) {
        if (length(option) != length) {
          return -1;
        }
      }
      return length;
    }
    if (node instanceof Syntax.Repeat repeat) {
      int length = length(repeat.body());
      return length >= 0 && repeat.least() == repeat.most() && repeat.least() < 1000 ? length * repeat.least() : -1;
    }
    if (node instanceof Syntax.Group group) {
      return length(group.body());
    }
    if (node instanceof Syntax.Atomic atomic) {
      return length(atomic.body());
    }
    return node instanceof Syntax.Foreign ? -1 : 0;
  }
}
