package io.logstream.examples;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import io.logstream.window.Aggregation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** An aggregation of one's own: how far apart the greatest and the least value of a field are. */
// tag::aggregation[]
public record Spread(String field) implements Aggregation {
  @Override
  public List<String> fields() {
    return List.of(field + ".spread");
  }

  @Override
  public List<String> reads() {
    return List.of(field);
  }

  @Override
  public Opened open(StageContext context) {
    FieldKey from = context.key(field);
    FieldKey to = context.key(field + ".spread");
    return () -> new Between(from, to);
  }

  private static final class Between implements Value {
    private final FieldKey from;
    private final FieldKey to;
    private double least = Double.POSITIVE_INFINITY;
    private double greatest = Double.NEGATIVE_INFINITY;

    Between(FieldKey from, FieldKey to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public void add(LogEvent event) {
      double value = event.decimal(from, Double.NaN);
      if (!Double.isNaN(value)) {
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
    }

    @Override
    public void merge(Value other) {
      least = Math.min(least, ((Between) other).least);
      greatest = Math.max(greatest, ((Between) other).greatest);
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeDouble(least);
      out.writeDouble(greatest);
    }

    @Override
    public void read(DataInput in) throws IOException {
      least = in.readDouble();
      greatest = in.readDouble();
    }

    @Override
    public void fill(LogEvent row, Duration covered) {
      if (least <= greatest) {
        row.put(to, greatest - least);
      }
    }
  }
}
// end::aggregation[]
