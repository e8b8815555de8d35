package io.logstream.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Finds where in a file the lines from some time on begin, by the times that lines carry, as long as these grow. */
final class TimeSearch {
  private static final int CHUNK = 64 * 1024;
  /** If no line within so many bytes carries a time, the search is given up. */
  private static final long FARTHEST = 1024 * 1024;

  private final TimeFinder finder;
  private final Instant from;

  /**
   * A search.
   *
   * @param from lines before this time are to be left out; so much earlier than what is wanted as lines may be out of order
   */
  TimeSearch(TimeFinder finder, Instant from) {
    this.finder = finder;
    this.from = from;
  }

  /** A line that carries a time. */
  private record Timed(long offset, Instant time) {}

  /**
   * The beginning of a line before which all lines are too old.
   *
   * @return -1 if no line near the beginning carries a time, so that the file must be read from there
   */
  long find(Content content) throws IOException {
    long size = content.size();
    Timed first = timedLine(content, 0, size);
    if (first == null) {
      return size == 0 ? 0 : -1;
    }
    if (!first.time.isBefore(from)) {
      return 0;
    }
    long old = first.offset;
    long end = size;
    while (end - old > CHUNK) {
      long middle = old + (end - old) / 2;
      Timed line = timedLine(content, middle, end);
      if (line != null && line.time.isBefore(from)) {
        old = line.offset;
      } else {
        end = middle;
      }
    }
    return old;
  }

  /** The first line with a time that begins behind an offset, or at the file's beginning. */
  private Timed timedLine(Content content, long offset, long end) throws IOException {
    byte[] bytes = new byte[CHUNK];
    long at = offset;
    boolean inLine = offset > 0;
    while (at < Math.min(end, offset + FARTHEST)) {
      int got = content.read(at, bytes, 0, (int) Math.min(CHUNK, end - at));
      if (got <= 0) {
        return null;
      }
      int lineAt = 0;
      for (int i = 0; i < got; i++) {
        if (bytes[i] == '\n') {
          Instant time = inLine ? null : finder.timeOf(new String(bytes, lineAt, i - lineAt, StandardCharsets.UTF_8));
          if (time != null) {
            return new Timed(at + lineAt, time);
          }
          inLine = false;
          lineAt = i + 1;
        }
      }
      if (lineAt == 0) {
        inLine = true;
        at += got;
      } else {
        at += lineAt;
      }
    }
    return null;
  }
}
