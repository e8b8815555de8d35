package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogEvent;
import io.logstream.TooLong;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ContainerLinesTest {
  private static final String T = "2026-03-04T05:06:07.123456789Z ";

  @Test void takesTheWrappingOffLinesOfEitherFormat() {
    try (Script script = new Script(ContainerLines.any())) {
      script.lines(T + "stdout F hello", "{\"log\":\"a \\\"b\\\" \\u00e9\\t\\ud83d\\ude00\\r\\n\",\"attrs\":{\"x\":[1,\"}\"]},\"stream\":\"stderr\",\"time\":\"2026-03-04T05:06:08Z\"}",
          "{\"log\":\"plain\\n\"}", T + "stdout F ", T + "stderr F", "no wrapping", "{\"json\":1}", T + "stdin F x").end();
      assertThat(script.messages()).containsExactly("hello", "a \"b\" é\t😀", "plain", "", "", "no wrapping", "{\"json\":1}", T + "stdin F x");
      LogEvent first = script.events.get(0);
      assertThat(first.text("stream")).isEqualTo("stdout");
      assertThat(first.text("container.time")).isEqualTo(T.trim());
      assertThat(first.text("container.format")).isEqualTo("cri");
      assertThat(first.has("container.partial")).isFalse();
      assertThat(first.time()).isEqualTo(Instant.parse("2026-03-04T05:06:07.123Z"));
      assertThat(script.events.get(1).text("stream")).isEqualTo("stderr");
      assertThat(script.events.get(1).time()).isEqualTo(Instant.parse("2026-03-04T05:06:08Z"));
      assertThat(script.events.get(5).has("stream")).isFalse();
    }
  }

  @Test void joinsThePiecesOfEachStream() {
    try (Script script = new Script(ContainerLines.any())) {
      script.lines(T + "stdout P a", T + "stderr P x", T + "stdout P b", T + "stderr F y", T + "stdout F c", "{\"log\":\"d\",\"stream\":\"stdout\"}",
          "{\"log\":\"e\\n\",\"stream\":\"stdout\"}").end();
      assertThat(script.messages()).containsExactly("xy", "abc", "de");
      assertThat(script.events).extracting(e -> e.value("container.partial")).containsOnly(true);
      assertThat(script.events.get(1).position().offset()).isZero();
    }
  }

  @Test void letsPiecesOutBeforeALineOfNoFormatAndAfterSilence() {
    try (Script script = new Script(ContainerLines.any().timeout(Duration.ofSeconds(2)))) {
      script.lines(T + "stdout P a", T + "stderr P b", "plain", T + "stdout P c");
      assertThat(script.messages()).containsExactly("a", "b", "plain");
      script.pass(Duration.ofMillis(1999));
      assertThat(script.messages()).hasSize(3);
      script.pass(Duration.ofMillis(1));
      assertThat(script.messages()).containsExactly("a", "b", "plain", "c");
    }
  }

  @Test void keepsTheStreamsApartForWhatFollows() {
    try (Script script = new Script(ContainerLines.any(), Multiline.traces())) {
      script.lines(T + "stdout F java.lang.Error: a", T + "stderr F com.acme.Oops: b", T + "stdout P \tat a.", T + "stderr F \tat b.B(B.java:1)", T + "stdout F A(A.java:1)").end();
      assertThat(script.messages()).containsExactly("java.lang.Error: a\n\tat a.A(A.java:1)", "com.acme.Oops: b\n\tat b.B(B.java:1)");
      assertThat(script.events).extracting(e -> e.text("stream")).containsExactly("stdout", "stderr");
    }
  }

  @Test void cutsWhatIsTooLongBetweenPieces() {
    try (Script script = new Script(ContainerLines.cri().maxBytes(4))) {
      script.lines(T + "stdout P abc", T + "stdout P de", T + "stdout F f").end();
      assertThat(script.messages()).containsExactly("abc", "def");
    }
    try (Script script = new Script(ContainerLines.cri().maxBytes(4).tooLong(TooLong.TRUNCATE))) {
      script.lines(T + "stdout P abc", T + "stdout P de", T + "stdout F f").end();
      assertThat(script.messages()).containsExactly("abcd");
    }
  }

  @Test void looksForOneFormatOnlyIfTold() {
    try (Script script = new Script(ContainerLines.docker())) {
      assertThat(script.lines(T + "stdout F a", "{\"log\":\"b\\n\"}").end().messages()).containsExactly(T + "stdout F a", "b");
    }
    assertThatThrownBy(() -> ContainerLines.cri().maxBytes(0)).hasMessage("maxBytes must be positive, was 0");
  }
}
