package io.logstream.kafka.streams;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.Span;
import io.logstream.StageContext;
import io.logstream.sink.EventJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** The sinks by which a task gives away what is for another part of the pipeline, or for a topic. */
final class Giving {
  static final String TOO_LARGE = "too large for Kafka";
  /** What the topics between two parts and the changelogs take. */
  static final int MOST_INSIDE = 8 << 20;
  /** Where what is sent decides by itself which partition it belongs to: Kafka Streams leaves out records that have no key at all. */
  static final byte[] NO_KEY = {};

  private static final int HEAD = 4_096;
  /** What topics take unless they are told otherwise. */
  private static final int MOST_OUTSIDE = 1_000_000;

  private Giving() {}

  /** What a task does for its sinks. */
  interface Task {
    /** Gives an event to another part, to the task of this number. */
    void give(PartPlan.Gift to, int task, int origin, long watermark, byte[] event);

    /** Forwards something to a topic. */
    void forward(Outgoing what, byte[] key, long time, String id);

    /** The number of the log that an event came from. */
    int originOf(LogEvent event);

    /** How far the log has come in whose order an event stands. */
    long watermarkOf(int origin, StageContext context);
  }

  /** Gives events to another part, by the values of some fields. */
  record ToPart(Task task, PartPlan.Gift gift) implements Sink {
    @Override
    public Processor open(StageContext context) {
      FieldKey[] keys = gift.by().stream().map(context::key).toArray(FieldKey[]::new);
      FieldKey[] only = gift.only() == null ? null : gift.only().stream().map(context::key).toArray(FieldKey[]::new);
      return (event, out) -> {
        byte[] bytes = only == null ? event.toBytes() : event.toBytes(only);
        if (bytes.length > MOST_INSIDE - HEAD) {
          out.fail(event, TOO_LARGE, bytes.length + " bytes");
          return;
        }
        int origin = task.originOf(event);
        task.give(gift, Math.floorMod(hash(event, keys), gift.tasks()), origin, task.watermarkOf(origin, context), bytes);
      };
    }

    /** The same for equal values, whether they are numbers or the text of numbers. */
    private static int hash(LogEvent event, FieldKey[] keys) {
      int hash = 1;
      for (FieldKey key : keys) {
        long span = event.span(key);
        if (span != Span.NONE) {
          hash = hash(hash, event.bytes(), Span.from(span), Span.to(span));
        } else {
          Object value = event.value(key.name());
          byte[] text = (value instanceof Double zero && zero == 0 ? "0.0" : String.valueOf(value)).getBytes(StandardCharsets.UTF_8);
          hash = hash(hash, text, 0, text.length);
        }
        hash = hash * 31 + 7;
      }
      return hash ^ hash >>> 16;
    }

    private static int hash(int before, byte[] bytes, int from, int to) {
      int hash = before;
      for (int i = from; i < to; i++) {
        hash = (hash ^ bytes[i]) * 0x01000193;
      }
      return hash;
    }
  }

  /** Gives events to a topic, as JSON, under the key of a window's row. */
  record ToTopic(Task task, int number) implements Sink {
    @Override
    public Processor open(StageContext context) {
      EventJson json = new EventJson();
      return new Processor() {
        @Override
        public void process(LogEvent event, Emitter out) throws Exception {
          byte[] value = json.bytes(event);
          if (value.length > MOST_OUTSIDE) {
            out.fail(event, TOO_LARGE, value.length + " bytes");
            return;
          }
          List<String> keys = event.keys();
          String key = keys.isEmpty() ? null : keys.stream().map(field -> event.text(field, "")).collect(Collectors.joining(","));
          byte[] encoded = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
          task.forward(new Outgoing(number, 0, value), encoded, event.epochMillis(), event.id());
        }
      };
    }
  }
}
