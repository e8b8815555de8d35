package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.testing.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitTest {
  private static List<String> cut(Split split, String... lines) {
    try (Script script = new Script(split)) {
      return script.lines(lines).end().messages();
    }
  }

  @Test void cutsBeforeAMatchWithinALine() {
    assertThat(cut(Split.before("<\\d>"), "a<1>b", "c<2>d", "<3>e")).containsExactly("a", "<1>b\nc", "<2>d\n", "<3>e");
    assertThat(cut(Split.before("<\\d>").omitted(), "a<1>b<2>c")).containsExactly("a", "b", "c");
    assertThat(cut(Split.before("^<\\d>"), "<1>a<2>", "<3>b")).containsExactly("<1>a<2>\n", "<3>b");
  }

  @Test void cutsBehindAMatch() {
    assertThat(cut(Split.after(";"), "a;b", "c;d")).containsExactly("a;", "b\nc;", "d");
    assertThat(cut(Split.after(";").omitted(), "a;b;")).containsExactly("a", "b");
    assertThat(cut(Split.after("^END.*\\n"), "a", "END x", "b")).containsExactly("a\nEND x\n", "b");
  }

  @Test void letsTheRestOutAfterSilence() {
    try (Script script = new Script(Split.before("<"))) {
      script.lines("<a", "b").pass(Duration.ofMillis(999));
      assertThat(script.messages()).isEmpty();
      assertThat(script.pass(Duration.ofMillis(1)).messages()).containsExactly("<a\nb");
    }
  }

  @Test void losesNoCharacterAndGoesOnAfterARestart() throws Exception {
    Seed.random(random -> {
      for (int round = 0; round < 50; round++) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          lines.add("a<b>;c<".substring(random.nextInt(7)));
        }
        try (Script script = new Script(random.nextBoolean() ? Split.before("<") : Split.after(";"))) {
          for (String line : lines) {
            script.lines(line);
            if (random.nextInt(5) == 0) {
              script.restart();
            }
          }
          assertThat(String.join("", script.end().messages())).isEqualTo(String.join("\n", lines));
        }
      }
    });
  }

  @Test void refusesABorderEverywhere() {
    assertThatThrownBy(() -> Split.before("x*")).hasMessageContaining("matches the empty string");
    assertThatThrownBy(() -> Split.after("(")).hasMessageStartingWith("Split.after(..): ");
  }
}
