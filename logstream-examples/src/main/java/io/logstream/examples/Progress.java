package io.logstream.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A line on the terminal that says how far a job over files has come; nothing where standard error is no terminal. */
final class Progress {
  private static final int SAMPLE = 1 << 16;

  private final boolean shown;
  private final long expected;
  private final long started = System.nanoTime();

  private Progress(boolean shown, long expected) {
    this.shown = shown;
    this.expected = expected;
  }

  static Progress onTerminal(List<Path> files) {
    boolean shown = System.console() != null;
    return new Progress(shown, shown ? lines(files) : -1);
  }

  /** About how many lines the files have, judged by the beginning of each; -1 if that cannot be told. */
  static long lines(List<Path> files) {
    long lines = 0;
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        byte[] head = in.readNBytes(SAMPLE);
        long ends = 0;
        for (byte b : head) {
          if (b == 0) {
            return -1; // compressed, or no text
          }
          ends += b == '\n' ? 1 : 0;
        }
        lines += head.length < SAMPLE ? ends : Math.round((double) Files.size(file) * ends / head.length);
      } catch (IOException e) {
        return -1;
      }
    }
    return lines;
  }

  void show(long lines) {
    if (shown) {
      System.err.print("\r" + text(lines, expected, (System.nanoTime() - started) / 1e9) + "\u001b[K");
    }
  }

  static String text(long lines, long expected, double seconds) {
    String soFar = String.format(Locale.ROOT, "%,d lines, %,.0f a second", lines, lines / Math.max(seconds, 1e-3));
    if (lines <= 0 || expected <= 0) {
      return soFar;
    }
    double done = Math.min(0.99, (double) lines / expected);
    return String.format(Locale.ROOT, "%2.0f %%  %s, about %,.0f s to go", 100 * done, soFar, seconds * (1 - done) / done);
  }

  void clear() {
    if (shown) {
      System.err.print("\r\u001b[K");
    }
  }
}
