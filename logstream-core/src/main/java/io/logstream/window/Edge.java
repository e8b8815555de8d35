package io.logstream.window;

import io.logstream.Counter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/** The first or the last value by event time; of several at the same time the one that came first, or last. */
final class Edge implements Aggregation.Value {
  /** What the values of one run share. */
  static final class Shared {
    private final boolean first;
    private final KeyCodec in;
    private final KeyCodec out;
    private final Counter missing;
    /** How many events have come, so that they have an order across values that are merged. */
    private long sequence;

    Shared(StageContext context, FieldKey to, String field, boolean first) {
      this.first = first;
      in = new KeyCodec(context.key(field));
      out = new KeyCodec(to);
      missing = context.counter("missing");
    }
  }

  private final Shared shared;
  private long time;
  private long sequence = -1;
  private byte[] value = {};
  private int length;

  Edge(Shared shared) {
    this.shared = shared;
  }

  @Override
  public void add(LogEvent event) {
    KeyCodec codec = shared.in;
    codec.encode(event);
    if (codec.isAbsent()) {
      shared.missing.increment();
      return;
    }
    take(event.epochMillis(), shared.sequence++, codec.bytes, codec.length);
  }

  private void take(long at, long order, byte[] bytes, int n) {
    int later = at != time ? Long.compare(at, time) : Long.compare(order, sequence);
    if (sequence >= 0 && shared.first != later < 0) {
      return;
    }
    time = at;
    sequence = order;
    if (value.length < n) {
      value = Arrays.copyOf(bytes, n);
    } else {
      System.arraycopy(bytes, 0, value, 0, n);
    }
    length = n;
  }

  @Override
  public void merge(Aggregation.Value from) {
    Edge other = (Edge) from;
    if (other.sequence >= 0) {
      take(other.time, other.sequence, other.value, other.length);
    }
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeLong(sequence);
    if (sequence >= 0) {
      out.writeLong(time);
      out.writeInt(length);
      out.write(value, 0, length);
    }
  }

  @Override
  public void read(DataInput in) throws IOException {
    sequence = in.readLong();
    if (sequence >= 0) {
      time = in.readLong();
      length = in.readInt();
      value = new byte[length];
      in.readFully(value);
      shared.sequence = Math.max(shared.sequence, sequence + 1);
    }
  }

  @Override
  public void fill(LogEvent row, Duration covered) {
    if (sequence >= 0) {
      shared.out.decode(Arrays.copyOf(value, length), row);
    }
  }
}
