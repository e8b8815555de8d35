package io.logstream.kafka.streams;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.LogEvent;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A source of a part of a pipeline, and its reader: brings what a task of Kafka Streams was given, one record at a time. One run, one thread. */
final class Fed implements Source, Reader {
  private final String name;
  private final List<Origin> origins;
  private final String from;
  private final Map<Integer, Log> logs = new LinkedHashMap<>();
  private final Deque<Log> toAnnounce = new ArrayDeque<>();
  private SourceContext context;

  private Log log;
  private byte[] value;
  private long offset;
  private long time;
  private Told told;

  /**
   * A source.
   *
   * @param origins the logs that there are, those that nothing has come from yet included
   * @param from the part of the pipeline that gives it events; null where it reads topics
   */
  Fed(String name, List<Origin> origins, String from) {
    this.name = name;
    this.origins = origins;
    this.from = from;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Reader open(SourceContext opening) {
    context = opening;
    origins.forEach(this::add);
    return this;
  }

  private Log add(Origin origin) {
    Log added = context.log(origin.key(from), origin.fields());
    logs.put(origin.id(), added);
    toAnnounce.add(added);
    return added;
  }

  Log log(int origin) {
    return logs.get(origin);
  }

  /** Whether there are logs that its run does not know of yet. */
  boolean hasNews() {
    return !toAnnounce.isEmpty();
  }

  /** Hands over a record of a topic, for the next {@link #poll}. */
  void bring(int origin, byte[] message, long at, long timestamp) {
    log = logs.get(origin);
    value = message;
    offset = at;
    time = timestamp;
  }

  /** Hands over what another part has told, for the next {@link #poll}. */
  void bring(Told what) {
    log = logs.get(what.origin());
    if (log == null) {
      log = add(Origin.ofPart(what.origin()));
      toAnnounce.removeLast();
    }
    told = what;
  }

  @Override
  public Found poll(Batch batch) {
    Log announced = toAnnounce.poll();
    if (announced != null) {
      batch.begin(announced, "");
      if (from != null && announced.isIdle()) {
        batch.idle(Long.MIN_VALUE);
      } else if (from != null) {
        batch.reached(Long.MIN_VALUE);
      }
      return Found.SOMETHING;
    }
    if (log == null) {
      return Found.NOTHING;
    }
    batch.begin(log, "");
    if (told != null) {
      tell(batch);
    } else if (value == null) {
      batch.dropped(1, "no value");
    } else if (batch.joins()) {
      System.arraycopy(value, 0, batch.room(value.length), batch.used(), value.length);
      int start = batch.used();
      batch.filled(value.length);
      batch.line(start, start + value.length, offset, 0);
    } else {
      LogEvent event = batch.event(value, 0, value.length, offset);
      if (time >= 0) {
        event.epochMillis(time);
      }
    }
    log = null;
    value = null;
    told = null;
    return Found.SOMETHING;
  }

  private void tell(Batch batch) {
    if (told.kind() == Told.IDLE) {
      batch.idle(told.watermark());
      return;
    }
    batch.reached(told.watermark());
    if (told.kind() == Told.EVENT) {
      batch.event(told.event());
    }
  }
}
