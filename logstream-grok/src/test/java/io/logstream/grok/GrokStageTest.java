package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Sink;
import io.logstream.Stage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GrokStageTest {
  private final List<LogEvent> passed = new ArrayList<>();
  private final List<LogEvent> failed = new ArrayList<>();
  private InlineRun ran;

  private void run(Lines lines, Stage... stages) {
    var chain = LogStream.named("p").from(lines);
    for (Stage stage : stages) {
      chain.then(stage);
    }
    Pipeline pipeline = chain.to(Sink.each(e -> passed.add(e.copy()))).build().failuresTo(Sink.each(e -> failed.add(e.copy())));
    try (InlineRun run = pipeline.inline(InstantSource.fixed(Instant.EPOCH))) {
      while (run.work()) {
        // until the input has ended
      }
      ran = run;
    }
    assertThat(ran.ledger().balances()).isTrue();
  }

  @Test
  void putsTypedFields() {
    run(Lines.of("GET /a 200 0.25 true", "PUT /b 404 1 false"), Grok.pattern("%{WORD:verb} %{NOTSPACE:path} %{INT:status:int} %{NUMBER:s:double} %{WORD:ok:boolean}"));
    assertThat(passed).extracting(LogEvent::fields).containsExactly(
        Map.of("verb", "GET", "path", "/a", "status", 200L, "s", 0.25, "ok", true),
        Map.of("verb", "PUT", "path", "/b", "status", 404L, "s", 1.0, "ok", false));
    assertThat(ran.ledger().stage("Grok").passed()).isEqualTo(2);
  }

  @Test
  void countsAndKeepsTextThatIsNotOfItsType() {
    run(Lines.of("n=x n=2", "n=3 n=4"), Grok.pattern("n=%{WORD:a:int} n=%{WORD:b:int}"));
    assertThat(passed).extracting(LogEvent::fields).containsExactly(Map.of("a", "x", "b", 2L), Map.of("a", 3L, "b", 4L));
    assertThat(ran.metrics()).containsEntry("Grok.unconverted", 1L);
  }

  @Test
  void putsListsOfNamesCapturedTwice() {
    run(Lines.of("1,x", "3"), Grok.pattern("^%{WORD:n:int}(?:,%{WORD:n:int})?"));
    assertThat(passed).extracting(e -> e.value("n")).containsExactly(List.of(1L, "x"), 3L);
    assertThat(ran.metrics()).containsEntry("Grok.unconverted", 1L);
  }

  @Test
  void findsFieldsBetweenCharactersOfAnyLength() {
    byte[] broken = "ab? für=😀€ z".getBytes(StandardCharsets.UTF_8);
    broken[2] = (byte) 0xff;
    run(new Lines(List.of("Größe=12 käse für=😀€ z".getBytes(StandardCharsets.UTF_8), broken)),
        Grok.pattern("(?<a>\\S+) (?:(?<b>\\S+) )?für=(?<c>\\S+) %{WORD:d}"));
    assertThat(passed).extracting(LogEvent::fields).containsExactly(
        Map.of("a", "Größe=12", "b", "käse", "c", "😀€", "d", "z"), Map.of("a", "ab\uFFFD", "c", "😀€", "d", "z"));
  }

  @Test
  void replacesTheMessageByACaptureOfThatName() {
    run(Lines.of("11:30:00 WARN disk is full", "11:31:00 INFO ä"), Grok.pattern("^%{TIME:t} %{LOGLEVEL:level} %{GREEDYDATA:message}"), Grok.pattern("%{GREEDYDATA:again}"));
    assertThat(passed).extracting(LogEvent::message).containsExactly("disk is full", "ä");
    assertThat(passed).extracting(e -> e.text("t") + e.text("level") + e.text("again")).containsExactly("11:30:00WARNdisk is full", "11:31:00INFOä");
  }

  @Test
  void looksInAnotherField() {
    run(Lines.of("a=1 b", "b"), Grok.pattern("a=(?<inner>\\S+)").missesTagged("none"), Grok.pattern("%{INT:n:long}").from("inner"));
    assertThat(passed).extracting(e -> e.number("n", -1)).containsExactly(1L);
    assertThat(failed).extracting(e -> e.text("failure.detail")).containsExactly("the event has no field 'inner'");
    run(Lines.of("7"), Grok.pattern("%{INT:n:long}"), Grok.pattern("(?<m>\\d)").from("n"), Grok.pattern("^(?<all>.*)").from("line"));
    assertThat(passed.get(1).fields()).isEqualTo(Map.of("n", 7L, "m", "7", "all", "1"));
  }

  @Test
  void failsMisses() {
    run(Lines.of("1", "x", "2"), Grok.pattern("%{INT:n}"));
    assertThat(ran.ledger().stage("Grok").failed("grok: no match")).isEqualTo(1);
    assertThat(failed).extracting(LogEvent::message).containsExactly("x");
    assertThat(failed.get(0).text("failure.detail")).isEqualTo("the pattern matches nowhere");
  }

  @Test
  void dropsMissesIfTold() {
    run(Lines.of("1", "x", "2"), Grok.pattern("%{INT:n}").missesDropped());
    assertThat(ran.ledger().stage("Grok").dropped("grok: no match")).isEqualTo(1);
    assertThat(passed).extracting(LogEvent::message).containsExactly("1", "2");
    assertThat(failed).isEmpty();
  }

  @Test
  void tagsMissesIfTold() {
    run(Lines.of("1", "x"), Grok.pattern("%{INT:n}").missesTagged("odd"), Grok.pattern("z").missesTagged("no z"));
    assertThat(passed).extracting(e -> e.value("tags")).containsExactly(List.of("no z"), List.of("odd", "no z"));
  }

  @Test
  void triesPatternsInOrder() {
    run(Lines.of("load 7", "load", "?"), Grok.pattern("^%{WORD:word}").orElse("^%{WORD:word} %{INT:n:int}"));
    assertThat(passed).extracting(LogEvent::fields).containsExactly(Map.of("word", "load", "n", 7L), Map.of("word", "load"));
    assertThat(failed).extracting(e -> e.text("failure.detail")).containsExactly("none of 2 patterns matches");
    assertThat(ran.metrics()).containsEntry("Grok.pattern1.hits", 1L).containsEntry("Grok.pattern1.misses", 2L)
        .containsEntry("Grok.pattern2.hits", 1L).containsEntry("Grok.pattern2.misses", 1L);
  }

  @Test
  void putsTheSameFieldsWhenThePatternIsCompiled() {
    String[] lines = IntStream.range(0, 2_000).mapToObj(i -> "user" + i + " ö " + i + " ok").toArray(String[]::new);
    Grok grok = Grok.pattern("^%{USER:user} (?<x>\\S+) %{INT:n:int} %{GREEDYDATA:rest}$");
    run(Lines.of(lines), grok);
    assertThat(passed).hasSize(2_000);
    for (int i = 0; i < 2_000; i++) {
      assertThat(passed.get(i).fields()).isEqualTo(Map.of("user", "user" + i, "x", "ö", "n", (long) i, "rest", "ok"));
    }
  }

  @Test
  void failsWhatTakesTooManyStepsAndGoesOn() {
    run(Lines.of("aabc", "a".repeat(200), "abc"), Grok.pattern("^(?:a+b?){2,50}c"), Grok.pattern("%{WORD:all}"));
    assertThat(ran.ledger().stage("Grok").failed("step budget exceeded")).isEqualTo(1);
    assertThat(passed).extracting(LogEvent::message).containsExactly("aabc");
    assertThat(failed.get(0).text("failure.cause")).isEqualTo("step budget exceeded");
  }

  @Test
  void refusesUnknownNamesWhenThePipelineIsBuilt() {
    Grok unknown = Grok.pattern("%{COMBINEDAPCHELOG}");
    assertThatThrownBy(() -> LogStream.named("nginx").from(Lines.of()).then(unknown).build()).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pipeline 'nginx', stage 'Grok': pattern names %{COMBINEDAPCHELOG}, which is not defined; did you mean COMBINEDAPACHELOG?");
    assertThatThrownBy(() -> LogStream.named("nginx").from(Lines.of()).branch("b", b -> b.then(unknown)).build()).hasMessageContaining("stage 'b/Grok'");
    assertThatThrownBy(() -> LogStream.named("nginx").from(Lines.of().then(unknown)).to(Sink.each(e -> { })).build())
        .hasMessageContaining("pattern names %{COMBINEDAPCHELOG}");
  }

  @Test
  void givesTheSameOnLanesAsInline() throws Exception {
    String[] lines = new String[5_000];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = i % 7 == 0 ? "none" : "took " + i + (i % 3 == 0 ? " für" : " ms");
    }
    Stage grok = Grok.pattern("%{INT:n:int} %{NOTSPACE:unit}");
    run(Lines.of(lines), grok);
    List<Map<String, Object>> onLanes = new ArrayList<>();
    Pipeline pipeline = LogStream.named("p").from(Lines.of(lines)).then(grok).to(Sink.each(e -> onLanes.add(e.fields()))).build().lanes(2);
    try (var running = pipeline.start()) {
      running.await();
      running.close();
      assertThat(running.ledger().balances()).isTrue();
    }
    assertThat(onLanes).hasSize(4_285).isEqualTo(passed.stream().map(LogEvent::fields).toList());
  }
}
