package io.logstream.file;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says what time a line carries: how {@link FileTail#since} finds its way in a file before any stage has seen it. Called by the reader's
 * thread, for a few lines only.
 */
@FunctionalInterface
public interface TimeFinder {
  /** The time that a line carries; null where it carries none, as one in the midst of a stack trace. */
  Instant timeOf(String line);

  /**
   * The time that stands where a regular expression matches first, or where its first group does.
   *
   * @param format for that text; with a zone, in the text or its own
   */
  static TimeFinder matching(String regex, DateTimeFormatter format) {
    Objects.requireNonNull(regex, "regex of TimeFinder.matching");
    Pattern pattern = Pattern.compile(regex);
    Objects.requireNonNull(format, "format");
    return line -> {
      Matcher matcher = pattern.matcher(line);
      if (!matcher.find()) {
        return null;
      }
      String text = matcher.group(matcher.groupCount() > 0 ? 1 : 0);
      try {
        return text == null ? null : format.parse(text, Instant::from);
      } catch (DateTimeException e) {
        return null;
      }
    };
  }
}
