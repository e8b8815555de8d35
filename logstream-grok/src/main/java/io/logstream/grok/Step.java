package io.logstream.grok;

/**
 * One step of a {@link Program}: what it does is its {@link #kind}, and which of its fields mean something depends on that. Written while
 * the program is made, read by all afterwards.
 */
final class Step {
  /** The match is complete. */
  static final int ACCEPT = 0;
  /** Takes these bytes. */
  static final int LITERAL = 1;
  /** Takes one character of a class. */
  static final int ONE = 2;
  /** Takes as many characters of a class as there are, for good. */
  static final int RUN = 3;
  /** Takes as many as there are, and gives them back one by one. */
  static final int RUN_BACK = 4;
  /** Gives back one more: what a failure behind RUN_BACK comes to. */
  static final int GIVE_BACK = 5;
  /** Takes as few as may be. */
  static final int RUN_LAZY = 6;
  /** Takes one more: what a failure behind RUN_LAZY comes to. */
  static final int TAKE_MORE = 7;
  /** Goes where the next byte leads. */
  static final int SWITCH = 8;
  /** Goes on, and comes to {@link #other} if that fails. */
  static final int TRY = 9;
  /** Notes where a group begins that every match sets. */
  static final int OPEN = 10;
  /** Notes where such a group ends. */
  static final int CLOSE = 11;
  /** Notes where a group begins that is set perhaps, or again. */
  static final int OPEN_AGAIN = 12;
  /** Sets such a group, to be undone. */
  static final int CLOSE_UNDONE = 13;
  /** Notes which choices are open. */
  static final int MARK = 14;
  /** Gives up the choices since the mark. */
  static final int CUT = 15;
  /** Notes the place and the choices that are open. */
  static final int LOOK = 16;
  /** Gives up the choices since, and goes back to the place. */
  static final int LOOKED = 17;
  /** Notes the choices that are open and comes to {@link #other}, at this place, if what follows fails. */
  static final int LOOK_NOT = 18;
  /** Gives up the choices since, and fails. */
  static final int LOOKED_NOT = 19;
  /** Whether a character of a class comes ({@link #wanted}) or not; takes nothing. */
  static final int PEEK = 20;
  /** Whether a character of a class was before, or not. */
  static final int PEEK_BACK = 21;
  /** Goes back so many characters. */
  static final int BACK = 22;
  static final int LINE_BEGIN = 23;
  static final int LINE_END = 24;
  static final int BEGIN = 25;
  static final int END = 26;
  static final int LAST_LINE_END = 27;
  static final int BOUNDARY = 28;
  static final int NO_BOUNDARY = 29;
  /** Begins to count. */
  static final int COUNT = 30;
  /** Goes around ({@link #other}) or on, by the count. */
  static final int LOOP = 31;
  /** One time around is over. */
  static final int AROUND = 32;
  /** Goes around once more after all. */
  static final int LOOP_MORE = 33;
  /** Nothing; gone from a finished program. */
  static final int JUMP = 34;
  /** No way leads on. */
  static final int FAIL = 36;
  /** Forgets groups that are set perhaps and have no part in this way. */
  static final int CLEAR = 37;
  /** Fails where it was before, since that has failed. */
  static final int ONCE = 35;

  int kind;
  int id = -1;
  Step next;
  Step other;
  CharSet set;
  byte[] bytes;
  int least;
  int most;
  int slot;

  /** For CLOSE_UNDONE: the slot in which the beginning was noted. */
  int noted;

  boolean lazy;
  boolean wanted;

  /** Its row in the notes of what was tried; -1 for none. */
  int memo = -1;

  /** For CLEAR: the slots in which they begin. */
  int[] cleared;

  /** For SWITCH: how far ahead the byte is that decides, 0 for the next. */
  int ahead;

  /** What it wants as it was written, where it is a part of that; null where it is not. */
  String meant;

  /** By the next byte, {@link First#END} for none; null where that fails. */
  Step[] targets;

  /** For a lazy or returning run: which bytes what follows can begin with; null for all. */
  boolean[] until;

  /** What a match from here on can begin with. */
  First first;

  /** Nothing from here on can fail. */
  boolean sure;

  Syntax.Source source;

  /** How many steps there are to the end of the pattern, by the longest way. */
  int toEnd;

  Step(int kind, Step next, First first, boolean sure, Syntax.Source source) {
    this.kind = kind;
    this.next = next;
    this.first = first;
    this.sure = sure;
    this.source = source;
    this.toEnd = next == null ? 0 : next.toEnd + 1;
  }
}
