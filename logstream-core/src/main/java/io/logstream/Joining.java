package io.logstream;

import java.nio.charset.StandardCharsets;

/**
 * The joining of the lines of one stream: what becomes of each line and when a record is complete, wherever their text lies. The two
 * forms, in a reader and on the trunk, differ in how they keep text only.
 *
 * <p>Lines in doubt wait behind the record: {@code record | doubtful 0 | doubtful 1 | .. | line under way}. They become part of the record, or
 * records of their own, in their order.
 */
abstract class Joining {
  final Joiner limits;
  final LineJoiner joiner;
  final byte[] joint;
  final long timeout;
  private final int maxBytes;
  private final int maxLines;
  private final int completeOver;
  private final TooLong tooLong;

  boolean open;
  /** Lines of the record, left-out ones counted. */
  int lines;
  /** Bytes of its text, joints counted. */
  int size;
  private int ownBytes;
  /** The number of this part, 0 as long as the record has only one. */
  int part;
  /** Whether the cap was reached and lines are left out. */
  boolean over;
  int doubtful;
  private long leftOutLines;
  private long leftOutBytes;
  private final long[] endings = new long[Ended.values().length];

  Joining(Joiner limits, JoinerContext context) {
    this.limits = limits;
    this.joiner = limits.openJoiner(context);
    this.joint = limits.joint().getBytes(StandardCharsets.UTF_8);
    this.timeout = limits.timeout().toMillis();
    this.maxBytes = limits.maxBytes();
    this.maxLines = limits.maxLines();
    this.completeOver = limits.completeOver();
    this.tooLong = limits.tooLong();
  }

  /** Takes the line under way. */
  final void take() {
    LineJoiner.Does does = ask();
    if (does == LineJoiner.Does.MAY_CONTINUE && open && doubtful < LineJoiner.Does.MOST_DOUBTFUL) {
      doubt();
      doubtful++;
      return;
    }
    boolean continues = does == LineJoiner.Does.CONTINUES || does == LineJoiner.Does.ENDS;
    if (open && continues) {
      if (!addAll()) {
        joiner.reset();
        take();
        return;
      }
    } else {
      complete(Ended.NEXT);
      if (does == LineJoiner.Does.SEPARATES) {
        separate();
      }
      begin(0);
    }
    if (does == LineJoiner.Does.ENDS) {
      complete(Ended.PATTERN);
    } else if (does != LineJoiner.Does.BEGINS && does != LineJoiner.Does.CONTINUES) {
      complete(Ended.NEXT);
    }
  }

  /** Adds the lines in doubt and the line under way. Returns false if a cap has completed the record before that, and all is forgotten. */
  private boolean addAll() {
    int waiting = doubtful;
    if (waiting == 0) {
      return add();
    }
    doubtful = 0;
    int at = 0;
    for (; at < waiting && open; at++) {
      select(at);
      if (!add()) {
        break;
      }
    }
    for (; at < waiting; at++) {
      select(at);
      begin(0);
      complete(Ended.NEXT);
    }
    released();
    select(-1);
    return open && add();
  }

  /** Adds the selected line to the record. Returns false if a cap has completed the record without it, and all is forgotten. */
  private boolean add() {
    int length = length();
    if (over) {
      lines++;
      leaveOut(0, length);
      return true;
    }
    if (lines < maxLines && size + joint.length + length <= maxBytes) {
      append(length);
      grown(length);
      return true;
    }
    switch (tooLong) {
      case SPLIT -> {
        int next = Math.max(part, 1);
        part = next;
        complete(Ended.CAP);
        begin(next + 1);
        return true;
      }
      case FORGET -> {
        complete(Ended.CAP);
        return false;
      }
      default -> {
        int room = lines < maxLines ? maxBytes - size - joint.length : 0;
        int kept = room <= 0 ? 0 : characterEnd(Math.min(room, length));
        lines++;
        over = true;
        if (kept > 0) {
          append(kept);
          size += joint.length + kept;
        }
        leaveOut(kept, length);
        return true;
      }
    }
  }

