package io.logstream.index;

import java.time.Instant;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the order of hits, behind which the next page begins: the time and the sequence number of the last hit seen. It stays valid
 * whatever comes in or goes meanwhile. Its text form can be handed out and {@linkplain #parse parsed} again.
 *
 * @param time the hit's time
 * @param sequence the hit's number in the order of arrival
 */
public record LogCursor(Instant time, long sequence) {
  private static final Pattern FORM = Pattern.compile("(-?\\d{1,19})_(\\d{1,19})");

  /**
   * Reads what {@link #toString} has written.
   *
   * @throws IllegalArgumentException if it is not the form of a cursor
   */
  public static LogCursor parse(String text) {
    Objects.requireNonNull(text, "text of LogCursor.parse");
    Matcher form = FORM.matcher(text);
    try {
      if (form.matches()) {
        return new LogCursor(Instant.ofEpochMilli(Long.parseLong(form.group(1))), Long.parseLong(form.group(2)));
      }
    } catch (NumberFormatException e) {
      // greater than any number
    }
    throw new IllegalArgumentException("a cursor has the form 1763640000000_42, was '" + (text.length() > 40 ? text.substring(0, 40) + ".." : text) + "'");
  }

  @Override
  public String toString() {
    return time.toEpochMilli() + "_" + sequence;
  }
}
