package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Ran;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.testing.StageContract;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedactTest {
  private static final Redact CARD = Redact.matching("\\b\\d{4}-\\d{4}\\b");

  @Test void replacesWhatMatchesInTheMessage() {
    assertThat(Ran.over(List.of("card 1234-5678, 8765-4321", "none", ""), CARD).messages()).containsExactly("card ***, ***", "none", "");
  }

  @Test void replacesWhatMatchesInTextFieldsAndLists() {
    Stage fields = Stage.each(e -> e.put("text", "x 1234-5678").put("other", "y").put("list", Arrays.asList("1234-5678", 5, null, "z")).put("n", 12345678));
    LogEvent event = Ran.over(List.of("m"), fields, CARD).passed().get(0);
    assertThat(event.text("text")).isEqualTo("x ***");
    assertThat(event.text("other")).isEqualTo("y");
    assertThat(event.value("list")).isEqualTo(Arrays.asList("***", 5L, null, "z"));
    assertThat(event.number("n", 0)).isEqualTo(12345678);
  }

  @Test void redactsAFieldThatIsAPartOfTheMessageWhereTheMessageIs() {
    // é stands before: bytes and characters count differently
    Stage parser = new Stage() {
      @Override public Processor open(StageContext context) {
        var user = context.key("user");
        var secret = context.key("secret");
        var both = context.key("both");
        return (event, out) -> {
          int at = event.from() + "é user=".getBytes(StandardCharsets.UTF_8).length;
          event.put(user, at, at + 3).put(secret, at + 13, at + 20).put(both, at, at + 20);
          out.emit(event);
        };
      }
    };
    LogEvent event = Ran.over(List.of("é user=bob password=hunter2 x"), parser, Redact.matching("(?<=password=)\\S+")).passed().get(0);
    assertThat(event.message()).isEqualTo("é user=bob password=*** x");
    assertThat(event.text("user")).isEqualTo("bob");
    assertThat(event.text("secret")).isEqualTo("***");
    assertThat(event.text("both")).isEqualTo("bob password=***");
  }

  @Test void putsAnotherTextInPlaceAsItIs() {
    assertThat(Ran.over(List.of("a 1234-5678"), CARD.with("$1\\")).messages()).containsExactly("a $1\\");
  }

  @Test void failsARecordThatItCannotDecideOnWithoutShowingIt() {
    String slow = "a".repeat(40) + "! secret";
    Stage fields = Stage.each(e -> e.put("first", "secret").put("list", List.of("secret")).put("n", 1));
    Ran ran = Ran.over(List.of("b", slow), fields, Redact.matching("^(a|aa)+\\1$"));
    assertThat(ran.messages()).containsExactly("b");
    LogEvent failed = ran.failed().get(0);
    assertThat(failed.toString()).doesNotContain("secret").contains("***");
    assertThat(failed.message()).isEqualTo("***");
    assertThat(failed.text("first")).isEqualTo("***");
    assertThat(failed.number("n", 0)).isEqualTo(1);
    assertThat(failed.text("failure.cause")).isEqualTo("step budget exceeded");
    assertThat(ran.ledger().stage("Redact").failed("step budget exceeded")).isEqualTo(1);
  }

  @Test void failsARecordWhoseFieldItCannotDecideOn() {
    Ran ran = Ran.over(List.of("a secret"), Stage.each(e -> e.put("x", "a".repeat(40) + "!")), Redact.matching("^(a|aa)+\\1$"));
    assertThat(ran.failed()).singleElement().satisfies(e -> assertThat(e.message()).isEqualTo("***"));
  }

  @Test void givesTheSameOnTheTrunk() {
    assertThat(Ran.over(List.of("1234-5678"), Stage.inOrder(e -> { }), CARD).messages()).containsExactly("***");
  }

  @Test void keepsTheRulesOfAStage() {
    StageContract.of(CARD).behind(Stage.each(e -> e.put("copy", e.message()))).on("1234-5678", "a 1234-5678 b 8765-4321", "none", "", "1234-56789");
    StageContract.check(Redact.matching("^(a|aa)+\\1$"), "aa", "b", "a".repeat(40) + "!", "aaa");
  }

  @Test void refusesPatternsThatCannotWork() {
    assertThatThrownBy(() -> Redact.matching("(")).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("Redact.matching(..): ");
    assertThatThrownBy(() -> Redact.matching("x*")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("matches the empty string");
  }
}
