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
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final int SHOWN = 3;
  private static final int WIDTH = 110;

  private final List<LogEvent> rows = new ArrayList<>();
  private long window = Long.MIN_VALUE;

  synchronized void say(String text) {
    System.out.println(text);
    System.out.flush();
  }

  void head() {
    say("window  requests  busiest endpoints: requests, median and 99th percentile in ms");
  }

  /** Takes the rows of windows by endpoint; they come window by window. */
  Sink rows() {
    return context -> new Processor() {
      @Override
      public void process(LogEvent row, Emitter out) {
        if (row.number("window.start", 0) != window) {
          flush();
          window = row.number("window.start", 0);
        }
        rows.add(row.copy());
      }

      @Override
      public void onQuiet() {
        flush();
      }
    };
  }

  /** Shows the window whose rows have come. */
  void flush() {
    if (rows.isEmpty()) {
      return;
    }
    rows.sort(Comparator.comparingLong((LogEvent row) -> row.number("count", 0)).reversed());
    StringBuilder line = new StringBuilder(time(Instant.ofEpochMilli(window)));
    line.append(String.format(Locale.ROOT, "  %,9d", rows.stream().mapToLong(row -> row.number("count", 0)).sum()));
    for (LogEvent row : rows.subList(0, Math.min(SHOWN, rows.size()))) {
      line.append("  ").append(row.text("request", "-")).append(String.format(Locale.ROOT, " %,d", row.number("count", 0)));
      if (row.has("seconds.p50")) {
        line.append(String.format(Locale.ROOT, " %.0f/%.0f ms", 1000 * row.decimal("seconds.p50", 0), 1000 * row.decimal("seconds.p99", 0)));
      }
    }
    rows.clear();
    say(cut(line.toString()));
  }

  String time(Instant time) {
    return TIME.format(time);
  }

  /** A line of a log or an endpoint, made safe for a terminal and short enough. */
  String cut(String text) {
    String safe = text.replaceAll("\\p{Cntrl}", "?");
    return safe.length() <= WIDTH ? safe : safe.substring(0, WIDTH - 2) + "..";
  }
}
