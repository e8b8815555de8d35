package io.logstream.parse;

import io.logstream.Joiner;
import io.logstream.LineJoiner;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A stage that joins lines into records: a line in which a pattern is found begins one, and the lines up to the next such line belong to
 * it. A line before the first beginning, or after a record that silence completed, is a record of its own.
 *
 * <p>A record is complete when the next one begins, when its log has had nothing to read for the {@linkplain #timeout(Duration)
 * timeout} (1 s unless said), or when its file ends. Where a record would grow over {@linkplain #maxBytes(int) 1 MiB} or {@linkplain
 * #maxLines(int) 1,000 lines}, it is complete and the rest goes on as another, so that no line is lost. Lines are joined by
 * {@code \n}. A line that the pattern cannot decide on within its step budget begins nothing.
 *
 * <p>Place it directly after the source: there it runs in the reader. A pattern that begins with {@code ^} and some
 * characters, {@code \d}, {@code [0-9]} or {@code \S} is decided by the first bytes of most lines. Immutable.
 */
public final class Multiline implements Joiner {
  private final Pattern start;
  private final Duration timeout;
  private final int maxBytes;
  private final int maxLines;

  private Multiline(Pattern start, Duration timeout, int maxBytes, int maxLines) {
    this.start = start;
    this.timeout = timeout;
    this.maxBytes = maxBytes;
    this.maxLines = maxLines;
  }

  /**
   * A record begins with each line in which this regular expression of {@link java.util.regex} finds a match, anywhere: {@code ^} ties it to
   * the line's beginning.
   *
   * @throws IllegalArgumentException if it does not compile, or matches the empty string and so every line
   */
  public static Multiline startingWith(String regex) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("Multiline.startingWith(..): " + e.getMessage(), e);
    }
    if (pattern.matcher("").find()) {
      throw new IllegalArgumentException("Multiline.startingWith(\"" + regex
          + "\") matches the empty string, so that every line would begin a record; give a pattern that only the first line of a record has, "
          + "such as \"^\\d{4}-\"");
    }
    return new Multiline(pattern, Duration.ofSeconds(1), 1 << 20, 1000);
  }

  /** How long an unfinished record waits for its next line while there is nothing to read; 1 s unless said. */
  public Multiline timeout(Duration silence) {
    if (Objects.requireNonNull(silence, "timeout").toMillis() <= 0) {
      throw new IllegalArgumentException("timeout must be at least a millisecond, was " + silence);
    }
    return new Multiline(start, silence, maxBytes, maxLines);
  }

  /** How many bytes a record may have, unless its first line alone has more; 1 MiB unless said. */
  public Multiline maxBytes(int most) {
    return new Multiline(start, timeout, positive("maxBytes", most), maxLines);
  }

  /** How many lines a record may have; 1,000 unless said. */
  public Multiline maxLines(int most) {
    return new Multiline(start, timeout, maxBytes, positive("maxLines", most));
  }

  private static int positive(String what, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(what + " must be positive, was " + value);
    }
    return value;
  }

  @Override
  public LineJoiner openJoiner() {
    LineStart found = LineStart.of(start);
    return (bytes, from, to, open) -> {
      if (found.in(bytes, from, to)) {
        return LineJoiner.Does.BEGINS;
      }
      return open ? LineJoiner.Does.CONTINUES : LineJoiner.Does.STANDS_ALONE;
    };
  }

  @Override
  public Duration timeout() {
    return timeout;
  }

  @Override
  public int maxBytes() {
    return maxBytes;
  }

  @Override
  public int maxLines() {
    return maxLines;
  }

  @Override
  public String toString() {
    return "startingWith " + start;
  }
}
