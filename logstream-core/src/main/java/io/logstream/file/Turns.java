package io.logstream.file;

import io.logstream.Batch;
import java.util.ArrayDeque;

/** Whose turn it is to be read: the families that have something, one after the other, each for a certain number of bytes. */
final class Turns {
  private static final long TURN = 256 * 1024;

  private final Followed all;
  private final ArrayDeque<Family> ready = new ArrayDeque<>();
  private final ArrayDeque<Family> news = new ArrayDeque<>();

  Turns(Followed all) {
    this.all = all;
  }

  boolean isEmpty() {
    return ready.isEmpty();
  }

  /** This family may have something to read. */
  void ready(Family family) {
    if (!family.ready) {
      family.ready = true;
      ready.add(family);
    }
  }

  /** What a checkpoint says of this family has changed, also if it has no more lines. */
  void tell(Family family) {
    if (!family.news) {
      family.news = true;
      news.add(family);
    }
  }

  /** Gives one batch of the next family that has something, and answers which one that was; null for none. */
  Family give(Batch batch, long now) {
    Family told = news.poll();
    if (told != null) {
      told.news = false;
      told.tell(batch);
      return told;
    }
    while (!ready.isEmpty()) {
      Family family = ready.peek();
      if (family.read(batch, now)) {
        if (family.turn >= TURN) {
          family.turn = 0;
          ready.add(ready.poll());
        }
        return family;
      }
      if (all.scanWanted) {
        return null;
      }
      ready.poll();
      family.ready = false;
      family.turn = 0;
      family.quiet();
    }
    return null;
  }
}
