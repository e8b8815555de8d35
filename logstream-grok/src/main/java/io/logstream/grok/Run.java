package io.logstream.grok;

import io.logstream.BudgetedMatcher;
import java.util.Arrays;

/**
 * A {@link Program} being run over texts, step by step, by one thread. It remembers what can still be done otherwise on a stack of three
 * numbers each: the step to go to, the place, and one number more; or, to be undone on the way there, a negative slot and its two numbers.
 */
final class Run {
  /** Steps backwards, and sixteenths of characters looked at in runs, for any text. */
  static final long STEPS = 8_000_000;

  static final long STEPS_PER_BYTE = 100;

  /** From so many steps on it is noted what was tried, so that nothing is tried twice. */
  private static final int UNNOTED = 4_000;

  private static final long MOST_NOTES = 1L << 28;

  private final Program program;
  private final Step[] steps;
  private final boolean[] begins;

  /** The start and end of each group, from 0 for the whole; then what the steps note. */
  final int[] slots;

  private int[] stack = new int[192];
  int sp;
  int pos;
  int more;
  long left;

  private long budget;
  private long reserve;

  /** What was tried and failed, a row of places for each step that has one; null until a search has taken long. */
  private long[] tried;

  private int width;

  /** Where the match under way begins. */
  int begun;
  private int base;
  Trace trace;

  /** What runs instead of the steps, as far as it goes; null for the steps. */
  Code code;

  /** Whether the last search went step by step, from its beginning or from where the code ends. */
  boolean stepwise = true;

  /** How often it came by each step; null while nobody wants to know. */
  int[] visits;

  Run(Program program) {
    this.program = program;
    this.steps = program.steps;
    this.begins = program.begins;
    this.slots = new int[program.slots];
  }

  /** What failed, for an explanation. */
  interface Trace {
    void failed(Step step, int pos);

    /** A run that can be shorter or longer, as it is tried now. */
    void skipped(Step step, int begin, int end);
  }

  /** Steps that the last search took. */
  long steps() {
    return budget - reserve - left;
  }

  /**
   * Looks for the first match in well-formed text.
   *
   * @throws BudgetedMatcher.BudgetExceeded if the budget does not suffice to find out
   */
  boolean find(byte[] b, int from, int to) {
    budget = STEPS + STEPS_PER_BYTE * (to - from);
    left = UNNOTED + 4L * (to - from);
    reserve = budget - left;
    tried = null;
    stepwise = code == null;
    base = from;
    width = to - from + 1;
    Arrays.fill(slots, 0, 2 * (program.groups + 1), -1);
    int start = from;
    boolean first = true;
    while (true) {
      if (program.atLineBegin && start > from && b[start - 1] != '\n') {
        start = indexOf(b, start, to, (byte) '\n') + 1;
        if (start == 0) {
          return false;
        }
      }
      if (trace == null) {
        while (start < to && !begins[b[start] & 0xff]) {
          start++;
        }
      }
      if (start >= to && (start > to || !program.beginsAtEnd && trace == null)) {
        return false;
      }
      begun = start;
      sp = 0;
      if (code == null ? match(program.start, b, from, to, start, 0) : code.match(this, b, from, to, start)) {
        slots[0] = start;
        slots[1] = pos;
        return true;
      }
      if (program.once) {
        return false;
      }
      if (program.leading != null) {
        start = program.leading.run(b, start, to, 0, Syntax.NO_LIMIT);
      }
      start += start < to ? Utf8Text.length(b[start]) : 1;
      if (first && program.required != null && trace == null && !contains(b, start, to, program.required)) {
        return false;
      }
      first = false;
    }
  }

  /** Whether the text may match as far as the bytes tell that every match contains: worth asking where another pattern may match instead. */
  boolean mayMatch(byte[] b, int from, int to) {
    return program.required == null || contains(b, from, to, program.required);
  }

  private static int indexOf(byte[] b, int from, int to, byte wanted) {
    for (int at = from; at < to; at++) {
      if (b[at] == wanted) {
        return at;
      }
    }
    return -1;
  }

