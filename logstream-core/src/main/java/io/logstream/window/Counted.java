package io.logstream.window;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;

/** How many events meet a condition: as a number, or per second of the time covered. */
final class Counted implements Reversible {
  private static final byte MET = 1;

  private final FieldKey key;
  private final Predicate<LogEvent> condition;
  private final boolean perSecond;
  private long count;

  /**
   * A count.
   *
   * @param condition null for all events
   */
  Counted(FieldKey key, Predicate<LogEvent> condition, boolean perSecond) {
    this.key = key;
    this.condition = condition;
    this.perSecond = perSecond;
  }

  @Override
  public void add(LogEvent event) {
    if (condition == null || condition.test(event)) {
      count++;
    }
  }

  @Override
  public byte kind(LogEvent event) {
    return condition == null || condition.test(event) ? MET : NOTHING;
  }

  @Override
  public long cell() {
    return 0;
  }

  @Override
  public void include(byte kind, long cell) {
    count++;
  }

  @Override
  public void exclude(byte kind, long cell) {
    count--;
  }

  @Override
  public void merge(Aggregation.Value other) {
    count += ((Counted) other).count;
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeLong(count);
  }

  @Override
  public void read(DataInput in) throws IOException {
    count = in.readLong();
  }

  @Override
  public void fill(LogEvent row, Duration covered) {
    if (perSecond) {
      row.put(key, count * 1000.0 / covered.toMillis());
    } else {
      row.put(key, count);
    }
  }
}
