package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrokToolTest {
  private static List<String> run(String input, String... args) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new GrokTool(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), new PrintStream(out, true, StandardCharsets.UTF_8)).run(args);
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void printsTheFieldsOfEachLine() throws Exception {
    assertThat(run("load 7\nö\n", "match", "^%{WORD:w} %{INT:n:int}")).containsExactly("{\"w\":\"load\",\"n\":7}", "null");
  }

  @Test
  void explainsAMiss() throws Exception {
    assertThat(run("load x\n", "explain", "^%{WORD:w} %{INT:n:int}")).singleElement().asString()
        .contains("\"matched\":false").contains("\"at\":5").contains("\"definition\":\"INT\"").contains("\"found\":\"x\"");
  }

  @Test
  void tellsThePlan() throws Exception {
    assertThat(run("", "plan", "%{INT:n}")).singleElement().asString().contains("\"engine\":\"compiled\"");
  }

  @Test
  void suggestsDefinitionsOfWholeLines(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("log"), "1.2.3.4 - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 20 \"-\" \"M\"\n");
    assertThat(run("", "suggest", file.toString())).first().asString().startsWith("{\"pattern\":\"%{COMBINEDAPACHELOG}\",\"matched\":1,\"lines\":1,\"fields\":[\"clientip\",");
  }

  @Test
  void makesUpAPatternForALineThatNoDefinitionMatches() throws Exception {
    assertThat(run("shop (10.0.0.1) took 7 ms\n", "suggest")).singleElement().asString()
        .contains("\"^%{WORD:word} \\\\(%{IP:ip}\\\\) %{WORD:word2} %{NUMBER:number} %{WORD:word3}$\"").contains("\"matched\":1");
  }

  @Test
  void whatItMakesUpMatchesTheLineItIsMadeFor(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("log"), "2026-11-22 07:00:00,293 | INFO | worker-0 | order=4000 took=138ms\n2026-11-22 07:00:01,001 | ERROR | worker-12 | order=4001 took=5ms\n");
    assertThat(run("", "suggest", file.toString())).last().asString().contains("%{WORD:word}-%{WORD:word2}").contains("\"matched\":2,\"lines\":2,\"fields\":[\"timestamp\",\"level\",\"word\"");
  }

  @Test
  void suggestsWhatWouldMatchWhereAPatternFails() throws Exception {
    assertThat(run("a 2026-11-21T12:00:00Z\nb x\nc 12:00:01\nd 2026-11-21T12:00:01Z\n", "suggest", "^%{WORD:w} %{TIME:t}$"))
        .anySatisfy(line -> assertThat(line).contains("\"instead\":[\"%{TIMESTAMP_ISO8601}\"").contains("\"line\":\"a 2026"));
  }

  @Test
  void refusesWrongArguments() {
    assertThatThrownBy(() -> run("", "mach", "x")).isInstanceOf(IllegalArgumentException.class).hasMessage("say what to do: match, explain, plan or suggest, was mach");
  }
}
