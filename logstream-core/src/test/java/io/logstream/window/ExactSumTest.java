package io.logstream.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactSumTest {
  private static double sum(List<Double> values) {
    ExactSum sum = new ExactSum();
    values.forEach(sum::add);
    return sum.value();
  }

  private static double exactly(List<Double> values) {
    return values.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add).doubleValue();
  }

  @Test
  void equalsBigDecimalInAnyOrder() {
    Random random = new Random(1);
    for (int round = 0; round < 3_000; round++) {
      List<Double> values = new ArrayList<>();
      int spread = 1 + random.nextInt(600);
      for (int n = random.nextInt(30); n > 0; n--) {
        double value = (random.nextDouble() - 0.5) * Math.pow(2, random.nextInt(spread) - spread / 2.0);
        values.add(value);
        if (random.nextInt(4) == 0) {
          values.add(-value);
        }
      }
      Collections.shuffle(values, random);
      double first = sum(values);
      assertThat(first).isEqualTo(exactly(values) + 0.0);
      Collections.shuffle(values, random);
      assertThat(Double.doubleToRawLongBits(sum(values) + 0.0)).isEqualTo(Double.doubleToRawLongBits(first + 0.0));
    }
  }

  @Test
  void roundsHalvesByWhatIsBehindThem() {
    assertThat(sum(List.of(1.0, 0x1p-53, 0x1p-120))).isEqualTo(1 + 0x1p-52);
    assertThat(sum(List.of(1.0, 0x1p-53))).isEqualTo(1.0);
    assertThat(sum(List.of(1.0, 0x1p-53, -0x1p-120))).isEqualTo(1.0);
    assertThat(sum(List.of(1e16, 1.0, 1e-16))).isEqualTo(10000000000000002.0);
  }

  @Test
  void doesNotOverflowOnTheWay() {
    List<Double> values = new ArrayList<>(List.of(Double.MAX_VALUE, Double.MAX_VALUE, 1e300, -Double.MAX_VALUE, -Double.MAX_VALUE, 1e-300, 3.5, -1e300));
    Random random = new Random(2);
    for (int round = 0; round < 100; round++) {
      Collections.shuffle(values, random);
      assertThat(sum(values)).isEqualTo(3.5);
    }
    assertThat(sum(List.of(Double.MAX_VALUE, Double.MAX_VALUE))).isInfinite();
    assertThat(sum(List.of(-Double.MAX_VALUE, -Double.MAX_VALUE))).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void addsWholeNumbersOf128BitsExactly() {
    ExactSum sum = new ExactSum();
    sum.add(-1, -5);
    assertThat(sum.value()).isEqualTo(-5);
    sum.add(1, 5);
    assertThat(sum.value()).isEqualTo(0x1p64);
    sum.add(Long.MIN_VALUE, 0);
    assertThat(sum.value()).isEqualTo(-0x1p127 + 0x1p64);
  }

  @Test
  void goesOnBitForBitWhereverItWasWritten() throws IOException {
    Random random = new Random(4);
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      values.add((random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(616) - 308));
    }
    ExactSum sum = new ExactSum();
    for (double value : values) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      sum.write(new DataOutputStream(bytes));
      sum = new ExactSum();
      sum.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      sum.add(value);
    }
    assertThat(sum.value()).isEqualTo(sum(values)).isEqualTo(exactly(values));
  }
}
