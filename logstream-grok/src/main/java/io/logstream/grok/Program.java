package io.logstream.grok;

import io.logstream.grok.Syntax.How;

/**
 * A pattern as steps over well-formed UTF-8, which give exactly what {@code java.util.regex} gives. It is made from its end to its
 * beginning, so that of each step it is known what can follow; from that come the shortcuts:
 *
 * <ul>
 *   <li>a run of a class never gives back where what follows cannot begin with a character of the class;
 *   <li>a choice looks at the next byte, and remembers only alternatives that can begin with it;
 *   <li>where nothing that follows can fail, nothing is remembered;
 *   <li>an atomic group in which nothing is remembered, and no group is set, disappears.
 * </ul>
 *
 * <p>Groups are set and undone where {@code java.util.regex} does so, also where that is odd: what an atomic group or a look-ahead has
 * set stays set when something behind it fails. What cannot be had exactly is refused with {@link Unsupported}. Immutable when made.
 */
final class Program {
  /** Why a pattern cannot be made into steps. */
  static final class Unsupported extends Exception {
    private static final long serialVersionUID = 1;

    Unsupported(String why) {
      super(why, null, false, false);
    }
  }

  /** All steps, each at its {@link Step#id}. */
  final Step[] steps;
  final Step start;
  final int groups;
  /** How many numbers a match keeps: two for each group, with the whole first, and some of its own. */
  final int slots;
  /** How many rows the notes of what was tried have. */
  final int memos;
  /** For each byte, whether a match can begin with it. */
  final boolean[] begins;
  final boolean beginsAtEnd;
  /** A match begins at the beginning of a line only. */
  final boolean atLineBegin;
  /** If there is no match at the first place, there is none. */
  final boolean once;
  /** A run of which every match begins with as many as there are: none begins inside one where the match at its beginning failed. Null for none. */
  final CharSet leading;
  /** Bytes that every match contains; null if none are known. */
  final byte[] required;

  private Program(Maker maker, Step start, Syntax syntax) {
    this.start = Maker.landed(start);
    this.steps = maker.numbered(this.start);
    this.groups = maker.groups;
    this.slots = maker.slots;
    this.memos = maker.memos;
    this.begins = start.first.table();
    this.beginsAtEnd = start.first.has(First.END);
    this.atLineBegin = beginning(syntax) instanceof Syntax.Anchor anchor && anchor.place() == Syntax.Place.LINE_BEGIN;
    this.once = beginning(syntax) instanceof Syntax.Repeat run && run.body() instanceof Syntax.Chars chars && chars.set().isAny()
            && run.least() == 0 && run.most() == Syntax.NO_LIMIT && run.how() != How.POSSESSIVE
        || beginning(syntax) instanceof Syntax.Anchor begin && begin.place() == Syntax.Place.BEGIN;
    this.leading = beginning(syntax) instanceof Syntax.Repeat lead && Syntax.bare(lead.body()) instanceof Syntax.Chars chars && lead.least() <= 1
        && lead.most() == Syntax.NO_LIMIT ? chars.set() : null;
    this.required = Literals.longest(syntax);
  }

  /**
   * Makes the steps.
   *
   * @throws Unsupported with the reason, if it has what cannot be done here
   */
  static Program of(Syntax syntax, int groups) throws Unsupported {
    Maker maker = new Maker(groups);
    try {
      Step accept = new Step(Step.ACCEPT, null, First.all(), true, null);
      return new Program(maker, maker.make(syntax, accept, Maker.Where.TOP), syntax);
    } catch (StackOverflowError e) {
      throw new Unsupported("it is nested too deeply");
    }
  }

  /** What every match begins with, groups aside. */
  private static Syntax beginning(Syntax syntax) {
    Syntax at = syntax;
    while (true) {
      if (at instanceof Syntax.Group group) {
        at = group.body();
      } else if (at instanceof Syntax.Sequence sequence && !sequence.parts().isEmpty()) {
        at = sequence.parts().get(0);
      } else {
        return at;
      }
    }
  }
}
