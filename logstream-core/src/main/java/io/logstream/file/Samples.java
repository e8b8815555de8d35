package io.logstream.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fingerprints of the bytes before some offsets: evenly spread over what was read of a file, the fewer to the byte the more that is. They tell
 * of a shorter file whether it is the beginning of that.
 */
final class Samples {
  /**
   * One of them.
   *
   * @param print of the bytes before the offset, {@link Fingerprint#BYTES} or as many as there are
   */
  record Sample(long offset, long print) {
    boolean isIn(Content other, long start) throws IOException {
      int length = (int) Math.min(Fingerprint.BYTES, offset - start);
      byte[] bytes = new byte[length];
      return other.read(offset - length, bytes, 0, length) == length && Fingerprint.of(bytes, 0, length) == print;
    }
  }

  private static final int MOST = 64;
  private static final int CLOSEST = 64;
  private static final int FEW = 8;

  private long[] offsets = {};
  private long[] prints = {};
  private int taken;
  private long apart = CLOSEST;
  private long next = CLOSEST;
  private List<Sample> latest = List.of();
  private List<Sample> all = List.of();

  /** What is read from here on is sampled. */
  void beginAt(long offset) {
    taken = 0;
    latest = List.of();
    all = List.of();
    next = offset + apart;
  }

  /** Goes on with what was saved. */
  void resume(List<Sample> saved, long offset) {
    beginAt(offset);
    for (Sample sample : saved) {
      add(sample.offset, sample.print);
    }
  }

  /** What was read lies between {@code at} and {@code to}, which is {@code offset} in the file whose content begins at {@code start}. */
  void take(byte[] bytes, int at, int to, long offset, long start) {
    for (; next <= offset; next += apart) {
      int length = (int) Math.min(Fingerprint.BYTES, next - start);
      int from = (int) (to - (offset - next)) - length;
      if (from >= at) {
        add(next, Fingerprint.of(bytes, from, length));
      }
    }
  }

  private void add(long offset, long print) {
    if (taken == MOST) {
      thin();
    }
    if (taken == offsets.length) {
      offsets = Arrays.copyOf(offsets, Math.min(MOST, taken * 2 + 4));
      prints = Arrays.copyOf(prints, offsets.length);
    }
    offsets[taken] = offset;
    prints[taken] = print;
    taken++;
    latest = null;
    all = null;
  }

  private void thin() {
    for (int i = 0; i < MOST / 2; i++) {
      offsets[i] = offsets[2 * i + 1];
      prints[i] = prints[2 * i + 1];
    }
    taken = MOST / 2;
    apart *= 2;
  }

  List<Sample> all() {
    if (all == null) {
      all = some(0, 1);
    }
    return all;
  }

  /** A few of the last ones: every second. */
  List<Sample> latest() {
    if (latest == null) {
      latest = some(Math.max(taken - 1 & 1, taken + 1 - 2 * FEW), 2);
    }
    return latest;
  }

  private List<Sample> some(int from, int step) {
    List<Sample> some = new ArrayList<>();
    for (int i = from; i < taken; i += step) {
      some.add(new Sample(offsets[i], prints[i]));
    }
    return List.copyOf(some);
  }

  /** The last one up to this offset; null where there is none. */
  static Sample before(List<Sample> some, long offset) {
    for (int i = some.size() - 1; i >= 0; i--) {
      if (some.get(i).offset <= offset) {
        return some.get(i);
      }
    }
    return null;
  }
}
