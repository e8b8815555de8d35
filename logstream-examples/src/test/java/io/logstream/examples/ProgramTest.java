package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.PipelineException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<String> seen = new ArrayList<>();

  private int run(Program.Work work, String... args) {
    return Program.of("Tool A B [C]").run(List.of(args), work, new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private int counted(String... args) {
    return run(Program.counted(2, 3, seen::addAll), args);
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test void helpsOnStandardOutput() {
    assertThat(counted("--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("usage: Tool A B [C]" + System.lineSeparator());
    assertThat(said()).isEmpty();
    assertThat(seen).isEmpty();
  }

  @Test void saysHowManyArgumentsWereWantedAndCame() {
    assertThat(counted()).isEqualTo(2);
    assertThat(said()).contains("Tool: takes 2 to 3 arguments, was given none", "usage: Tool A B [C]");
    assertThat(counted("1", "2", "3", "4")).isEqualTo(2);
    assertThat(said()).contains("was given 4");
    assertThat(counted("1", "--fast")).isEqualTo(2);
    assertThat(said()).contains("there is no option --fast");
    assertThat(counted("1", "--", "--fast")).isZero();
    assertThat(seen).containsExactly("1", "--fast");
  }

  @Test void readsOptions() {
    Program.Given given = Program.Given.of(List.of("a", "--out", "x", "b", "--from", "2026-11-20T10:00:00Z", "--", "--out"), "--out", "--from");
    assertThat(given.rest()).containsExactly("a", "b", "--out");
    assertThat(given.options()).containsEntry("--out", "x");
    assertThat(given.time("--from")).isEqualTo("2026-11-20T10:00:00Z");
    assertThat(given.time("--to")).isNull();
    assertThatThrownBy(() -> Program.Given.of(List.of("--out"), "--out")).hasMessage("--out is followed by nothing");
    assertThatThrownBy(() -> Program.Given.of(List.of("--out", "a", "--out", "b"), "--out")).hasMessage("--out is given twice");
    assertThatThrownBy(() -> Program.Given.of(List.of("--oute", "a"), "--out", "--html")).hasMessage("there is no option --oute; there are --out, --html");
    assertThatThrownBy(() -> Program.time("--from", "yesterday")).hasMessage("--from takes a time such as 2026-11-20T10:00:00Z, was yesterday");
  }

  @Test void tellsWhatWentWrongInASentence() {
    assertThat(run(args -> {
      throw new IllegalArgumentException("a window of nothing");
    })).isEqualTo(2);
    assertThat(run(args -> {
      throw new NoSuchFileException("x.log");
    })).isEqualTo(2);
    assertThat(run(args -> {
      throw new PipelineException("cannot start");
    })).isEqualTo(1);
    assertThat(run(args -> {
      throw new IOException("disk full");
    })).isEqualTo(1);
    assertThat(said().lines()).containsExactly("Tool: a window of nothing", "Tool: there is no file x.log", "Tool: cannot start", "Tool: java.io.IOException: disk full");
  }
}
