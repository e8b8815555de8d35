package io.logstream.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * A compressed generation. It is known by its inode and size, and is one of these:
 *
 * <pre>
 *   FOUND ──► COMPARED ──► COPY ──► READ ──► DONE
 *     what is    with files that    of a file that     what that file       nothing more
 *     in it?     begin like it      may still be read  had not given out    is to be had
 * </pre>
 *
 * <p>One that is like no known file goes from FOUND to READ, and is read from its beginning.
 */
final class Archive {
  enum State { FOUND, COMPARED, COPY, READ, DONE }

  /** A file of which it may be the copy, and where in it what is compared next. */
  static final class Candidate {
    final TailedFile file;
    /** How far the file had been read when the two were first compared. */
    final FileMark.Entry entry;
    private long at;
    private int length;
    private long print;
    private boolean isBeginning;

    Candidate(TailedFile file, FileMark.Entry entry) {
      this.file = file;
      this.entry = entry;
      at = entry.offset();
      length = entry.tailLength();
      print = entry.tail();
    }

    long from() {
      return at - length;
    }

    /** Whether the text is as expected; null where it ends before. */
    Boolean isIn(CompressedContent text) throws IOException {
      byte[] bytes = new byte[length];
      return text.read(from(), bytes, 0, length) < length ? null : Fingerprint.of(bytes, 0, length) == print;
    }

    /**
     * Has the text, which ends before what was compared, compared as the beginning of the file: if that was rotated, it may have been compressed
     * while it was still being written. False where nothing tells: what is only short begins like many files.
     */
    boolean asBeginning(Archive archive) throws IOException {
      long size = archive.textSize;
      boolean mayBe = !file.live && (!file.present || archive.isNamedAfter(file)) && (file.packedAs == null || file.packedAs.equals(archive.key));
      if (isBeginning || size <= entry.start() || !mayBe) {
        return false;
      }
      isBeginning = true;
      if (file.content != null && !file.replaced) {
        at = size;
        length = (int) Math.min(Fingerprint.BYTES, size - entry.start());
        byte[] bytes = new byte[length];
        if (file.content.read(from(), bytes, 0, length) < length) {
          return false;
        }
        print = Fingerprint.of(bytes, 0, length);
        return true;
      }
      Samples.Sample last = FileMark.Entry.telling(file.samples(), size);
      if (last != null) {
        at = last.offset();
        length = (int) Math.min(Fingerprint.BYTES, at - entry.start());
        print = last.print();
      }
      return last != null;
    }
  }

  final String key;
  Path path;
  State state = State.FOUND;
  /** Size and time of change as seen last, and since when they have been so. */
  long size = -1;
  long modified;
  long changedAt;
  /** Since when it has had no name. */
  long goneAt = TailedFile.NEVER;
  /** Whether its text up to where the original was read has just been compared. */
  boolean isCompared;
  /** How many bytes are in it, once that is known; else -1. */
  long textSize = -1;
  /** It could not be read further: it waits to be changed. */
  boolean stuck;
  CompressedContent content;
  FileLines lines;
  /** What a checkpoint says of how far it has been read; null before it is known what it is. */
  FileMark.Entry entry;
  /** What it is the copy of; null for none. */
  TailedFile original;
  /** Files that it may be the copy of, the one that was read least first. */
  final Queue<Candidate> candidates = new ArrayDeque<>();
  /** The last of them that it was like. */
  Candidate alike;
  /** In which scan it was found; none for one that an earlier run knew. */
  int foundIn;

  private final Disk disk;

  Archive(String key, Path path, Disk disk) {
    this.key = key;
    this.path = path;
    this.disk = disk;
  }

  /** Whether it is still to be found out what is in it. */
  boolean isToBeCompared() {
    return state == State.FOUND || state == State.COMPARED;
  }

  Compression compression() {
    return Compression.of(path.getFileName().toString());
  }

  CompressedContent content() throws IOException {
    if (content == null) {
      content = new CompressedContent(this::open);
    }
    return content;
  }

  private InputStream open() throws IOException {
    return compression().open(compressed().stream(), path);
  }

  /** Names of compressed files are shifted, too. */
  private Content compressed() throws IOException {
    Content opened = Content.of(disk, disk.open(path));
    boolean same = false;
    try {
      same = key.equals(Seen.key(disk.look(path)));
    } finally {
      if (!same) {
        opened.close();
      }
    }
    if (!same) {
      throw new NoSuchFileException(path + " is another file now");
    }
    return opened;
  }

  boolean isNamedAfter(TailedFile file) {
    return RotationNames.plain(path.getFileName().toString()).equals(file.path.getFileName().toString());
  }

  /** Whether it holds a text of so many bytes, as far as can be told without reading that. */
  boolean mayHold(long textSize) throws IOException {
    try (Content bytes = compressed()) {
      return compression().mayHold(bytes, textSize);
    }
  }

  /** Takes over what a listing shows; whether it has changed. */
  boolean see(Seen seen, Path at, long now) {
    path = at;
    if (seen.size() == size && seen.modified() == modified) {
      return false;
    }
    if (seen.size() != size) {
      textSize = -1;
    }
    size = seen.size();
    modified = seen.modified();
    changedAt = now;
    stuck = false;
    return true;
  }

  /** It has grown, or is another file that has got its inode: then what was known of it does not fit. */
  void judgeAnew() {
    if (state == State.DONE || state == State.COPY) {
      state = state == State.DONE && entry != null && entry.isKnown() ? State.READ : State.FOUND;
      original = null;
      lines = null;
    }
  }

  void note() {
    if (lines != null) {
      entry = lines.entry(size, false, "");
    }
  }

  /** Nothing more is read of it. */
  void done() {
    note();
    state = State.DONE;
    close();
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
