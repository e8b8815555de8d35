package io.logstream.kafka.streams;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A source of a part of a pipeline, and its reader: brings what a task of Kafka Streams was given. One run, one thread. */
final class Fed implements Source, Reader {
  private final String name;
  private final List<Origin> origins;
  private final String from;
  private final Map<Integer, Log> logs = new LinkedHashMap<>();
  private final Deque<Log> toAnnounce = new ArrayDeque<>();
  private SourceContext context;

  private Log log;
  private Iterator<ConsumerRecord<byte[], byte[]>> records = Collections.emptyIterator();
  private final Deque<Told> told = new ArrayDeque<>();

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

  /** Whether there is something that its run has not polled yet. */
  boolean hasNews() {
    return !toAnnounce.isEmpty() || records.hasNext() || !told.isEmpty();
  }

  /** Hands over records of a topic. */
  void bring(int origin, List<ConsumerRecord<byte[], byte[]>> polled) {
    log = logs.get(origin);
    records = polled.iterator();
  }

  /** Hands over what another part has told. */
  void bring(Told what) {
    told.add(what);
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
    if (records.hasNext()) {
      read(batch);
    } else if (!told.isEmpty()) {
      hear(batch);
    } else {
      return Found.NOTHING;
    }
    return Found.SOMETHING;
  }

  private void read(Batch batch) {
    batch.begin(log, "");
    int empty = 0;
    while (records.hasNext() && hasRoom(batch)) {
      ConsumerRecord<byte[], byte[]> record = records.next();
      if (record.value() == null) {
        empty++;
      } else {
        read(batch, record);
      }
    }
    if (empty > 0) {
      batch.dropped(empty, "no value");
    }
  }

  private static void read(Batch batch, ConsumerRecord<byte[], byte[]> record) {
    byte[] value = record.value();
    if (batch.joins()) {
      System.arraycopy(value, 0, batch.room(value.length), batch.used(), value.length);
      int start = batch.used();
      batch.filled(value.length);
      batch.line(start, start + value.length, record.offset(), 0);
    } else {
      batch.event(value, 0, value.length, record.offset()).epochMillis(Math.max(0, record.timestamp()));
    }
  }

  private void hear(Batch batch) {
    Told first = told.poll();
    batch.begin(logOfPart(first.origin()), "");
    if (first.isIdle()) {
      batch.idle(first.watermark());
      return;
    }
    batch.reached(first.watermark());
    if (first.isEvent()) {
      batch.event(first.event());
    }
    while (!told.isEmpty() && told.peek().follows(first) && hasRoom(batch)) {
      batch.event(told.poll().event());
    }
  }

  private Log logOfPart(int origin) {
    Log known = logs.get(origin);
    if (known == null) {
      known = add(Origin.ofPart(origin));
      toAnnounce.removeLast();
    }
    return known;
  }

  private static boolean hasRoom(Batch batch) {
    return !batch.full() && batch.used() < Batch.BYTES;
  }
}
