package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** When code is made, and for what. */
class CompiledTest {
  private final Compiled pattern = Compiled.of("%{WORD:verb} %{IP:client}", Library.builtIn());
  private final Compiled.Finder finder = pattern.finder();

  private void finds(String client, int times) {
    byte[] line = ("GET " + client).getBytes(StandardCharsets.UTF_8);
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
    finds("10.0.0.1", 201);
    int bytes = pattern.engine().bytes();

    finds("fe80::1:2", 1_000);
    finds("10.0.0.1", 1_000);

    assertThat(pattern.engine().bytes()).isEqualTo(bytes);
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
