package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.file.FileTail;
import io.logstream.match.Condition;
import io.logstream.match.Keep;
import io.logstream.sink.CsvLines;
import io.logstream.sink.JsonLines;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What reads and writes the same file does not fit into one pipeline. */
class FileUseTest {
  private static final Path DIR = Path.of("logs");
  private static final Path APP = DIR.resolve("app.log");
  private static final Path OUT = Path.of("out", "events.jsonl");

  private static Pipeline over(Source... sources) {
    return LogStream.named("p").from(sources).to(Sink.each(e -> { })).build();
  }

  private static PipelineBuilder app() {
    return LogStream.named("p").from(FileTail.of(APP));
  }

  @Test void refusesTwoSourcesThatReadOneFile() {
    assertThatThrownBy(() -> over(FileTail.of(APP), FileTail.of(Path.of("logs/../logs/app.log")))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pipeline 'p': " + APP.toAbsolutePath() + " is read by the sources 'app.log' and 'app.log-2', so each of its lines would come twice; "
            + "read it once, and part what differs with branch(..)");
    assertThatThrownBy(() -> over(FileTail.of(APP).field("a", 1), FileTail.matching(DIR, "*.log"))).hasMessageContaining("'app.log' and '*.log'");
    assertThatThrownBy(() -> over(FileTail.matching(DIR, "*.log"), FileTail.matching(DIR, "*.log"))).hasMessageContaining("*.log in " + DIR.toAbsolutePath());
    assertThatThrownBy(() -> over(FileTail.once(APP), FileTail.of(APP))).hasMessageContaining("twice");
    assertThatThrownBy(() -> over(FileTail.of(APP), FileTail.of(DIR.resolve("app.log.1")))).hasMessageContaining("twice");
    assertThatThrownBy(() -> over(FileTail.of(APP)).reading(FileTail.once(APP), FileTail.once(APP))).hasMessageContaining("twice");
  }

  @Test void takesSourcesThatReadDifferentFiles() {
    assertThatCode(() -> over(FileTail.of(APP), FileTail.of(DIR.resolve("other.log")), FileTail.matching(DIR, "*.txt"), FileTail.matching(Path.of("elsewhere"), "*.log"))).doesNotThrowAnyException();
    assertThatCode(() -> over(FileTail.of(APP), FileTail.matching(DIR, "*.log").excluding("app.*"))).doesNotThrowAnyException();
  }

  @Test void refusesTwoSinksThatWriteOneFile() {
    assertThatThrownBy(() -> app().to(JsonLines.to(OUT)).to("csv", CsvLines.to(OUT).columns("message")).build()).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pipeline 'p': " + OUT.toAbsolutePath() + " is written by the sinks 'JsonLines' and 'csv', whose lines would mix; give each a file of its own");
    assertThatThrownBy(() -> app().branch("a", a -> a.to(JsonLines.to(OUT))).to(Outboxed.sink(JsonLines.to(OUT))).build()).hasMessageContaining("'a/JsonLines' and 'JsonLines'");
    assertThatThrownBy(() -> app().then(Keep.when(Condition.all()).otherwise(JsonLines.to(OUT))).to(JsonLines.to(OUT)).build()).hasMessageContaining("'Keep/otherwise' and 'JsonLines'");
    assertThatThrownBy(() -> app().to(JsonLines.to(OUT)).build().failuresTo(JsonLines.to(OUT))).hasMessageContaining("'JsonLines' and 'failures'");
  }

  @ParameterizedTest @ValueSource(strings = {"app.log", "app.log.json", "app.log-failed", "app-2026-01-31.log"})
  void refusesASinkThatWritesWhatASourceReads(String name) {
    assertThatThrownBy(() -> app().to(JsonLines.to(DIR.resolve(name))).build()).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(DIR.resolve(name).toAbsolutePath() + " is written by sink 'JsonLines' and read by source 'app.log'").hasMessageContaining("write elsewhere");
    assertThatThrownBy(() -> over(FileTail.of(APP)).failuresTo(JsonLines.to(DIR.resolve(name)))).hasMessageContaining("sink 'failures'");
  }

  @Test void refusesACheckpointAmongTheLogs() {
    assertThatThrownBy(() -> over(FileTail.matching(DIR, "*")).checkpointIn(DIR)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(DIR.resolve("checkpoint").toAbsolutePath() + " is read by source '*', but the checkpoint is written there");
    assertThatCode(() -> over(FileTail.matching(DIR, "*.log")).checkpointIn(DIR)).doesNotThrowAnyException();
  }

  @Test void takesSinksThatWriteBesideWhatIsRead() {
    assertThatCode(() -> app().to(JsonLines.to(DIR.resolve("app.json"))).to(JsonLines.to(DIR.resolve("application.log"))).build()
        .failuresTo(JsonLines.to(DIR.resolve("failed.log")))).doesNotThrowAnyException();
    assertThatThrownBy(() -> over(FileTail.matching(DIR, "*.log")).failuresTo(JsonLines.to(DIR.resolve("failed.log")))).hasMessageContaining("write elsewhere");
  }

  @Test void saysWhichFilesItNames() {
    assertThat(FileUse.none()).hasToString("");
    assertThat(FileUse.of(Path.of("/a")).and(FileUse.matching("all others", file -> true))).hasToString("/a, all others");
  }
}