  private void grown(int length) {
    lines++;
    size += joint.length + length;
    ownBytes += length;
    full();
  }

  private void full() {
    if (ownBytes > completeOver || tooLong == TooLong.FORGET && lines == maxLines) {
      complete(Ended.CAP);
      joiner.reset();
    }
  }

  private void begin(int number) {
    int length = length();
    boolean cut = length > maxBytes && (tooLong == TooLong.TRUNCATE || tooLong == TooLong.FAIL);
    int kept = cut ? characterEnd(maxBytes) : length;
    open = true;
    lines = 1;
    size = kept;
    ownBytes = length;
    part = number;
    start(kept);
    if (cut) {
      over = true;
      leaveOut(kept, length);
    }
    full();
  }

  private void leaveOut(int kept, int length) {
    if (kept == 0) {
      leftOut();
    }
    leftOutLines += kept == 0 ? 1 : 0;
    leftOutBytes += length - kept;
  }

  /** Completes the record, if there is one, and makes records of the lines in doubt. */
  final void complete(Ended why) {
    if (open) {
      open = false;
      boolean several = lines > 1 || part > 0 || why != Ended.NEXT && why != Ended.PATTERN;
      long how = several || over ? How.of(lines, part, over, several ? why : null) : 0;
      if (several) {
        endings[why.ordinal()]++;
      }
      boolean fails = over && tooLong == TooLong.FAIL;
      over = false;
      part = 0;
      deliver(how, fails);
      lines = 0;
      size = 0;
      ownBytes = 0;
    }
    int waiting = doubtful;
    doubtful = 0;
    for (int i = 0; i < waiting; i++) {
      select(i);
      begin(0);
      complete(Ended.NEXT);
    }
    if (waiting > 0) {
      released();
      select(-1);
    }
  }

  /** Completes the record for a reason that no line gave. */
  final void give(Ended why) {
    if (open) {
      complete(why);
      joiner.reset();
    }
  }

  /** Hands the counts over. */
  final void count(JoinerContext context) {
    for (int i = 0; i < endings.length; i++) {
      if (endings[i] > 0) {
        context.counter("ended." + Ended.of(i).text).add(endings[i]);
        endings[i] = 0;
      }
    }
    if (leftOutBytes > 0 || leftOutLines > 0) {
      context.counter("truncated.lines").add(leftOutLines);
      context.counter("truncated.bytes").add(leftOutBytes);
      leftOutLines = 0;
      leftOutBytes = 0;
    }
  }

  /** The greatest length up to {@code length} at which the selected line can be cut between two characters. */
  private int characterEnd(int length) {
    if (length == length()) {
      return length;
    }
    byte[] bytes = bytes();
    int from = from();
    int end = length;
    while (end > 0 && end > length - 3 && (bytes[from + end] & 0xC0) == 0x80) {
      end--;
    }
    return (bytes[from + end] & 0xC0) == 0x80 ? length : end;
  }

  // ---------------------------------------------------------------- the form

  /** What the line under way does. */
  abstract LineJoiner.Does ask();

  /** Makes a line in doubt the one that the next calls are about, or with -1 the line under way. */
  abstract void select(int which);

  /** The line under way stands between what came before it in all streams of its log, and what comes behind it. */
  void separate() {}

  abstract byte[] bytes();

  abstract int from();

  abstract int length();

  /** The selected line begins a record, with so many bytes. */
  abstract void start(int kept);

  /** The selected line goes on with the record, behind a joint, with so many bytes. */
  abstract void append(int kept);

  /** The selected line belongs to the record, but none of its text. */
  void leftOut() {}

  /** The line under way waits in doubt. */
  abstract void doubt();

  /** The lines in doubt are done with. */
  abstract void released();

  /** The record is complete. */
  abstract void deliver(long how, boolean fails);
}
