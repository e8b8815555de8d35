package io.logstream.index;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.LogEvent;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A source of given events, which may be given while it is read. */
final class Given implements Source {
  record Event(Instant time, String message, Map<String, Object> fields) {}

  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private volatile boolean ended;

  Given add(Event event) {
    events.add(event);
    return this;
  }

  Given end() {
    ended = true;
    return this;
  }

  @Override
  public Reader open(SourceContext context) {
    return new Reader() {
      private Log log;
      private long offset;

      @Override
      public Found poll(Batch batch) {
        boolean last = ended;
        if (events.isEmpty()) {
          return last ? Found.END : Found.NOTHING;
        }
        if (log == null) {
          log = context.log("/var/log/app.log", Map.of("file", "/var/log/app.log", "host", "web-1"));
        }
        batch.begin(log, "7");
        for (Event event = null; batch.count() < 200 && (event = events.poll()) != null; ) {
          LogEvent made = batch.event(event.message(), offset++);
          made.time(event.time());
          event.fields().forEach(made::put);
        }
        return Found.SOMETHING;
      }
    };
  }
}
