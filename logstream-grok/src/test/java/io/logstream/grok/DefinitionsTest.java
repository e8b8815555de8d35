package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionsTest {
  @Test
  void refusesAnUnknownNameWithTheNearestOnes() {
    assertThatThrownBy(() -> Grok.pattern("%{COMBINEDAPCHELOG}").check()).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern names %{COMBINEDAPCHELOG}, which is not defined; did you mean COMBINEDAPACHELOG?");
    assertThatThrownBy(() -> Grok.pattern("%{A:x}").define("A", "a%{B}").define("B", "%{NOTHING_LIKE_IT}").match("a"))
        .hasMessage("pattern names %{A}, which names %{B}, which names %{NOTHING_LIKE_IT}, which is not defined;"
            + " add it with define(..) or patternsFrom(..)");
  }

  @Test
  void refusesACircleWithItsChain() {
    Grok circle = Grok.pattern("%{A}").define("A", "a%{B}?").define("B", "b%{A}?");
    assertThatThrownBy(circle::check).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern names %{A}, which names %{B}, which names %{A}, which is a circle");
    assertThatThrownBy(() -> Grok.pattern("%{A}").define("A", "%{A}").check()).hasMessageEndingWith("which is a circle");
  }

  @Test
  void refusesDefinitionsThatGrowWithoutBounds() {
    Grok grown = Grok.pattern("%{A0}");
    for (int i = 0; i < 40; i++) {
      grown = grown.define("A" + i, "%{A" + (i + 1) + "}%{A" + (i + 1) + "}");
    }
    Grok last = grown.define("A40", "a");
    assertThatThrownBy(last::check).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("longer than 2000000 characters");
  }

  @Test
  void refusesInTheFactoryWhatIsNoRegularExpressionAndSaysWhere() {
    assertThatThrownBy(() -> Grok.pattern("%{WORD:w} (abc")).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern does not compile: this ( is never closed; write \\( for the character, at index 10 of '%{WORD:w} (abc'");
    assertThatThrownBy(() -> Grok.pattern("x").orElse("a)")).hasMessageContaining("this ) closes nothing").hasMessageContaining("at index 1");
    assertThatThrownBy(() -> Grok.pattern("x").define("D", "[abc")).hasMessageStartingWith("definition D does not compile: this [ is never closed");
    assertThatThrownBy(() -> Grok.pattern("*a")).hasMessageContaining("there is nothing for '*' to repeat, at index 0");
    assertThatThrownBy(() -> Grok.pattern("%{WORD:w} a{3,1}")).hasMessageContaining("illegal repetition range")
        .hasMessageContaining("of '%{WORD:w} a{3,1}'");
    assertThatThrownBy(() -> Grok.pattern("%{WORD")).hasMessageContaining("a reference is written %{NAME}");
    assertThatThrownBy(() -> Grok.pattern("(".repeat(100_000) + ")".repeat(100_000))).hasMessageContaining("nested too deeply");
  }

  @Test
  void saysWhichDefinitionOfAFileDoesNotCompile(@TempDir Path dir) throws Exception {
    Files.writeString(dir.resolve("mine"), "OUTER x%{INNER}\nINNER ab{3,1}\n");
    assertThatThrownBy(() -> Grok.pattern("%{OUTER}").patternsFrom(dir).check()).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("definition INNER does not compile: ").hasMessageEndingWith("of 'ab{3,1}' (pattern names %{OUTER}, which names it)");
  }

  @Test
  void readsPatternFilesOfADirectoryInTheOrderOfTheirNames(@TempDir Path dir) throws Exception {
    Files.writeString(dir.resolve("a"), "# comment\n\nCODE \\d+\r\nNAME [a-z ]+\n");
    Files.writeString(dir.resolve("b"), "CODE [A-Z]\\d+\n");
    Files.writeString(dir.resolve("b~"), "CODE wrong\n");
    assertThat(Grok.pattern("%{CODE:code}").patternsFrom(dir).match("12 X34")).contains(Map.of("code", "X34"));
    assertThat(Grok.pattern("%{CODE:code}").patternsFrom(dir.resolve("a")).match("12 X34")).contains(Map.of("code", "12"));
  }

  @Test
  void refusesPatternFilesThatAreNone(@TempDir Path dir) throws Exception {
    assertThatThrownBy(() -> Grok.pattern("x").patternsFrom(dir.resolve("nowhere"))).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> Grok.pattern("x").patternsFrom(dir)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no pattern definitions in ");
    Files.writeString(dir.resolve("a"), "GOOD x\nBAD\n");
    assertThatThrownBy(() -> Grok.pattern("x").patternsFrom(dir)).hasMessageContaining("line 2: a definition is a name, a blank and a pattern, was 'BAD'");
  }

  @Test
  void compilesEveryBuiltInDefinition() {
    List<String> refused = new ArrayList<>();
    for (String name : Library.builtIn().names()) {
      try {
        Grok.pattern("%{" + name + ":all}").check();
      } catch (IllegalArgumentException e) {
        refused.add(name + ": " + e.getMessage());
      }
    }
    assertThat(Library.builtIn().names()).hasSize(251);
    assertThat(refused).isEmpty();
  }
}
