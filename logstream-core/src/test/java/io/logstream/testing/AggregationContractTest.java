package io.logstream.testing;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.distinct;
import static io.logstream.window.Aggregations.first;
import static io.logstream.window.Aggregations.last;
import static io.logstream.window.Aggregations.max;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.min;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.rate;
import static io.logstream.window.Aggregations.ratio;
import static io.logstream.window.Aggregations.sum;
import static io.logstream.window.Aggregations.topValues;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import io.logstream.parse.Json;
import io.logstream.window.Aggregation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AggregationContractTest {
  private static List<String> lines() {
    List<String> lines = new ArrayList<>(List.of("{}", "{\"v\":\"text\"}", "{\"v\":\"\"}", "{\"v\":true}", "{\"v\":[1,2]}", "{\"v\":9223372036854775807}", "{\"v\":9223372036854775807}",
        "{\"v\":-0.0}", "{\"v\":1e308}", "{\"v\":\"nul\\u0000l\"}", "{\"v\":-1e308}", "{\"v\":1e308}", "{\"v\":0.1}", "{\"v\":\"0.2\"}", "{\"v\":1e-300}"));
    for (int i = 0; i < 60; i++) {
      lines.add("{\"v\":" + i * i % 17 + (i % 5 == 0 ? ".25" : "") + "}");
    }
    return lines;
  }

  @Test
  void holdsForAllThatAreSupplied() {
    for (Aggregation one : List.of(count(), count("large", field("v").above(3)), ratio("part", field("v").above(3)), rate(), rate("r", field("v").above(3)), sum("v"), mean("v"), min("v"),
        max("v"), percentiles("v", 0, 1, 50, 99.9, 100), distinct("v"), topValues("v", 3), first("v"), last("v"))) {
      AggregationContract.of(one).behind(Json.fields()).on(lines());
    }
  }

  /** The sum of a field, wrong in one way. */
  private record Wrong(String how) implements Aggregation {
    @Override
    public List<String> fields() {
      return List.of("total");
    }

    @Override
    public Opened open(StageContext context) {
      FieldKey from = context.key("v");
      return () -> new Value() {
        private long total;
        private LogEvent kept;

        @Override
        public void add(LogEvent event) {
          total += how.equals("keeps the last event") ? 0 : event.whole(from, 0);
          kept = event;
        }

        @Override
        public void merge(Value from) {
          Wrong.Value other = from;
          long more = value(other);
          total = how.equals("merges by the greater") ? Math.max(total, more) : total + more;
          if (how.equals("changes what it merges")) {
            clear(other);
          }
        }

        private long value(Value of) {
          try {
            java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
            of.write(new java.io.DataOutputStream(bytes));
            return java.nio.ByteBuffer.wrap(bytes.toByteArray()).getLong();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        }

        private void clear(Value of) {
          try {
            of.read(new java.io.DataInputStream(new java.io.ByteArrayInputStream(new byte[8])));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        }

        @Override
        public void write(DataOutput out) throws IOException {
          out.writeLong(total);
          if (how.equals("writes too much")) {
            out.writeInt(1);
          }
        }

        @Override
        public void read(DataInput in) throws IOException {
          total = how.equals("forgets what it reads") ? in.readLong() * 0 : in.readLong();
          if (how.equals("reads too much")) {
            in.readInt();
          }
        }

        @Override
        public void fill(LogEvent row, Duration covered) {
          row.put("total", how.equals("keeps the last event") && kept != null ? kept.number("v", 0) : total);
          if (how.equals("fills another field")) {
            row.put("other", 1);
          }
          if (how.equals("changes when asked")) {
            total++;
          }
        }
      };
    }
  }

  @Test
  void findsWhatIsWrong() {
    AggregationContract.of(new Wrong("not at all")).behind(Json.fields()).on("{\"v\":1}", "{\"v\":2}", "{\"v\":3}");
    for (String[] one : new String[][] {{"keeps the last event", "only lent to it"}, {"merges by the greater", "merged in any order"}, {"changes what it merges", "stays as it was"},
      {"writes too much", "no more"}, {"reads too much", "no more"}, {"forgets what it reads", "same bytes"}, {"fills another field", "[other]"}, {"changes when asked", "changes nothing"}}) {
      assertThatThrownBy(() -> AggregationContract.of(new Wrong(one[0])).behind(Json.fields()).on("{\"v\":1}", "{\"v\":2}", "{\"v\":3}", "{\"v\":5}")).as(one[0])
          .isInstanceOf(AssertionError.class).hasMessageContaining("breaks the rule").hasMessageContaining(one[1]);
    }
    assertThatThrownBy(() -> AggregationContract.of(count()).on()).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("needs lines");
  }
}
