package io.logstream.appender;

import io.logstream.LogEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A throwable as it was when it was logged. It becomes the fields {@code error.class}, {@code error.message}, {@code error.root.class} and
 * {@code error.root.message}, which are those of the last cause, {@code error.frames}, a list with the throwable's own frames, and {@code
 * error.trace}, the text that the JVM prints with all causes and suppressed ones, up to 64 Ki characters. Immutable.
 *
 * @param type the name of its class
 * @param message its message, or null
 * @param frames its frames, the place that threw first
 * @param common how many of the last frames it shares with what it is the cause of
 * @param cause its cause, or null
 * @param suppressed what it suppressed
 */
public record Thrown(String type, String message, List<StackTraceElement> frames, int common, Thrown cause, List<Thrown> suppressed) {
  private static final int MOST_CHARS = 64 * 1024;
  private static final int MOST_CAUSES = 64;
  private static final String CUT = "\n\t... cut";

  /** A copy of this throwable as it is now; null for null. What its own methods throw stands where their answer would. */
  public static Thrown of(Throwable throwable) {
    return throwable == null ? null : of(throwable, List.of(), Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  private static Thrown of(Throwable throwable, List<StackTraceElement> around, Set<Throwable> seen) {
    String type = throwable.getClass().getName();
    if (!seen.add(throwable)) {
      return new Thrown(type, "[circular reference]", List.of(), 0, null, List.of());
    }
    if (seen.size() > MOST_CAUSES) {
      return new Thrown(type, "[more causes]", List.of(), 0, null, List.of());
    }
    String message;
    List<StackTraceElement> frames;
    Throwable cause;
    Throwable[] suppressed = throwable.getSuppressed();
    try {
      message = throwable.getLocalizedMessage();
      frames = List.of(throwable.getStackTrace());
      cause = throwable.getCause();
    } catch (RuntimeException e) {
      return new Thrown(type, "[its own methods failed: " + e.getClass().getName() + "]", List.of(), 0, null, List.of());
    }
    List<Thrown> beside = new ArrayList<>(suppressed.length);
    for (Throwable one : suppressed) {
      beside.add(of(one, frames, seen));
    }
    return new Thrown(type, message, frames, common(frames, around), cause == null ? null : of(cause, frames, seen), List.copyOf(beside));
  }

  private static int common(List<StackTraceElement> frames, List<StackTraceElement> around) {
    int common = 0;
    while (common < frames.size() && common < around.size()
        && frames.get(frames.size() - 1 - common).equals(around.get(around.size() - 1 - common))) {
      common++;
    }
    return common;
  }

  /** The last cause; this one where it has none. */
  public Thrown root() {
    Thrown root = this;
    while (root.cause != null) {
      root = root.cause;
    }
    return root;
  }

  /** The text that the JVM prints. */
  public String trace() {
    StringBuilder text = new StringBuilder(1024);
    print(text, "", "");
    if (text.length() > MOST_CHARS) {
      text.setLength(MOST_CHARS - CUT.length());
      text.append(CUT);
    }
    return text.toString();
  }

  private void print(StringBuilder to, String indent, String caption) {
    to.append(indent).append(caption).append(type);
    if (message != null) {
      to.append(": ").append(message);
    }
    for (int i = 0; i < frames.size() - common && to.length() <= MOST_CHARS; i++) {
      to.append('\n').append(indent).append("\tat ").append(frames.get(i));
    }
    if (common > 0) {
      to.append('\n').append(indent).append("\t... ").append(common).append(" more");
    }
    for (Thrown one : suppressed) {
      if (to.length() <= MOST_CHARS) {
        to.append('\n');
        one.print(to, indent + "\t", "Suppressed: ");
      }
    }
    if (cause != null && to.length() <= MOST_CHARS) {
      to.append('\n');
      cause.print(to, indent, "Caused by: ");
    }
  }

  void putInto(LogEvent event) {
    Thrown root = root();
    event.put("error.class", type).put("error.message", message).put("error.root.class", root.type).put("error.root.message", root.message);
    event.put("error.frames", frames.stream().map(StackTraceElement::toString).toList());
    event.put("error.trace", trace());
  }
}
