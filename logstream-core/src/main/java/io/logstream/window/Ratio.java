package io.logstream.window;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;

/** Which part of the events meets a condition. */
final class Ratio implements Reversible {
  private static final byte MET = 1;
  private static final byte NOT_MET = 2;

  private final FieldKey key;
  private final Predicate<LogEvent> condition;
  private long all;
  private long met;

  Ratio(FieldKey key, Predicate<LogEvent> condition) {
    this.key = key;
    this.condition = condition;
  }

  @Override
  public byte kind(LogEvent event) {
    return condition.test(event) ? MET : NOT_MET;
  }

  @Override
  public long cell() {
    return 0;
  }

  @Override
  public void include(byte kind, long cell) {
    all++;
    met += kind == MET ? 1 : 0;
  }

  @Override
  public void exclude(byte kind, long cell) {
    all--;
    met -= kind == MET ? 1 : 0;
  }

  @Override
  public void merge(Aggregation.Value other) {
    all += ((Ratio) other).all;
    met += ((Ratio) other).met;
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeLong(all);
    out.writeLong(met);
  }

  @Override
  public void read(DataInput in) throws IOException {
    all = in.readLong();
    met = in.readLong();
  }

  @Override
  public void fill(LogEvent row, Duration covered) {
    if (all > 0) {
      row.put(key, (double) met / all);
    }
  }
}
