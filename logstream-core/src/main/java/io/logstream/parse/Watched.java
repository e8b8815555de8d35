package io.logstream.parse;

import io.logstream.Counter;
import io.logstream.JoinerContext;
import io.logstream.LineJoiner;
import java.nio.charset.StandardCharsets;

/** A joiner by pattern that is watched: lines outside of records are counted, and a pattern that never matches is told of. */
final class Watched implements LineJoiner {
  private static final int LINES = 1_000;
  private static final long MILLIS = 60_000;
  private static final int SHOWN = 120;

  private final Mode.Matching joiner;
  private final Mode mode;
  private final int together;
  private final JoinerContext context;
  private final Counter unstarted;
  /** Whether the pattern has matched in this stream. */
  private boolean matched;
  /** Lines of the record under way, as long as it has not. */
  private int unmatched;
  private int seen;
  private long since;
  private String first;

  Watched(Mode.Matching joiner, Mode mode, int together, JoinerContext context) {
    this.joiner = joiner;
    this.mode = mode;
    this.together = together;
    this.context = context;
    this.unstarted = context.counter("unstarted");
  }

  @Override
  public Does next(byte[] bytes, int from, int to, boolean open) {
    Does does = joiner.next(bytes, from, to, open);
    if (joiner.unstarted) {
      unstarted.increment();
    }
    if (matched) {
      return does;
    }
    if (joiner.matched) {
      matched = true;
      first = null;
      return does;
    }
    watch(bytes, from, to);
    if (together > 0) {
      unmatched = open ? unmatched + 1 : 1;
      return unmatched >= together ? Does.ENDS : Does.CONTINUES;
    }
    return does;
  }

  private void watch(byte[] bytes, int from, int to) {
    if (seen > LINES) {
      return;
    }
    if (seen++ == 0) {
      since = context.now();
      first = new String(bytes, from, Math.min(to - from, SHOWN), StandardCharsets.UTF_8);
    }
    boolean tooMany = seen == LINES;
    if (tooMany || context.now() - since >= MILLIS) {
      context.warn("never matched", mode + " has matched none of the first " + seen + " lines of a stream; the first of them is \"" + first
          + "\". As long as it matches nothing, lines are joined by accident or not at all: try it on this line");
      seen = LINES + 1;
      first = null;
    }
  }

  @Override
  public void reset() {
    joiner.reset();
  }

  @Override
  public long state() {
    return joiner.state() << 32 | (long) Math.min(unmatched, Integer.MAX_VALUE >> 1) << 1 | (matched ? 1 : 0);
  }

  @Override
  public void state(long saved) {
    matched = (saved & 1) != 0;
    unmatched = (int) (saved >>> 1) & Integer.MAX_VALUE >> 1;
    joiner.state(saved >>> 32);
  }
}
