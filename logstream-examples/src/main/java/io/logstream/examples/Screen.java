package io.logstream.examples;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The demo's terminal: one line for each closed window, from the rows of its endpoints. */
final class Screen {
  private static final int SHOWN = 3;
  private static final int WIDTH = 112;

  private final DateTimeFormatter time;
  private final List<LogEvent> rows = new ArrayList<>();
  private long window = Long.MIN_VALUE;

  /** With the pattern in which times are shown. */
  Screen(String pattern) {
    time = DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
  }

  synchronized void say(String text) {
    System.out.println(text);
    System.out.flush();
  }

  void head() {
    say(" ".repeat(Math.max(0, time(Instant.EPOCH).length() - 5)) + "window   requests   busiest endpoints: requests, median / 99th percentile");
  }

  /** Takes the rows of windows by endpoint; they come window by window. */
  Sink rows() {
    return context -> new Processor() {
      @Override
      public void process(LogEvent row, Emitter out) {
        if (row.number("window.start", 0) != window) {
          showWindow();
          window = row.number("window.start", 0);
        }
        rows.add(row.copy());
      }

      @Override
      public void onQuiet() {
        showWindow();
      }

      @Override
      public void flush() {
        showWindow();
      }
    };
  }

  /** Shows the window whose rows have come. */
  void showWindow() {
    if (rows.isEmpty()) {
      return;
    }
    rows.sort(Comparator.comparingLong((LogEvent row) -> row.number("count", 0)).reversed());
    StringBuilder line = new StringBuilder(time(Instant.ofEpochMilli(window)));
    line.append(String.format(Locale.ROOT, "   %,9d", rows.stream().mapToLong(row -> row.number("count", 0)).sum()));
    for (LogEvent row : rows.subList(0, Math.min(SHOWN, rows.size()))) {
      line.append(String.format(Locale.ROOT, "   %-8s %,5d", row.text("path", "-"), row.number("count", 0)));
      if (row.has("seconds.p50")) {
        line.append(String.format(Locale.ROOT, " %3.0f /%5.0f ms", 1000 * row.decimal("seconds.p50", 0), 1000 * row.decimal("seconds.p99", 0)));
      }
    }
    rows.clear();
    say(cut(line.toString()));
  }

  String time(Instant at) {
    return time.format(at);
  }

  /** A line of a log or an endpoint, made safe for a terminal and short enough. */
  String cut(String text) {
    String safe = text.replaceAll("\\p{Cntrl}", "?");
    return safe.length() <= WIDTH ? safe : safe.substring(0, WIDTH - 2) + "..";
  }
}
