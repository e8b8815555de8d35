package io.logstream.file;

/**
 * When a reader looks at the files that it is told of. Somebody waits for news until a line comes; from then on, looks are made at intervals,
 * which grow from 1 to 20 ms, until one shows nothing new. While some files have their turns, news of others are taken every 20 ms, which
 * leaves the intervals as they are. Times are those of {@link System#nanoTime}.
 */
final class Pace {
  private static final long SHORTEST = 1_000_000;
  private static final long LONGEST = 20_000_000;

  /** 0 while there are none. */
  private long interval;
  private long lookAt;
  private long newsAt = System.nanoTime();

  /** Whether the reader has to ask for news itself, as nobody waits for them. */
  boolean asks(boolean busy) {
    return busy || interval > 0;
  }

  /** Whether it is time to look. */
  boolean isDue(boolean busy, long now) {
    return !asks(busy) || now - (busy ? newsAt : lookAt) >= 0;
  }

  /** A look was taken while others had their turns or not, and showed something new or not. */
  void looked(boolean busy, boolean newsCame, long now) {
    if (busy) {
      newsAt = now + LONGEST;
    } else if (newsCame) {
      interval = interval == 0 ? SHORTEST : Math.min(LONGEST, 2 * interval);
      lookAt = now + interval;
    } else {
      interval = 0;
    }
  }

  /** How long it is until the next look. Only while the reader asks. */
  long untilLook(long now) {
    return lookAt - now;
  }
}
