package io.logstream.alert;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.LogEvent;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A source of rows made by a test, as a window would make them. More may be added while it runs; goes on from a saved position. */
final class MadeRows implements Source {
  static final Instant START = Instant.parse("2026-11-19T10:00:00Z");

  private record Row(Instant time, Map<String, Object> fields) {}

  private final List<Row> rows;
  private int perBatch = 3;
  private boolean ends;
  private boolean pausing;
  private final boolean ofWindow;

  /** Rows as a window makes them. */
  MadeRows() {
    this(new ArrayList<>(), true);
  }

  private MadeRows(List<Row> rows, boolean ofWindow) {
    this.rows = rows;
    this.ofWindow = ofWindow;
  }

  /** Plain records. */
  static MadeRows records() {
    return new MadeRows(new ArrayList<>(), false);
  }

  /** A row so many seconds after the start, with these names and values in turn. */
  MadeRows row(long second, Object... fields) {
    Map<String, Object> map = new java.util.LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      map.put((String) fields[i], fields[i + 1]);
    }
    rows.add(new Row(START.plusSeconds(second), Collections.unmodifiableMap(map)));
    return this;
  }

  /** As {@link #row}, so many milliseconds after the start. */
  MadeRows atMillis(long millis, Object... fields) {
    row(0, fields);
    Row last = rows.remove(rows.size() - 1);
    rows.add(new Row(START.plusMillis(millis), last.fields));
    return this;
  }

  MadeRows perBatch(int size) {
    perBatch = size;
    return this;
  }

  MadeRows ends() {
    ends = true;
    return this;
  }

  /** Takes its time for every batch. */
  MadeRows pausing() {
    pausing = true;
    return this;
  }

  int size() {
    return rows.size();
  }

  /** The first so many rows. */
  MadeRows first(int count) {
    return new MadeRows(new ArrayList<>(rows.subList(0, count)), ofWindow);
  }

  static Instant at(long second) {
    return START.plusSeconds(second);
  }

  @Override
  public String name() {
    return "rows";
  }

  @Override
  public Reader open(SourceContext context) {
    byte[] saved = context.saved().get("rows");
    return new Reader() {
      private int next = saved == null ? 0 : Integer.parseInt(new String(saved, StandardCharsets.US_ASCII));
      private Log log;

      @Override
      public Found poll(Batch batch) {
        if (next == rows.size()) {
          return ends ? Found.END : Found.NOTHING;
        }
        if (pausing) {
          AlertKillTest.pause();
        }
        if (log == null) {
          log = context.log("rows", Map.of("host", "web-1"));
        }
        batch.begin(log, "");
        for (int n = 0; n < perBatch && next < rows.size(); n++, next++) {
          Row row = rows.get(next);
          LogEvent event = batch.event("row " + next, next).time(row.time);
          row.fields.forEach(event::put);
          if (ofWindow) {
            event.put("window.start", row.time.toEpochMilli() - 60_000);
          }
        }
        int upTo = next;
        batch.mark(() -> Integer.toString(upTo).getBytes(StandardCharsets.US_ASCII));
        return Found.SOMETHING;
      }
    };
  }
}
