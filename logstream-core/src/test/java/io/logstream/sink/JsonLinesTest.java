package io.logstream.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.logstream.InlineRun;
import io.logstream.RunningPipeline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  @TempDir
  private Path dir;

  static Map<String, Object> parse(String line) throws IOException {
    try (JsonParser json = new JsonFactory().createParser(line)) {
      assertThat(json.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      Map<String, Object> all = new LinkedHashMap<>();
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        assertThat(all.put(name, value(json))).as("field '%s' once", name).isNull();
      }
      assertThat(json.nextToken()).isNull();
      return all;
    }
  }

  private static Object value(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_STRING -> json.getText();
      case VALUE_NUMBER_INT -> json.getLongValue();
      case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case START_ARRAY -> {
        List<Object> several = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          several.add(value(json));
        }
        yield several;
      }
      default -> null;
    };
  }

  private static List<String> lines(Path file) throws IOException {
    String text = Files.readString(file);
    assertThat(text).endsWith("\n");
    return List.of(text.substring(0, text.length() - 1).split("\n", -1));
  }

  @Test
  void valuesOfAllTypesComeBackFromAJsonParser() throws IOException {
    Path file = dir.resolve("out.jsonl");
    String text = "quote \" backslash \\ tab \t bell \u0007 nul \u0000 line\nend \u007f\u009b \u2028 \u00e9\ud83d\ude00 </script>";
    SinksOver.run(JsonLines.to(file), e -> e.put("text", text).put("whole", Long.MIN_VALUE).put("decimal", 0.1).put("tiny", Double.MIN_VALUE).put("truth", true).put("nan", Double.NaN)
        .put("inf", Double.NEGATIVE_INFINITY).put("list", Arrays.asList("a", 1, 2.5, false, null, Double.NaN)).put("none", List.of()).put(text, ""), SinksOver.utf8(text));
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("time", "1970-01-01T00:00:01.500Z");
    expected.put("message", text);
    expected.put("text", text);
    expected.put("whole", Long.MIN_VALUE);
    expected.put("decimal", 0.1);
    expected.put("tiny", Double.MIN_VALUE);
    expected.put("truth", true);
    expected.put("nan", "NaN");
    expected.put("inf", "-Infinity");
    expected.put("list", Arrays.asList("a", 1L, 2.5, false, null, "NaN"));
    expected.put("none", List.of());
    expected.put(text, "");
    expected.put("file", "a.log");
    expected.put("offset", 0L);
    expected.put("line", 1L);
    assertThat(lines(file)).hasSize(1);
    Map<String, Object> written = parse(lines(file).get(0));
    assertThat(written).isEqualTo(expected);
    assertThat(written.keySet()).containsExactlyElementsOf(expected.keySet());
  }

  @Test
  void fieldsOfReservedNamesStandInTheirPlaceAndRemovedOnesAreAbsent() throws IOException {
    Path file = dir.resolve("out.jsonl");
    SinksOver.run(JsonLines.to(file), e -> e.put("time", "mine").put("line", 7).remove("file").message(""), SinksOver.utf8("x"));
    assertThat(parse(lines(file).get(0))).isEqualTo(Map.of("time", "mine", "line", 7L, "offset", 0L));
  }

  @Test
  void bytesThatAreNotUtf8AndLoneSurrogatesSpoilNoLine() throws IOException {
    Path file = dir.resolve("out.jsonl");
    InlineRun run = SinksOver.run(JsonLines.to(file), e -> {
      if (e.number("line", 0) == 2) {
        e.put("name \ud800", 1).put("list", List.of("\udc00"));
      }
    }, new byte[] {'a', (byte) 0xFF}, new byte[] {'b'}, new byte[] {'c'});
    assertThat(run.ledger().stage("out").absorbed()).isEqualTo(3);
    assertThat(lines(file)).hasSize(3);
    assertThat(parse(lines(file).get(0))).containsEntry("message", "a\ufffd");
    assertThat(parse(lines(file).get(1))).containsEntry("name ?", 1L).containsEntry("list", List.of("?"));
    assertThat(parse(lines(file).get(2))).containsEntry("message", "c");
  }

  @Test
  void linesAreAddedToAFileThatIsThereAndDirectoriesMade() throws IOException {
    Path file = dir.resolve("made/here/out.jsonl");
    SinksOver.run(JsonLines.to(file), e -> { }, SinksOver.utf8("one"));
    SinksOver.run(JsonLines.to(file), e -> { }, SinksOver.utf8("two", "three"));
    assertThat(lines(file)).hasSize(3);
    assertThat(parse(lines(file).get(2))).containsEntry("message", "three");
  }

  @Test
  void aHalfLineOfACrashSpoilsOnlyItself() throws IOException {
    Path file = dir.resolve("out.jsonl");
    Files.writeString(file, "{\"message\":\"cut o");
    SinksOver.run(JsonLines.to(file), e -> { }, SinksOver.utf8("next"));
    assertThat(lines(file)).hasSize(2);
    assertThat(parse(lines(file).get(1))).containsEntry("message", "next");
  }

  @Test
  void anUnwritablePathIsRefusedAtTheStartByName() throws IOException {
    Path plain = Files.writeString(dir.resolve("plain"), "x");
    for (Path bad : List.of(dir, plain.resolve("below"))) {
      assertThatThrownBy(() -> SinksOver.pipeline(JsonLines.to(bad), e -> { }).inline(InstantSource.fixed(Instant.EPOCH))).hasMessageContaining("cannot write to " + bad)
          .hasMessageContaining("'out'");
      assertThatThrownBy(() -> SinksOver.pipeline(JsonLines.to(bad), e -> { }).start().close()).hasStackTraceContaining("cannot write to " + bad);
    }
  }

  @Test
  void longEventsAndManyOfThemAreWrittenOnTheRing() throws IOException, InterruptedException {
    Path file = dir.resolve("out.jsonl");
    byte[][] messages = new byte[2_000][];
    for (int i = 0; i < messages.length; i++) {
      messages[i] = ("\u00e9" + i).repeat(i % 500 == 0 ? 200_000 : 3).getBytes(StandardCharsets.UTF_8);
    }
    try (RunningPipeline run = SinksOver.pipeline(JsonLines.to(file), e -> { }, messages).start()) {
      run.await();
      assertThat(run.ledger().imbalances()).isEmpty();
    }
    List<String> lines = lines(file);
    assertThat(lines).hasSize(messages.length);
    for (int i = 0; i < messages.length; i += 100) {
      assertThat(((String) parse(lines.get(i)).get("message")).getBytes(StandardCharsets.UTF_8)).isEqualTo(messages[i]);
    }
  }
}
