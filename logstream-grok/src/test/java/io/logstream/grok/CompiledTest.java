package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** When code is made, and for what. */
class CompiledTest {
  private final Compiled pattern = Compiled.of("%{IP:client} %{WORD:verb}", Library.builtIn());
  private final Compiled.Finder finder = pattern.finder();

  private void finds(String client, int times) {
    byte[] line = (client + " GET").getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < times; i++) {
      assertThat(finder.find(line, 0, line.length)).isTrue();
      assertThat(finder.end(0)).isEqualTo(line.length);
    }
  }

  @Test
  void makesCodeForTheStepsThatTheFirstTextsCameBy() {
    finds("10.0.0.1", 201);

    int bytes = pattern.engine().bytes();
    pattern.compile();
    assertThat(bytes).isPositive().isLessThan(pattern.engine().bytes() / 3);
  }

  @Test
  void goesOnStepByStepWhereTheCodeEnds() {
    Compiled either = Compiled.of("%{WORD:verb} (?:a%{INT:first}|b%{INT:second})", Library.builtIn());
    Compiled.Finder finder = either.finder();
    byte[] usual = "GET a12".getBytes(StandardCharsets.UTF_8);
    byte[] other = "GET b345".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 201; i++) {
      assertThat(finder.find(usual, 0, usual.length)).isTrue();
    }
    int bytes = either.engine().bytes();

    for (int i = 0; i < 1_000; i++) {
      assertThat(finder.find(other, 0, other.length)).isTrue();
      assertThat(finder.found()).startsWith(0, 8, 0, 3, -1, -1, 5, 8);
      assertThat(finder.find(usual, 0, usual.length)).isTrue();
      assertThat(finder.found()).startsWith(0, 7, 0, 3, 5, 7, -1, -1);
    }
    assertThat(either.engine().bytes()).isEqualTo(bytes);
  }

  @Test
  void makesCodeForAllStepsOnceManyTextsHaveLeftThatOfTheFirst() {
    finds("10.0.0.1", 201);
    finds("fe80::1:2", 100_002);
    int bytes = pattern.engine().bytes();

    pattern.compile();
    assertThat(bytes).isEqualTo(pattern.engine().bytes());
  }

  @Test
  void makesCodeThoughNoTextHasBegunAsThePatternDoes() {
    byte[] line = "!".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 201; i++) {
      assertThat(finder.find(line, 0, line.length)).isFalse();
    }

    assertThat(pattern.engine().name()).isEqualTo("compiled");
    finds("10.0.0.1", 2);
  }
}
