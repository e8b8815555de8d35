package io.logstream.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A file that is followed: one generation of a family. Open while it is live or its name has gone lately; then closed, and known by
 * its entry until no file is there any more to which that belongs.
 */
final class TailedFile {
  static final long NEVER = Long.MIN_VALUE;

  final Family family;
  final String key;
  /** Where it was seen last. */
  Path path;
  /** Null while closed. */
  Handle content;
  /** Null until it has been opened. */
  FileLines lines;
  /** What a checkpoint says of it, as of the last batch. */
  FileMark.Entry entry;

  /** Whether a name shows it, and whether that is the live one. */
  boolean present;
  boolean live;
  /** Since when it has not had the live name, and no name at all, on the clock. */
  long rotatedAt = NEVER;
  long goneAt = NEVER;
  /** When it was last seen to grow. */
  long grownAt;
  /** Size and time of change when it was last compared with what was read of it. */
  private long checkedSize = -1;
  private long checkedModified;

  /** The greatest size seen. */
  long size;
  /** The size at which it was read to the end. */
  long readTo = -1;
  /** How far to read in this pass. */
  long limit;
  /** Nothing will follow: an unfinished last line is given out, then it is closed. */
  boolean ending;
  /** It holds something else than what was read of it. */
  boolean replaced;
  /** Of what it held: whether a copy goes on with that, and up to where copies have it. */
  boolean continued;
  long copiedTo;
  /** The key of the file of which it is a copy, which is not read; empty for others. */
  String copyOf = "";
  /** The key of its compressed copy; null while none is known. */
  String packedAs;
  /** Its content so far is the beginning of that file, so it may become a copy of it. */
  boolean undecided;
  /** Whether that file was found in the same scan. */
  boolean foundWithLive;
  /** In which scan what it holds was found; one that an earlier run knew may be as young as what the first one finds. */
  int foundIn = 1;

  TailedFile(Family family, String key, Path path) {
    this.family = family;
    this.key = key;
    this.path = path;
  }

  /** Whether it is one of those whose lines are given. */
  boolean isRead() {
    return content != null && copyOf.isEmpty() && !replaced && !undecided;
  }

  /** Whether it has changed since it was last compared with what was read of it, or must be compared anyway. */
  boolean hasChanged(Seen seen) {
    return seen.size() != checkedSize || seen.modified() != checkedModified;
  }

  /** As it was when it was last compared. */
  Seen seen() {
    return new Seen(path, path.getFileName().toString(), null, key, checkedSize, checkedModified);
  }

  void checked(Seen seen) {
    checkedSize = seen.size();
    checkedModified = seen.modified();
  }

  void unchecked() {
    checkedSize = -1;
  }

  /** Whether something of it was delivered, so that its content can be known again. */
  boolean isKnown() {
    return entry != null && entry.isKnown();
  }

  /** Whether it is known with what it began. */
  boolean wasMet() {
    return entry != null && entry.headLength() > 0;
  }

  /** Fingerprints by which the beginning of it is known; in this process more than one that has ended has left. */
  List<Samples.Sample> samples() {
    return lines != null ? lines.samples() : entry == null ? List.of() : entry.samples();
  }

  /** Whether a shorter file is, as far as can be told, the beginning of what was read of this one. */
  boolean beganWith(Content other) throws IOException {
    long size = other.size();
    if (size - entry.start() < entry.headLength()) {
      return size <= entry.start();
    }
    byte[] head = new byte[entry.headLength()];
    if (other.read(entry.start(), head, 0, head.length) != head.length || Fingerprint.of(head, 0, head.length) != entry.head()) {
      return false;
    }
    Samples.Sample last = lines == null ? FileMark.Entry.telling(samples(), size) : Samples.before(samples(), size);
    return last == null ? lines != null : last.isIn(other, entry.start());
  }

  /** Takes the present state into the entry. */
  void note() {
    if (lines != null && !undecided) {
      // only one that was rotated a moment ago may be compressed while it is still being written
      entry = live || content == null ? lines.entry(size, live, copyOf) : lines.entry(size, live, copyOf, lines.samples());
    }
  }

  long look() throws IOException {
    limit = content.size();
    size = Math.max(size, limit);
    return limit;
  }

  void close() {
    if (content != null) {
      try {
        content.close();
      } catch (IOException e) {
        // it was only read
      }
      content = null;
    }
  }
}
