package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.Ran;
import io.logstream.Stage;
import io.logstream.testing.StageContract;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DedupeTest {
  /** Lines are a second and a text. */
  private static final Stage TIMES = Stage.each(e -> {
    String[] parts = e.message().split(" ", 2);
    e.time(Instant.ofEpochSecond(Long.parseLong(parts[0])));
    if (parts.length > 1) {
      e.put("k", parts[1]);
    }
  });
  private static final Dedupe TEN = Dedupe.by("k").within(Duration.ofSeconds(10));
  private static final Throttle TWO = Throttle.by("k").atMost(2).per(Duration.ofSeconds(10));

  private static List<String> passed(Stage stage, String... lines) {
    return Ran.over(List.of(lines), TIMES, stage).messages();
  }

  @Test void dropsRepeatsForATime() {
    Ran ran = Ran.over(List.of("0 a", "5 a", "5 b", "9 a", "10 a", "19 a", "20 a"), TIMES, TEN);
    assertThat(ran.messages()).containsExactly("0 a", "5 b", "10 a", "20 a");
    assertThat(ran.ledger().stage("Dedupe").dropped("duplicate")).isEqualTo(3);
  }

  @Test void comparesTimesOfEventsThatComeLate() {
    assertThat(passed(TEN, "100 a", "95 a", "89 a", "101 a", "110 a")).containsExactly("100 a", "89 a", "110 a");
  }

  @Test void takesAMissingFieldForAValueAndDoesNotMixFields() {
    assertThat(passed(TEN, "0", "1", "2 ")).containsExactly("0", "2 ");
    Stage two = Stage.each(e -> e.put("x", e.text("k").split("/")[0]).put("y", e.text("k").split("/")[1]));
    assertThat(Ran.over(List.of("0 ab/c", "0 a/bc", "0 ab/c"), TIMES, two, Dedupe.by("x", "y")).messages()).containsExactly("0 ab/c", "0 a/bc");
  }

  @Test void tellsLongValuesApart() {
    String text = "x".repeat(5_000);
    assertThat(passed(TEN, "0 " + text, "1 " + text, "1 " + text + "y")).hasSize(2);
  }

  @Test void forgetsTheEldestOfTooManyKeys() {
    assertThat(passed(TEN.maxKeys(2), "0 a", "0 b", "0 c", "0 b", "0 a")).containsExactly("0 a", "0 b", "0 c", "0 a");
  }

  @Test void letsSoManyPassInATime() {
    Ran ran = Ran.over(List.of("0 a", "1 a", "2 a", "3 b", "9 a", "10 a", "8 a", "11 a"), TIMES, TWO);
    assertThat(ran.messages()).containsExactly("0 a", "1 a", "3 b", "10 a", "8 a");
    assertThat(ran.ledger().stage("Throttle").dropped("throttled")).isEqualTo(3);
    assertThat(passed(Throttle.by().atMost(1).per(Duration.ofSeconds(10)), "0 a", "0 b", "10 c")).containsExactly("0 a", "10 c");
  }

  @Test void keepTheRulesOfAStage() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      lines.add(i % 7 * 3 + i + " k" + i * i % 5);
    }
    StageContract.of(TEN).behind(TIMES).on(lines);
    StageContract.of(TEN.maxKeys(2)).behind(TIMES).on(lines);
    StageContract.of(TWO).behind(TIMES).on(lines);
    StageContract.of(TWO.maxKeys(1)).behind(TIMES).on(lines);
  }

  @Test void refuseWhatMeansNothing() {
    assertThatThrownBy(() -> Dedupe.by()).hasMessage("Dedupe.by(..) needs at least one field, such as by(\"message\")");
    assertThatThrownBy(() -> TEN.within(Duration.ZERO)).hasMessage("within must be from 1 ms to 100 years, was PT0S");
    assertThatThrownBy(() -> TWO.atMost(0)).hasMessage("atMost must be at least 1, was 0");
  }
}
