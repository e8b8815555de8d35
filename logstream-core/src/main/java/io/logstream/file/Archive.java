package io.logstream.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
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

  /** A file, and how far it had been read when the two were first compared. */
  record Candidate(TailedFile file, FileMark.Entry entry) {}

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

  /** Files that were there before it, and are read first. */
  final Queue<TailedFile> older = new ArrayDeque<>();

  Archive(String key, Path path) {
    this.key = key;
    this.path = path;
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

  /** Names of compressed files are shifted, too. */
  private InputStream open() throws IOException {
    InputStream in = compression().open(path);
    if (!key.equals(Seen.key(Files.readAttributes(path, BasicFileAttributes.class)))) {
      in.close();
      throw new NoSuchFileException(path + " is another file now");
    }
    return in;
  }

  /** Takes over what a listing shows; whether it has changed. */
  boolean see(Seen seen, Path at, long now) {
    path = at;
    if (seen.size() == size && seen.modified() == modified) {
      return false;
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
