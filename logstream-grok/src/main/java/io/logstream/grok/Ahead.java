package io.logstream.grok;

/** What can be told of steps, some of which may still be under way, if the next bytes are known. Of what is possible too much is right, of what is sure too little. */
final class Ahead {
  /** How many steps are followed. */
  private static final int FAR = 12;

  private Ahead() {}

  /** What can stand behind this byte where the step leads to a match from it on. */
  static First second(Step step, int c) {
    return second(step, c, FAR);
  }

  private static First second(Step step, int c, int far) {
    if (step == null || !step.first.has(c)) {
      return new First();
    }
    if (far == 0) {
      return First.all();
    }
    switch (step.kind) {
      case Step.LITERAL:
        return step.bytes.length > 1 ? new First().add(step.bytes[1] & 0xff) : step.next.first;
      case Step.ONE:
        return step.next.first;
      case Step.RUN, Step.RUN_BACK, Step.RUN_LAZY:
        return step.least == 0 || step.most < 2 ? First.all() : step.least > 1 ? step.set.first : step.set.first.or(step.next.first);
      case Step.SWITCH:
        return step.ahead == 0 ? second(step.targets[c], c, far - 1) : taken(step.targets);
      case Step.TRY:
        return second(step.next, c, far - 1).or(second(step.other, c, far - 1));
      default:
        return takesNothing(step) ? second(step.next, c, far - 1) : First.all();
    }
  }

  /** The bytes that lead anywhere. */
  static First taken(Step[] targets) {
    First taken = new First();
    for (int c = 0; c < First.SIZE; c++) {
      if (targets[c] != null) {
        taken.add(c);
      }
    }
    return taken;
  }

  /** With which bytes nothing can fail from the step on. */
  static First sure(Step step) {
    return sure(step, FAR);
  }

  private static First sure(Step step, int far) {
    if (step.sure) {
      return First.all();
    }
    First sure = new First();
    if (far == 0) {
      return sure;
    }
    boolean one = step.kind == Step.ONE || step.kind == Step.RUN && step.least == 1 && step.most > 1;
    if (one && step.next.sure) {
      for (int c = 0; c < 0x80; c++) {
        if (step.set.table[c] == CharSet.IN) {
          sure.add(c);
        }
      }
    } else if (step.kind == Step.LITERAL && step.bytes.length == 1 && step.next.sure) {
      sure.add(step.bytes[0] & 0xff);
    } else if (isNote(step) && step.next != null) {
      return sure(step.next, far - 1);
    }
    return sure;
  }

  /** With which bytes behind this one nothing can fail from the step on. */
  static First sureThen(Step step, int c) {
    return sureThen(step, c, FAR);
  }

  private static First sureThen(Step step, int c, int far) {
    if (far > 0 && step.kind == Step.ONE && step.set.table[c] == CharSet.IN || step.kind == Step.LITERAL && step.bytes.length == 1 && step.bytes[0] == c) {
      return sure(step.next, far);
    }
    if (step.kind == Step.LITERAL && step.bytes.length == 2 && step.bytes[0] == c && step.next.sure) {
      return new First().add(step.bytes[1] & 0xff);
    }
    return far > 0 && isNote(step) && step.next != null ? sureThen(step.next, c, far - 1) : new First();
  }

  private static boolean takesNothing(Step step) {
    return step.next != null && (isNote(step) || switch (step.kind) {
      case Step.MARK, Step.JUMP, Step.BOUNDARY, Step.NO_BOUNDARY, Step.PEEK, Step.PEEK_BACK, Step.ONCE, Step.LINE_BEGIN, Step.BEGIN -> true;
      default -> false;
    });
  }

  /** Takes nothing, cannot fail, and leads into no atomic group: to its end all may be sure inside while it is not from outside. */
  private static boolean isNote(Step step) {
    return switch (step.kind) {
      case Step.OPEN, Step.CLOSE, Step.OPEN_AGAIN, Step.CLOSE_UNDONE, Step.CLEAR -> true;
      default -> false;
    };
  }
}