  static boolean contains(byte[] b, int from, int to, byte[] wanted) {
    int rare = rarest(wanted);
    byte sought = wanted[rare];
    int last = to - wanted.length + rare;
    for (int at = from + rare; at <= last; at++) {
      if (b[at] == sought && Arrays.equals(b, at - rare, at - rare + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }

  /** The place of a byte that logs have seldom. */
  private static int rarest(byte[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] > ' ' && wanted[i] < 'a' && !(wanted[i] >= '0' && wanted[i] <= '9') && "\"-.:/".indexOf(wanted[i]) < 0) {
        return i;
      }
    }
    return 0;
  }

  // ---------------------------------------------------------------- what steps and compiled code call

  void push(int step, int at, int extra) {
    int top = sp;
    if (top + 3 > stack.length) {
      grow();
    }
    stack[top] = step;
    stack[top + 1] = at;
    stack[top + 2] = extra;
    sp = top + 3;
  }

  private void grow() {
    if (stack.length > 30_000_000) {
      throw exceeded("has too much to remember");
    }
    stack = Arrays.copyOf(stack, stack.length * 2);
  }

  /** Remembers two slots, to be set back. */
  void undo(int slot) {
    push(~slot, slots[slot], slots[slot + 1]);
  }

  /**
   * The step to go on with after a failure at {@code at}, at {@link #pos} with {@link #more}; -1 if there is none. What was done since
   * that step was remembered is charged by the distance gone.
   */
  int pop(int at) {
    if (--left < 0) {
      noteFromNowOn();
    }
    int top = sp;
    while (top > 0) {
      top -= 3;
      int step = stack[top];
      if (step >= 0) {
        sp = top;
        pos = stack[top + 1];
        left -= Math.max(0, at - pos) >> 4;
        more = stack[top + 2];
        return step;
      }
      slots[~step] = stack[top + 1];
      slots[~step + 1] = stack[top + 2];
    }
    sp = 0;
    left -= Math.max(0, at - begun) >> 4;
    return -1;
  }

  private void noteFromNowOn() {
    if (reserve == 0) {
      throw exceeded("gave up after its step budget");
    }
    left += reserve;
    reserve = 0;
    long notes = (long) program.memos * width;
    if (notes > 0 && notes < MOST_NOTES) {
      tried = new long[(int) (notes / 64 + 1)];
    }
    if (left < 0) {
      throw exceeded("gave up after its step budget");
    }
  }

  /**
   * Whether what follows from here was tried before, and failed: all else that could be done is on the stack below the first try, so who
   * comes here again comes after its failure.
   */
  boolean again(int memo, int at) {
    if (tried == null || memo < 0) {
      return false;
    }
    long bit = (long) memo * width + at - base;
    long word = tried[(int) (bit >>> 6)];
    if ((word >>> bit & 1) != 0) {
      return true;
    }
    tried[(int) (bit >>> 6)] = word | 1L << bit;
    return false;
  }

  BudgetedMatcher.BudgetExceeded exceeded(String what) {
    return new BudgetedMatcher.BudgetExceeded("grok pattern " + what + ", " + budget + " steps");
  }

  // ---------------------------------------------------------------- step by step

  /** Goes on from a step that has no code, at {@link #pos} with {@link #more}. */
  boolean stepwise(int step, byte[] b, int from, int to) {
    stepwise = true;
    return match(steps[step], b, from, to, pos, more);
  }

  private boolean match(Step first, byte[] b, int from, int to, int start, int more) {
    Step step = first;
    int at = start;
    int extra = more;
    while (true) {
      boolean failed = false;
      if (visits != null) {
        visits[step.id]++;
      }
      switch (step.kind) {
        case Step.ACCEPT -> {
          pos = at;
          return true;
        }
        case Step.LITERAL -> {
          byte[] bytes = step.bytes;
          int end = at + bytes.length;
          failed = end > to;
          if (!failed) {
            for (int i = 0; i < bytes.length; i++) {
              if (b[at + i] != bytes[i]) {
                failed = true;
                break;
              }
            }
          }
          if (!failed) {
            at = end;
            step = step.next;
          }
        }
        case Step.ONE -> {
          failed = at >= to || !step.set.has(b, at);
          if (!failed) {
            at += b[at] >= 0 ? 1 : Utf8Text.length(b[at]);
            step = step.next;
          }
        }
        case Step.RUN -> {
          int end = run(step, b, at, to);
          failed = end < 0;
          if (!failed) {
            at = end;
            step = step.next;
          }
        }
        case Step.RUN_BACK -> {
          int end = run(step, b, at, to);
          failed = end < 0;
          if (!failed) {
            failed = !remember(step, b, at, end);
            if (trace != null) {
              trace.skipped(step, at, end);
            }
            at = end;
            step = failed ? step : step.next;
          }
        }
        case Step.GIVE_BACK -> {
          at = giveBack(step, b, at, to, extra);
          failed = at < 0;
          if (!failed) {
            if (trace != null) {
              trace.skipped(step, extra, at);
            }
            step = step.next;
          }
        }
        case Step.RUN_LAZY -> {
          at = lazy(step, b, at, to);
          failed = at < 0;
          if (!failed) {
            if (trace != null) {
              trace.skipped(step, at, at);
            }
            step = step.next;
          }
        }
        case Step.TAKE_MORE -> {
          at = takeMore(step, b, at, to, extra);
          failed = at < 0;
          if (!failed) {
            if (trace != null) {
              trace.skipped(step, at, at);
            }
            step = step.next;
          }
        }
        case Step.SWITCH -> {
          int decides = at + step.ahead;
          Step target = step.targets[decides < to ? b[decides] & 0xff : First.END];
          failed = target == null;
          if (!failed) {
            step = target;
          }
        }
        case Step.TRY -> {
          push(step.other.id, at, 0);
          step = step.next;
        }
        case Step.OPEN -> {
          slots[step.slot] = at;
          step = step.next;
        }
        case Step.CLOSE -> {
          slots[step.slot + 1] = at;
          step = step.next;
        }
        case Step.OPEN_AGAIN -> {
          if (step.wanted) {
            undo(step.slot);
          }
          slots[step.slot] = at;
          step = step.next;
        }
        case Step.CLEAR -> {
          clear(step.cleared);
          step = step.next;
        }
        case Step.CLOSE_UNDONE -> {
          close(step.slot, step.noted, at);
          step = step.next;
        }
        case Step.MARK -> {
          slots[step.slot] = sp;
          step = step.next;
        }
        case Step.CUT -> {
          sp = slots[step.slot];
          step = step.next;
        }
        case Step.LOOK -> {
          slots[step.slot] = sp;
          slots[step.slot + 1] = at;
          step = step.next;
        }
        case Step.LOOKED -> {
          at = looked(step.slot, at);
          step = step.next;
        }
        case Step.LOOK_NOT -> {
          slots[step.slot] = sp;
          push(step.other.id, at, 0);
          step = step.next;
        }
        case Step.LOOKED_NOT -> {
          sp = slots[step.slot];
          failed = true;
        }
        case Step.PEEK -> {
          failed = (at < to && step.set.has(b, at)) != step.wanted;
          step = failed ? step : step.next;
        }
        case Step.PEEK_BACK -> {
          failed = isBehind(b, from, at, step.set) != step.wanted;
          step = failed ? step : step.next;
        }
        case Step.BACK -> {
          at = back(b, from, at, step.least);
          failed = at < 0;
          step = failed ? step : step.next;
        }
        case Step.LINE_BEGIN -> {
          failed = at >= to || at > from && b[at - 1] != '\n';
          step = failed ? step : step.next;
        }
        case Step.LINE_END -> {
          failed = at < to && b[at] != '\n';
          step = failed ? step : step.next;
        }
        case Step.BEGIN -> {
          failed = at != from;
          step = failed ? step : step.next;
        }
        case Step.END -> {
          failed = at != to;
          step = failed ? step : step.next;
        }
        case Step.LAST_LINE_END -> {
          failed = at < to - 1 || at == to - 1 && b[at] != '\n';
          step = failed ? step : step.next;
        }
        case Step.BOUNDARY -> {
          failed = !Words.boundary(b, from, to, at);
          step = failed ? step : step.next;
        }
        case Step.NO_BOUNDARY -> {
          failed = Words.boundary(b, from, to, at);
          step = failed ? step : step.next;
        }
        case Step.COUNT -> {
          count(step.slot);
          step = step.next;
        }
        case Step.ONCE -> {
          failed = again(step.memo, at);
          step = failed ? step : step.next;
        }
        case Step.LOOP -> step = loop(step, b, at, to);
        case Step.AROUND -> step = at == slots[step.slot + 1] ? step.next : step.other;
        case Step.LOOP_MORE -> {
          once(step.slot, at);
          step = step.next;
        }
        default -> failed = true;
      }
      if (failed) {
        if (trace != null) {
          trace.failed(step, at);
        }
        int next = pop(at);
        if (next < 0) {
          return false;
        }
        step = steps[next];
        at = pos;
        extra = this.more;
      }
    }
  }

  private int run(Step step, byte[] b, int at, int to) {
    byte[] table = step.set.table;
    int end = at;
    if (step.most == Syntax.NO_LIMIT && step.least <= 1) {
      if (step.set.isAny()) {
        return step.least > to - at ? -1 : to;
      }
      if (step.set.skips) {
        end = step.set.skip(b, at, to);
      }
      while (end < to && table[b[end] & 0xff] == CharSet.IN) {
        end++;
      }
      if (end == to || b[end] >= 0 || table[b[end] & 0xff] == CharSet.OUT) {
        return end - at < step.least ? -1 : end;
      }
      return runBeyond(step.set, b, end, to, end - at < step.least ? step.least : 0);
    }
    int most = Math.min(to - at, step.most) + at;
    while (end < most && b[end] >= 0 && table[b[end]] == CharSet.IN) {
      end++;
    }
    if (end == most || b[end] >= 0) {
      return end - at < step.least ? -1 : end;
    }
    return runBeyond(step.set, b, at, to, step.least, step.most);
  }

  int runBeyond(CharSet set, byte[] b, int at, int to, int least) {
    return runBeyond(set, b, at, to, least, Syntax.NO_LIMIT);
  }

  /** A run of which characters beyond ASCII are a part. */
  int runBeyond(CharSet set, byte[] b, int at, int to, int least, int most) {
    return set.run(b, at, to, least, most);
  }

  /** The next shorter run after which something can follow; -1 if there is none. */
  int giveBack(Step step, byte[] b, int at, int to, int least) {
    boolean[] until = step.until;
    int end = at;
    do {
      end = b[end - 1] >= 0 ? end - 1 : Utf8Text.previous(b, end);
    } while (end > least && (until != null && !until[b[end] & 0xff] || again(step.memo, end)));
    left -= at - end >> 4;
    if (end == least && (until != null && !until[b[end] & 0xff] || again(step.memo, end))) {
      return -1;
    }
    if (end > least) {
      push(step.id, end, least);
    }
    return end;
  }

  /** The next longer run after which something can follow; -1 if there is none. */
  int takeMore(Step step, byte[] b, int at, int to, int most) {
    boolean[] until = step.until;
    CharSet set = step.set;
    int end = at;
    int count = most;
    do {
      if (count == 0 || end >= to || !set.has(b, end)) {
        left -= end - at >> 4;
        return -1;
      }
      end += b[end] >= 0 ? 1 : Utf8Text.length(b[end]);
      count -= count == Syntax.NO_LIMIT ? 0 : 1;
    } while (until != null && !(end < to ? until[b[end] & 0xff] : step.lazy));
    left -= end - at >> 4;
    if (again(step.memo, end)) {
      return -1;
    }
    push(step.id, end, count);
    return end;
  }

  static boolean isAt(byte[] b, int at, byte[] wanted) {
    return Arrays.equals(b, at, at + wanted.length, wanted, 0, wanted.length);
  }

  /** Whether the character before belongs to the class. */
  static boolean isBehind(byte[] b, int from, int at, CharSet set) {
    return at > from && set.has(b, b[at - 1] >= 0 ? at - 1 : Utf8Text.previous(b, at));
  }

  static int back(byte[] b, int from, int at, int characters) {
    int begin = at;
    for (int i = 0; i < characters; i++) {
      if (begin <= from) {
        return -1;
      }
      begin = Utf8Text.previous(b, begin);
    }
    return begin;
  }

  /** Remembers that a run may be shorter; false if nothing follows from here, as was seen before. */
  boolean remember(Step step, byte[] b, int at, int end) {
    int least = step.least == 0 ? at : step.set.run(b, at, end, step.least, step.least);
    if (end > least) {
      push(step.other.id, end, least);
    }
    return !again(step.memo, end);
  }

  /** The shortest run, remembering that it may be longer; -1 if there is none. */
  int lazy(Step step, byte[] b, int at, int to) {
    int end = step.least == 0 ? at : step.set.run(b, at, to, step.least, step.least);
    if (end < 0) {
      return -1;
    }
    push(step.other.id, end, step.most == Syntax.NO_LIMIT ? Syntax.NO_LIMIT : step.most - step.least);
    return again(step.memo, end) ? -1 : end;
  }

  /** Sets a group from the place noted to here. */
  void close(int slot, int noted, int at) {
    undo(slot);
    slots[slot] = slots[noted];
    slots[slot + 1] = at;
  }

  void clear(int[] groups) {
    for (int slot : groups) {
      slots[slot] = -1;
      slots[slot + 1] = -1;
    }
  }

  /** Back from a look-ahead. */
  int looked(int slot, int at) {
    sp = slots[slot];
    int begin = slots[slot + 1];
    left -= Math.max(0, at - begin) >> 4;
    return begin;
  }

  void count(int slot) {
    undo(slot);
    slots[slot] = 0;
    slots[slot + 1] = -1;
  }

  /** Where a counted repetition goes. */
  Step loop(Step loop, byte[] b, int at, int to) {
    int count = slots[loop.slot];
    if (count >= loop.least) {
      if (count >= loop.most) {
        return loop.next;
      }
      if (loop.lazy) {
        push(loop.targets[0].id, at, 0);
        return loop.next;
      }
      if (at < to ? loop.until[b[at] & 0xff] : loop.wanted) {
        push(loop.next.id, at, 0);
      }
    }
    once(loop.slot, at);
    return loop.other;
  }

  void once(int slot, int at) {
    undo(slot);
    slots[slot]++;
    slots[slot + 1] = at;
  }
}
