package io.logstream.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import io.logstream.match.Condition;
import io.logstream.match.Field;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.DoubleHistogram;
import org.junit.jupiter.api.Test;

class AggregationsTest {
  private static final Condition LARGE = Field.field("v").above(10);

  private static List<Aggregation> all() {
    return List.of(Aggregations.count(), Aggregations.count("large", LARGE), Aggregations.ratio("part", LARGE), Aggregations.sum("v"), Aggregations.mean("v"),
        Aggregations.min("v"), Aggregations.max("v"), Aggregations.percentiles("v", 0, 1, 50, 99, 99.9, 100), new OwnDistinct("v"));
  }

  private static List<Object> hostile(Random random, int n) {
    Object[] odd = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, 0L, Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE, Long.MIN_VALUE + 1, "text", "",
      "17", "1e3", "-0", true, null, Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE, 1e300, -1e300, (1L << 53) + 1, 0x1p53, 9.007199254740993E15, 5L, 5.0, "5.0"};
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      values.add(switch (random.nextInt(4)) {
        case 0 -> odd[random.nextInt(odd.length)];
        case 1 -> (Object) (long) random.nextInt(1000);
        case 2 -> random.nextGaussian() * Math.pow(10, random.nextInt(30) - 15);
        default -> Double.toString(random.nextDouble());
      });
    }
    return values;
  }

  @Test
  void orderSplitAndRoundTripDoNotChangeARow() {
    for (Aggregation aggregation : all()) {
      AggregationLab.inAStage(aggregation, lab -> {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
          List<Object> values = hostile(random, random.nextInt(40));
          Map<String, Object> expected = lab.row(values);
          List<Object> shuffled = new ArrayList<>(values);
          Collections.shuffle(shuffled, random);
          int first = random.nextInt(values.size() + 1);
          int second = first + random.nextInt(values.size() - first + 1);
          Aggregation.Value merged = lab.of(shuffled.subList(0, first));
          Aggregation.Value middle = lab.roundTrip(lab.of(shuffled.subList(first, second)));
          merged.merge(middle);
          merged.merge(lab.of(shuffled.subList(second, values.size())));
          assertThat(lab.row(merged)).as("%s of %s", aggregation, values).isEqualTo(expected);

          Aggregation.Value resumed = lab.opened.empty();
          for (Object value : values) {
            resumed = lab.roundTrip(resumed);
            resumed.add(lab.event(value));
          }
          assertThat(lab.row(resumed)).as("%s of %s, saved at every event", aggregation, values).isEqualTo(expected);
          assertThat(lab.row(lab.roundTrip(resumed))).isEqualTo(expected);
        }
      });
    }
  }

  private static List<BigDecimal> numbers(List<?> values) {
    List<BigDecimal> numbers = new ArrayList<>();
    for (Object value : values) {
      try {
        if (value instanceof Number || value instanceof String) {
          double finite = Double.parseDouble(value.toString());
          if (!Double.isNaN(finite) && !Double.isInfinite(finite)) {
            boolean whole = value instanceof Long || value.toString().matches("[-+]?[0-9]{1,18}");
            numbers.add(whole ? new BigDecimal(value.toString()) : new BigDecimal(finite));
          }
        }
      } catch (NumberFormatException e) {
        // not one
      }
    }
    return numbers;
  }

  private static double asDouble(Object value) {
    return ((Number) value).doubleValue();
  }

  @Test
  void sumMeanMinAndMaxEqualBruteForce() {
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      List<Object> values = hostile(random, 1 + random.nextInt(60));
      List<BigDecimal> numbers = numbers(values);
      BigDecimal sum = numbers.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
      AggregationLab.inAStage(Aggregations.sum("v"), lab -> assertThat(asDouble(lab.row(values).get("v.sum"))).as("%s", values).isEqualTo(sum.doubleValue() + 0.0));
      AggregationLab.inAStage(Aggregations.mean("v"), lab -> {
        Object mean = lab.row(values).get("v.mean");
        if (numbers.isEmpty()) {
          assertThat(mean).isNull();
        } else {
          double exact = sum.divide(BigDecimal.valueOf(numbers.size()), MathContext.DECIMAL128).doubleValue();
          assertThat(asDouble(mean)).as("%s", values).isCloseTo(exact, org.assertj.core.data.Offset.offset(2 * Math.ulp(exact)));
        }
      });
      AggregationLab.inAStage(Aggregations.min("v"), lab -> extreme(lab.row(values).get("v.min"), numbers.stream().min(BigDecimal::compareTo).orElse(null)));
      AggregationLab.inAStage(Aggregations.max("v"), lab -> extreme(lab.row(values).get("v.max"), numbers.stream().max(BigDecimal::compareTo).orElse(null)));
    }
  }

  private static void extreme(Object actual, BigDecimal expected) {
    if (expected == null) {
      assertThat(actual).isNull();
    } else {
      assertThat(actual instanceof Long whole ? BigDecimal.valueOf(whole) : new BigDecimal((Double) actual)).isEqualByComparingTo(expected);
    }
  }

  @Test
  void aSumOfWholeNumbersIsWholeWheneverItFits() {
    AggregationLab.inAStage(Aggregations.sum("v"), lab -> {
      assertThat(lab.row(List.of(Long.MAX_VALUE, 1L, -1L))).containsEntry("v.sum", Long.MAX_VALUE);
      assertThat(lab.row(List.of(-5L, Long.MIN_VALUE + 1, 5L))).containsEntry("v.sum", Long.MIN_VALUE + 1);
      assertThat(lab.row(List.of(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE))).containsEntry("v.sum", 3 * 0x1p63);
      assertThat(lab.row(List.of(Long.MIN_VALUE + 1, Long.MIN_VALUE + 1))).containsEntry("v.sum", -0x1p64);
      assertThat(lab.row(List.of("3", 4L))).containsEntry("v.sum", 7L);
      assertThat(lab.row(List.of(3L, 0.5, 0.5))).containsEntry("v.sum", 4.0);
      assertThat(lab.row(List.of())).containsEntry("v.sum", 0L);
    });
  }

  @Test
  void anExtremeIsWholeWhereOneCameWhole() {
    AggregationLab.inAStage(Aggregations.min("v"), lab -> {
      assertThat(lab.row(List.of(5.0, 5L))).containsEntry("v.min", 5L);
      assertThat(lab.row(List.of(-0.0))).containsEntry("v.min", 0.0);
      assertThat(lab.row(List.of((1L << 53) + 1, 0x1p53))).containsEntry("v.min", 0x1p53);
      assertThat(lab.row(List.of(Double.NaN, "x"))).isEmpty();
    });
    AggregationLab.inAStage(Aggregations.max("v"), lab -> {
      assertThat(lab.row(List.of(Long.MAX_VALUE, Long.MAX_VALUE - 1, 3.0))).containsEntry("v.max", Long.MAX_VALUE);
      assertThat(lab.row(List.of(Long.MAX_VALUE, 0x1p63))).containsEntry("v.max", 0x1p63);
      assertThat(lab.row(List.of(-1L, -1.5))).containsEntry("v.max", -1L);
    });
  }

  @Test
  void meansOfValuesWhoseSumNoDoubleHoldsAreRight() {
    AggregationLab.inAStage(Aggregations.mean("v"), lab -> assertThat(lab.row(List.of(1.5e308, 1.7e308))).containsEntry("v.mean", 1.6e308));
    AggregationLab.inAStage(Aggregations.sum("v"), lab -> assertThat(lab.row(List.of(1.5e308, 1.7e308, -1.7e308))).containsEntry("v.sum", 1.5e308));
  }

  @Test
  void countsAndRatiosTakeTheEventsThatMeetTheCondition() {
    List<Object> values = List.of(11L, 10L, "12", "x");
    AggregationLab.inAStage(Aggregations.count("large", LARGE), lab -> assertThat(lab.row(values)).containsEntry("large", 2L));
    AggregationLab.inAStage(Aggregations.ratio("part", LARGE), lab -> {
      assertThat(lab.row(values)).containsEntry("part", 0.5);
      assertThat(lab.row(List.of())).isEmpty();
    });
  }

  @Test
  void countsWhatItLeavesOut() {
    Map<String, Long> metrics = AggregationLab.inAStage(Aggregations.percentiles("v", 50), lab -> {
      List<Object> values = new ArrayList<>(Arrays.asList("x", true, Double.NaN, Double.POSITIVE_INFINITY, 3L));
      values.add(null);
      assertThat(lab.row(values)).containsEntry("v.p50", 3.0);
    });
    assertThat(metrics).containsEntry("lab.notNumeric", 4L).containsEntry("lab.missing", 1L);
  }

  // ---------------------------------------------------------------- percentiles

  private static final double[] PERCENTS = {0, 1, 50, 99, 99.9, 100};
  private static final String[] NAMES = {"v.p0", "v.p1", "v.p50", "v.p99", "v.p99.9", "v.p100"};

  private static double nearestRank(double[] sorted, double percent) {
    long rank = BigDecimal.valueOf(percent).multiply(BigDecimal.valueOf(sorted.length)).divide(BigDecimal.valueOf(100)).setScale(0, java.math.RoundingMode.CEILING).longValueExact();
    return sorted[(int) Math.max(1, rank) - 1];
  }

  private static void check(Aggregation.Value value, AggregationLab lab, double[] values, int n) {
    double[] sorted = Arrays.copyOf(values, n);
    Arrays.sort(sorted);
    Map<String, Object> row = lab.row(value);
    for (int i = 0; i < PERCENTS.length; i++) {
      double exact = nearestRank(sorted, PERCENTS[i]);
      double is = (Double) row.get(NAMES[i]);
      if (!(Math.abs(is - exact) <= 0.01 * Math.abs(exact) * (1 + 1e-9))) {
        assertThat(is).as("%s of %s values", NAMES[i], n).isCloseTo(exact, org.assertj.core.data.Percentage.withPercentage(1));
      }
      if (PERCENTS[i] == 0 || PERCENTS[i] == 100) {
        assertThat(is).isEqualTo(exact);
      }
    }
  }

  @Test
  void percentilesAreWithinOnePerCentOfNearestRank() {
    AggregationLab.inAStage(Aggregations.percentiles("v", PERCENTS), lab -> {
      for (int shape = 0; shape < 3; shape++) {
        Random random = new Random(shape);
        double[] values = new double[10_000];
        for (int i = 0; i < values.length; i++) {
          values[i] = switch (shape) {
            case 0 -> Math.exp(random.nextGaussian() * 2);
            case 1 -> (random.nextBoolean() ? -1 : 1) * Math.pow(10, random.nextInt(10)) * random.nextDouble();
            default -> random.nextInt(5);
          };
        }
        Aggregation.Value value = lab.opened.empty();
        for (int n = 1; n <= values.length; n++) {
          value.add(lab.event(values[n - 1]));
          if (n <= 2_000 || n % 997 == 0 || n == values.length) {
            check(value, lab, values, n);
          }
        }
      }
    });
  }

  @Test
  void hdrHistogramAgrees() {
    AggregationLab.inAStage(Aggregations.percentiles("v", 1, 50, 90, 99, 99.9), lab -> {
      Random random = new Random(3);
      DoubleHistogram oracle = new DoubleHistogram(3);
      Aggregation.Value value = lab.opened.empty();
      for (int i = 0; i < 10_000; i++) {
        double latency = Math.exp(3 + random.nextGaussian());
        oracle.recordValue(latency);
        value.add(lab.event(latency));
      }
      lab.row(value).forEach((name, is) -> {
        double expected = oracle.getValueAtPercentile(Double.parseDouble(name.substring("v.p".length())));
        assertThat((Double) is).as(name).isCloseTo(expected, org.assertj.core.data.Percentage.withPercentage(1.2));
      });
    });
  }

  @Test
  void percentilesOfTwoTakeTheLesser() {
    AggregationLab.inAStage(Aggregations.percentiles("v", 50), lab -> assertThat((Double) lab.row(List.of(1L, 2L)).get("v.p50")).isBetween(0.99, 1.01));
  }

  @Test
  void ranksAreWorkedOutInWholeNumbers() {
    assertThat(Percentiles.rank(7_000_000, 100)).isEqualTo(7);
    assertThat(Percentiles.rank(0, 100)).isEqualTo(1);
    assertThat(Percentiles.rank(100_000_000, 100)).isEqualTo(100);
    assertThat(Percentiles.rank(99_900_000, 1_000_000_000_000_000_000L)).isEqualTo(999_000_000_000_000_000L);
  }

  @Test
  void aNarrowSpanKeepsItsPercentilesInAWideOne() {
    AggregationLab.inAStage(Aggregations.percentiles("v", 0, 50, 99, 100), lab -> {
      List<Object> values = new ArrayList<>(Collections.nCopies(1000, 123.0));
      values.add(1e-300);
      values.add(1e10);
      Map<String, Object> row = lab.row(values);
      assertThat(row).containsEntry("v.p0", 1e-300).containsEntry("v.p100", 1e10);
      assertThat((Double) row.get("v.p50")).isBetween(121.7, 124.3);
    });
  }

  @Test
  void namesSayFieldAndWhat() {
    assertThat(Aggregations.count().fields()).containsExactly("count");
    assertThat(Aggregations.mean("seconds").fields()).containsExactly("seconds.mean");
    assertThat(Aggregations.mean("m", "seconds").fields()).containsExactly("m");
    assertThat(Aggregations.sum("s").fields()).containsExactly("s.sum");
    assertThat(Aggregations.min("s").fields()).containsExactly("s.min");
    assertThat(Aggregations.max("s").fields()).containsExactly("s.max");
    assertThat(Aggregations.max("s").reads()).containsExactly("s");
    assertThat(Aggregations.percentiles("s", 0, 50, 99.9, 99.999999, 100).fields()).containsExactly("s.p0", "s.p50", "s.p99.9", "s.p99.999999", "s.p100");
    assertThat(Aggregations.percentiles("q", "s", 5).fields()).containsExactly("q.p5");
  }

  @Test
  void refusesWhatCannotBe() {
    for (double bad : new double[] {-1, 100.0001, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Aggregations.percentiles("v", bad)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("from 0 to 100, was " + bad);
    }
    assertThatThrownBy(() -> Aggregations.percentiles("v", 99.9999999)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("six digits");
    assertThatThrownBy(() -> Aggregations.percentiles("v")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least one");
    assertThatThrownBy(() -> Aggregations.percentiles("v", 0.5, 0.99)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("[0.5, 0.99] look like fractions: say [50.0, 99.0]");
    assertThat(Aggregations.percentiles("v", 0, 0.5).fields()).containsExactly("v.p0", "v.p0.5");
    assertThatThrownBy(() -> Aggregations.mean(null, "v")).isInstanceOf(NullPointerException.class).hasMessageContaining("name");
  }

  /** How many different values a field has: an aggregation of a user's own. */
  private record OwnDistinct(String field) implements Aggregation {
    @Override
    public List<String> fields() {
      return List.of(field + ".distinct");
    }

    @Override
    public List<String> reads() {
      return List.of(field);
    }

    @Override
    public Opened open(StageContext context) {
      FieldKey from = context.key(field);
      FieldKey to = context.key(field + ".distinct");
      return () -> new Seen(from, to);
    }

    private static final class Seen implements Value {
      private final FieldKey from;
      private final FieldKey to;
      private final java.util.TreeSet<String> seen = new java.util.TreeSet<>();

      Seen(FieldKey from, FieldKey to) {
        this.from = from;
        this.to = to;
      }

      @Override
      public void add(LogEvent event) {
        String text = event.text(from);
        if (text != null) {
          seen.add(text);
        }
      }

      @Override
      public void merge(Value other) {
        seen.addAll(((Seen) other).seen);
      }

      @Override
      public void write(DataOutput out) throws IOException {
        out.writeInt(seen.size());
        for (String one : seen) {
          out.writeUTF(one);
        }
      }

      @Override
      public void read(DataInput in) throws IOException {
        for (int n = in.readInt(); n > 0; n--) {
          seen.add(in.readUTF());
        }
      }

      @Override
      public void fill(LogEvent row, Duration covered) {
        row.put(to, seen.size());
      }
    }
  }
}
