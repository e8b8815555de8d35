package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineStartTest {
  @ParameterizedTest
  @ValueSource(strings = {
    "^\\d{4}-\\d\\d", "^[0-9]{2}", "^[0-9]+x", "^\\S", "^\\S+", "^\\S{2}a", "^\\Sa", "^a{2}b", "^ab?", "^ab*c", "^a{0}b", "^a{1,2}b", "^a{2}?b", "^a{2}+b", "^a{2}{2}",
    "^\\[\\d", "^a|b", "^(?:a|b)", "^(a|b)1", "^a(?:b|1)", "^\\d.*[|a]", "^[0-9](a|b)", "^a[(]|b", "^\\Qa|b\\E", "^\\Qa\\E|b", "(?i)^a", "^a(?i)b", "(?x)^a b",
    "^a\\|b", "^é", "^aé", "a", "1$", "^a$", "^.a", "^ a", "^\\-1", "^\\w", "^a(?x) b|1"})
  void findsWhatThePatternFinds(String regex) {
    Pattern pattern = Pattern.compile(regex);
    LineStart start = LineStart.of(pattern);
    SplittableRandom random = new SplittableRandom(3);
    String[] letters = {"a", "b", "A", "1", "2", "-", " ", "\t", "[", "|", "é", "€", "\uD83D\uDE00", "x", "c", "(", "\u000b"};
    String[] samples = {"2121-12", "12", "11x", "aab", "ab", "[1", "a|b", "aac", "a b"};
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder line = new StringBuilder(random.nextInt(4) == 0 ? samples[random.nextInt(samples.length)] : "");
      for (int n = random.nextInt(7); n > 0; n--) {
        line.append(letters[random.nextInt(random.nextBoolean() ? 6 : letters.length)]);
      }
      byte[] bytes = (">" + line + "11").getBytes(StandardCharsets.UTF_8);
      boolean expected = pattern.matcher(line).find();
      assertThat(start.in(bytes, 1, bytes.length - 2)).as("%s in '%s'", regex, line).isEqualTo(expected);
      found += expected ? 1 : 0;
    }
    assertThat(found).as("lines with a match").isPositive();
  }

  @Test void takesALineAsBeginningOnlyWithinItsBounds() {
    LineStart start = LineStart.of(Pattern.compile("^\\d{4}"));
    byte[] bytes = "2024".getBytes(StandardCharsets.UTF_8);
    assertThat(start.in(bytes, 0, 4)).isTrue();
    assertThat(start.in(bytes, 0, 3)).isFalse();
    assertThat(start.in(bytes, 4, 4)).isFalse();
  }
}
