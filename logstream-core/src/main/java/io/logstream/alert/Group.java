package io.logstream.alert;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a rule remembers of one key that fires, or has fired not long ago. */
final class Group {
  static final long NEVER = Long.MIN_VALUE;

  private static final byte VERSION = 1;

  final GroupKey key;
  boolean firing;
  /** Whether the firing under way was told. */
  boolean told;
  /** When the firing under way, or the last one, began. */
  private long since = NEVER;
  /** The latest time at which a firing began, and how many began since then that were not later: events may come out of order. */
  private long latest = NEVER;
  private int again;
  /** When a firing was last told. */
  private long toldAt = NEVER;

  Group(GroupKey key) {
    this.key = key;
  }

  void begin(long now) {
    firing = true;
    told = false;
    since = now;
    if (now > latest) {
      latest = now;
      again = 0;
    } else {
      again++;
    }
  }

  void tell(long now) {
    told = true;
    toldAt = Math.max(toldAt, now);
  }

  void end() {
    firing = false;
    told = false;
  }

  boolean mayTell(long now, long atMostEvery) {
    return atMostEvery == 0 || toldAt == NEVER || now >= later(toldAt, atMostEvery);
  }

  /** When nothing depends on it any more, provided that all events up to then are here. */
  long forgettableAt(long atMostEvery) {
    long seen = later(latest, 1);
    return toldAt == NEVER ? seen : Math.max(seen, later(toldAt, atMostEvery));
  }

  private static long later(long time, long by) {
    return time > Long.MAX_VALUE - by ? Long.MAX_VALUE : time + by;
  }

  long since() {
    return since;
  }

  /** What identifies the firing under way: made of the rule's name, the key and the beginning, so that a replay gives the same. */
  String id(String alert) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(alert.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(key.toBytes());
      digest.update(ByteBuffer.allocate(20).putLong(since).putLong(latest).putInt(again).array());
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  byte[] toBytes() {
    return ByteBuffer.allocate(31).put(VERSION).put((byte) (firing ? 1 : 0)).put((byte) (told ? 1 : 0))
        .putLong(since).putLong(latest).putInt(again).putLong(toldAt).array();
  }

  void restore(byte[] saved) {
    ByteBuffer in = ByteBuffer.wrap(saved);
    byte version = in.get();
    if (version != VERSION) {
      throw new IllegalArgumentException("an alert's saved key has version " + version + ", this library reads version " + VERSION);
    }
    firing = in.get() != 0;
    told = in.get() != 0;
    since = in.getLong();
    latest = in.getLong();
    again = in.getInt();
    toldAt = in.getLong();
  }
}
