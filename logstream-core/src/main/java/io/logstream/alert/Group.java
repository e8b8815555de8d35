package io.logstream.alert;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What a rule remembers of one key.
 *
 * <pre>
 *   OK ---> PENDING ---> FIRING <--> RECOVERING ---> OK      any of them ---> NO_DATA ---> what the test says
 * </pre>
 */
final class Group {
  /** Where a key stands. */
  enum State { OK, PENDING, FIRING, RECOVERING, NO_DATA }

  static final long NEVER = Long.MIN_VALUE;

  private static final State[] STATES = State.values();

  final GroupKey key;
  State state = State.OK;
  /** When the condition began to hold: since when the firing under way lasts, or what is pending. */
  long since = NEVER;
  /** When it began to be clear. */
  long clearSince = NEVER;
  /** Since when it is not known whether the condition holds, and how long it was not known before while pending. */
  long unknownSince = NEVER;
  long lost;
  /** When the key's last event was. */
  long lastEvent = NEVER;
  /** Whether no data have come for so long that it counts. */
  boolean noData;
  /** Whether the firing under way was told, and how many transitions of it were. */
  boolean told;
  int number;
  /** What identifies it, once that was asked for. */
  private String id;
  /** The latest time at which a firing began, and how many began since then that were not later: events may come out of order. */
  long latest = NEVER;
  int again;
  /** When a firing was last told, and how often the time until the next one was doubled. */
  long toldAt = NEVER;
  int doublings;

  /** What each test of the rule knows of the key, and what it last said. */
  Object[] data = {};
  byte[] outcomes = {};
  /** The time up to which the tests have moved on. */
  long now = NEVER;

  /** The deadline for which it stands in the run's queue. */
  long scheduled = Long.MAX_VALUE;
  boolean changed;
  /** Whether it stands in what was saved. */
  boolean saved;

  Group(GroupKey key) {
    this.key = key;
  }

  boolean isFiring() {
    return state == State.FIRING || state == State.RECOVERING;
  }

  void begin(long time) {
    since = time;
    id = null;
    lost = 0;
    unknownSince = NEVER;
    if (time > latest) {
      latest = time;
      again = 0;
    } else {
      again++;
    }
  }

  /** What identifies a rule of this name and version in {@link #id}. */
  static byte[] ofRule(String name, String version) {
    return (name + "\0" + version + "\0").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * What identifies the firing under way: made of the rule, the key and the beginning, so that a replay gives the same.
   *
   * @param digest a SHA-256 with nothing in it yet
   */
  String id(MessageDigest digest, byte[] rule) {
    if (id != null) {
      return id;
    }
    digest.update(rule);
    digest.update(key.toBytes());
    id = Rule.hex(digest, ByteBuffer.allocate(21).putLong(since).putLong(latest).putInt(again).put((byte) (state == State.NO_DATA ? 1 : 0)).array());
    return id;
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(state.ordinal());
    out.writeLong(since);
    out.writeLong(clearSince);
    out.writeLong(unknownSince);
    out.writeLong(lost);
    out.writeLong(lastEvent);
    out.writeBoolean(noData);
    out.writeBoolean(told);
    out.writeInt(number);
    out.writeLong(latest);
    out.writeInt(again);
    out.writeLong(toldAt);
    out.writeInt(doublings);
    out.writeLong(now);
    out.writeByte(outcomes.length);
    out.write(outcomes);
  }

  void read(DataInput in) throws IOException {
    state = STATES[in.readByte()];
    since = in.readLong();
    clearSince = in.readLong();
    unknownSince = in.readLong();
    lost = in.readLong();
    lastEvent = in.readLong();
    noData = in.readBoolean();
    told = in.readBoolean();
    number = in.readInt();
    latest = in.readLong();
    again = in.readInt();
    toldAt = in.readLong();
    doublings = in.readInt();
    now = in.readLong();
    outcomes = new byte[in.readByte()];
    in.readFully(outcomes);
  }
}
