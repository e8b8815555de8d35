package io.logstream.window;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * How time is cut into panes, and panes make windows. Panes lie end to end; a window is a fixed number of them, and starts where the grid
 * says that one opens.
 *
 * <pre>panes     |--0--|--1--|--2--|--3--|--4--|
 * windows   [-----------------)                  of three panes, one opening at every second
 *                       [-----------------)</pre>
 */
abstract class Grid {
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final int MOST_PANES = 10_000;

  /** How many panes a window has. */
  final int panes;

  private Grid(int panes) {
    this.panes = panes;
  }

  /** The start of the pane that a time is in. */
  abstract long start(long time);

  /** The end of the pane that starts here. */
  abstract long end(long start);

  /** Whether a window starts with the pane that starts here. */
  abstract boolean opens(long start);

  /** The end of the window that starts here. */
  long windowEnd(long start) {
    long end = start;
    for (int i = 0; i < panes; i++) {
      end = end(end);
    }
    return end;
  }

  /** The start of the first window that a pane belongs to. */
  long firstWindow(long pane) {
    long start = pane;
    for (int i = 1; i < panes; i++) {
      start = start(start - 1);
    }
    return opens(start) ? start : nextWindow(start);
  }

  /** The start of the last window that a pane belongs to. */
  long lastWindow(long pane) {
    long start = pane;
    while (!opens(start)) {
      start = start(start - 1);
    }
    return start;
  }

  /** The start of the next window that starts after this time, which a pane must start at. */
  long nextWindow(long start) {
    long next = end(start);
    while (!opens(next)) {
      next = end(next);
    }
    return next;
  }

  /**
   * The grid of windows of this length, one opening at each step.
   *
   * @param zone whose calendar they follow; null for multiples of the step since 1970 in UTC
   */
  static Grid of(Duration size, Duration step, ZoneId zone) {
    long length = size.toMillis();
    long hop = step.toMillis();
    long pane = BigInteger.valueOf(length).gcd(BigInteger.valueOf(hop)).longValueExact();
    if (length / pane > MOST_PANES) {
      throw new IllegalArgumentException("windows of " + size + " every " + step + " are made of " + length / pane + " panes of " + Duration.ofMillis(pane)
          + ", at most " + MOST_PANES + " are kept; take lengths with a greater common divisor");
    }
    int panes = (int) (length / pane);
    if (zone == null) {
      return new Even(panes, pane, hop);
    }
    if (length % DAY == 0 && hop % DAY == 0) {
      return new Days(panes, pane / DAY, hop / DAY, zone);
    }
    if (DAY % hop == 0 && length % hop == 0) {
      return new Hours(panes, hop, zone);
    }
    throw new IllegalArgumentException("in the calendar of " + zone + " windows have whole days, or parts of which a day is a multiple; " + size
        + (size.equals(step) ? "" : " every " + step) + " is neither");
  }

  /** Panes of one length. */
  private static final class Even extends Grid {
    private final long pane;
    private final long step;

    Even(int panes, long pane, long step) {
      super(panes);
      this.pane = pane;
      this.step = step;
    }

    @Override
    long start(long time) {
      return time - Math.floorMod(time, pane);
    }

    @Override
    long end(long start) {
      return start + pane;
    }

    @Override
    boolean opens(long start) {
      return Math.floorMod(start, step) == 0;
    }

    @Override
    long windowEnd(long start) {
      return start + panes * pane;
    }
  }

  /** Panes of whole days, which have 23, 24 or 25 hours. */
  private static final class Days extends Grid {
    private final long days;
    private final long step;
    private final ZoneId zone;

    Days(int panes, long days, long step, ZoneId zone) {
      super(panes);
      this.days = days;
      this.step = step;
      this.zone = zone;
    }

    @Override
    long start(long time) {
      long day = day(time);
      return startOf(day - Math.floorMod(day, days));
    }

    @Override
    long end(long start) {
      return startOf(day(start) + days);
    }

    @Override
    boolean opens(long start) {
      return Math.floorMod(day(start), step) == 0;
    }

    private long day(long time) {
      return LocalDate.ofInstant(Instant.ofEpochMilli(time), zone).toEpochDay();
    }

    private long startOf(long day) {
      return LocalDate.ofEpochDay(day).atStartOfDay(zone).toInstant().toEpochMilli();
    }
  }

  /**
   * Panes that start when a local clock shows a multiple of their length since midnight. An hour that a clock shows twice is two of them; a
   * start that it skips is when it skips.
   */
  private static final class Hours extends Grid {
    private final long pane;
    private final ZoneRules rules;

    Hours(int panes, long pane, ZoneId zone) {
      super(panes);
      this.pane = pane;
      this.rules = zone.getRules();
    }

    @Override
    long start(long time) {
      Instant at = Instant.ofEpochMilli(time);
      long start = time - Math.floorMod(time + offset(rules.getOffset(at)), pane);
      ZoneOffsetTransition change = rules.previousTransition(at.plusMillis(1));
      if (change == null || change.getInstant().toEpochMilli() <= start) {
        return start;
      }
      return skipsAStart(change) ? change.getInstant().toEpochMilli() : start(change.getInstant().toEpochMilli() - 1);
    }

    @Override
    long end(long start) {
      long from = start;
      long end = from + pane - Math.floorMod(from + offset(rules.getOffset(Instant.ofEpochMilli(from))), pane);
      for (;;) {
        ZoneOffsetTransition change = rules.nextTransition(Instant.ofEpochMilli(from));
        if (change == null || change.getInstant().toEpochMilli() > end) {
          return end;
        }
        from = change.getInstant().toEpochMilli();
        if (skipsAStart(change)) {
          return from;
        }
        end = from + Math.floorMod(-(from + offset(change.getOffsetAfter())), pane);
        if (end == from) {
          return from;
        }
      }
    }

    @Override
    boolean opens(long start) {
      return true;
    }

    private boolean skipsAStart(ZoneOffsetTransition change) {
      long at = change.getInstant().toEpochMilli();
      return change.isGap() && Math.floorMod(-(at + offset(change.getOffsetBefore())), pane) < change.getDuration().toMillis();
    }

    private static long offset(ZoneOffset offset) {
      return offset.getTotalSeconds() * 1000L;
    }
  }
}
