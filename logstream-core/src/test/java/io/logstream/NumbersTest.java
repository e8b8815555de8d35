package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NumbersTest {
  private static final List<String> HOSTILE = List.of("", "-", "+", ".", "-.", "5.", ".5", "-.5", "+5", "--5", "5-", "1.2.3", "1e3", "1E+3", "1e", "e5", "0x10", "NaN", "Infinity", "1d", "1f",
      " 1", "1 ", "1_000", "1,5", "0", "-0", "-0.0", "00000000000000000000000005", "-00000000000000000000000005", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
      "-9223372036854775809", "9999999999999999999", "18446744073709551616", "99999999999999999999", "1e308", "1e309", "-1e309", "4.9e-324", "1e-400", "0.1", "123456789012345.6",
      "1234567890123456", "9007199254740993", "0.000000000000001", "0.0000000000000001", "\u0665", "5\u0000", "\u00e9", "\uff15", "1e999999999", "3.141592653589793238462643383279");

  private static void check(String text) {
    byte[] utf8 = ("x" + text + "9").getBytes(StandardCharsets.UTF_8);
    Long whole;
    try {
      whole = text.chars().allMatch(c -> c < 128) ? Long.valueOf(text) : null;
    } catch (NumberFormatException e) {
      whole = null;
    }
    if (whole == null) {
      assertThat(Numbers.whole(utf8, 1, utf8.length - 1, -77)).as("'%s'", text).isEqualTo(-77);
      assertThat(Numbers.parse(text) instanceof Long).as("'%s'", text).isFalse();
    } else {
      assertThat(Numbers.whole(utf8, 1, utf8.length - 1, -77)).as("'%s'", text).isEqualTo(whole);
      assertThat(Numbers.parse(text)).as("'%s'", text).isEqualTo(whole);
    }
    double decimal;
    try {
      decimal = text.matches("[0-9.eE+-]+") ? Double.parseDouble(text) : Double.NaN;
    } catch (NumberFormatException e) {
      decimal = Double.NaN;
    }
    assertThat(Double.doubleToLongBits(Numbers.decimal(utf8, 1, utf8.length - 1))).as("'%s' as %s", text, decimal).isEqualTo(Double.doubleToLongBits(decimal));
    if (Double.isNaN(decimal)) {
      assertThat(Numbers.parse(text)).as("'%s'", text).isNull();
    }
  }

  @Test
  void readsHostileTextAsTheJdkDoes() {
    HOSTILE.forEach(NumbersTest::check);
  }

  @Test
  void readsRandomNumbersAsTheJdkDoes() {
    Random random = new Random(1);
    for (int i = 0; i < 30_000; i++) {
      check(Long.toString(random.nextLong() >> random.nextInt(64)));
      check(Double.toString(Double.longBitsToDouble(random.nextLong())).replace("Infinity", "1").replace("NaN", "2"));
      check(java.math.BigDecimal.valueOf(random.nextLong() >> random.nextInt(64), random.nextInt(22)).toPlainString());
    }
  }

  @Test
  void readsRandomTextAsTheJdkDoes() {
    Random random = new Random(2);
    String letters = "0123456789012345678900.-+eE x";
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(24); n > 0; n--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      check(text.toString());
    }
  }

  @Test
  void endsOnTextOfAnyLength() {
    List<String> large = new ArrayList<>(List.of("9".repeat(100_000), "0".repeat(100_000), "-".repeat(100_000), "1e" + "9".repeat(100_000)));
    for (String text : large) {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      assertThat(Numbers.whole(bytes, 0, bytes.length, -77)).isEqualTo(text.startsWith("0") ? 0 : -77);
      assertThat(Numbers.decimal(bytes, 0, bytes.length)).isNaN();
    }
  }
}
