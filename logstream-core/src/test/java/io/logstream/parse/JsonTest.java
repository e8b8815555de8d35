package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Ran;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.sink.Print;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.Seed;
import io.logstream.testing.StageContract;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonTest {
  private static LogEvent read(String json) {
    Ran ran = Ran.over(List.of(json), Json.fields());
    assertThat(ran.failed()).isEmpty();
    return ran.passed().get(0);
  }

  private static LogEvent failure(Json stage, String json) {
    return Ran.over(List.of(json), stage).failed().get(0);
  }

  @Test void makesFieldsOfAnObjectWithTheirTypes() {
    assertThat(read(" {\"level\":\"info\", \"n\" : 5,\"big\":-9223372036854775808,\"d\":1.5,\"e\":1e3,\"t\":true,\"f\":false,\"no\":null,\"empty\":\"\"} ").fields())
        .containsExactly(entry("level", "info"), entry("n", 5L), entry("big", Long.MIN_VALUE), entry("d", 1.5), entry("e", 1000.0), entry("t", true),
            entry("f", false), entry("empty", ""));
  }

  @Test void putsNestedNamesTogetherWithDots() {
    assertThat(read("{\"http\":{\"request\":{\"method\":\"GET\"},\"status\":200},\"x\":{}}").fields())
        .containsExactly(entry("http.request.method", "GET"), entry("http.status", 200L));
  }

  @Test void makesListsOfArraysAndLeavesWhatNestsInThemAsItIsWritten() {
    LogEvent event = read("{\"a\":[1,2.5,\"x\\n\",true,null,{\"b\": [1]},[ 2 ]],\"none\":[]}");
    assertThat(event.value("a")).isEqualTo(Arrays.asList(1L, 2.5, "x\n", true, null, "{\"b\": [1]}", "[ 2 ]"));
    assertThat(event.value("none")).isEqualTo(List.of());
  }

  @Test void readsEscapesOfAllKinds() {
    assertThat(read("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00é😀\",\"\\u0062\":\"x\"}").fields())
        .containsExactly(entry("a", "\"\\/\b\f\n\r\té😀é😀"), entry("b", "x"));
    assertThat(read("{\"a\":\"\\ud83d!\",\"b\":\"\\ude00\",\"c\":\"\\ud83d\\u0041\"}").fields())
        .containsExactly(entry("a", "\uFFFD!"), entry("b", "\uFFFD"), entry("c", "\uFFFDA"));
  }

  @Test void leavesNumbersThatDoNotFitAsTheyAreWritten() {
    assertThat(read("{\"id\":12345678901234567890,\"huge\":1e999,\"fine\":0.1234567890123456789}").fields())
        .containsExactly(entry("id", "12345678901234567890"), entry("huge", "1e999"), entry("fine", 0.12345678901234568));
  }

  @Test void putsTheMessageFieldInPlaceOfTheMessage() {
    LogEvent event = read("{\"message\":\"hello\",\"a\":\"b\"}");
    assertThat(event.message()).isEqualTo("hello");
    assertThat(event.fields()).containsExactly(entry("a", "b"));
  }

  @Test void mergesObjectsOfOneNameAndCountsValuesThatAreLost() {
    String r79 = "{\"fields\":{\"type\":\"apache\"},\"fields\":{\"app\":\"App1\"},\"a\":1,\"a\":2,\"x.y\":1,\"x\":{\"y\":2}}";
    try (PipelineTester tester = PipelineTester.of(LogStream.named("p").from(Bytewise.of(List.of())).then(Json.fields()).to("out", Sink.each(e -> { })).build())) {
      tester.recording("out").feed(r79).end();
      assertThat(tester.sent("out").get(0).fields())
          .containsExactly(entry("fields.type", "apache"), entry("fields.app", "App1"), entry("a", 2L), entry("x.y", 2L));
      assertThat(tester.metrics()).containsEntry("Json.repeated", 2L);
    }
  }

  @Test void keepsAllValuesOfANameWhenTold() {
    assertThat(Ran.over(List.of("{\"a\":1,\"b\":\"x\",\"a\":\"\\n\",\"a\":[true,null],\"b\":\"y\"}"), Json.fields().repeatedAsList()).passed().get(0).fields())
        .containsExactly(entry("a", Arrays.asList(1L, "\n", true, null)), entry("b", List.of("x", "y")));
  }

  @Test void readsAFieldAndPutsNamesUnderAPrefix() {
    Ran ran = Ran.over(List.of("a"), Stage.each(e -> e.put("payload", "{\"x\":{\"y\":\"\\t\"},\"n\":1}")), Json.fields().from("payload").under("p"));
    assertThat(ran.passed().get(0).fields()).containsEntry("p.x.y", "\t").containsEntry("p.n", 1L);
    assertThat(ran.messages()).containsExactly("a");
    assertThat(Ran.over(List.of("a"), Json.fields().from("payload")).failed().get(0).text("failure.cause")).isEqualTo("no field 'payload'");
  }

  @Test void failsBadJsonWithItsPlaceAndWithoutFields() {
    Map<String, String> wrong = new LinkedHashMap<>();
    wrong.put("", "at byte 0: wanted an object, found the end");
    wrong.put("[1]", "at byte 0: wanted an object, found '['");
    wrong.put("{\"a\":1", "at byte 6: wanted ',' or '}', found the end");
    wrong.put("{\"a\":1,}", "at byte 7: wanted a name in quotes, found '}'");
    wrong.put("{\"a\" 1}", "at byte 5: wanted ':', found '1'");
    wrong.put("{\"a\":tru}", "at byte 5: wanted a value, found 't'");
    wrong.put("{\"a\":01}", "at byte 6: wanted no digit behind a leading zero, found '1'");
    wrong.put("{\"a\":1.}", "at byte 7: wanted a digit, found '}'");
    wrong.put("{\"a\":-}", "at byte 6: wanted a digit, found '}'");
    wrong.put("{\"a\":\"x", "at byte 7: wanted '\"', found the end");
    wrong.put("{\"a\":\"\\x\"}", "at byte 7: wanted one of \"\\/bfnrtu behind \\, found 'x'");
    wrong.put("{\"a\":\"\\u12\"}", "at byte 7: wanted four hexadecimal digits behind \\u, found 'u'");
    wrong.put("{\"a\":\"\t\"}", "at byte 6: wanted no control character in a string, found byte 0x09");
    wrong.put("{\"b\":[1,{\"c\":}]}", "at byte 13: wanted a value, found '}'");
    wrong.put("{} x", "at byte 3: wanted the end, found 'x'");
    wrong.forEach((json, detail) -> {
      LogEvent failed = failure(Json.fields(), json);
      assertThat(failed.text("failure.cause")).isEqualTo("bad JSON");
      assertThat(failed.text("failure.detail")).as(json).isEqualTo(detail);
      assertThat(failed.message()).isEqualTo(json);
      assertThat(failed.has("a")).isFalse();
    });
  }

  @Test void boundsDepthAndFields() {
    assertThat(failure(Json.fields(), "{\"a\":".repeat(40) + "1" + "}".repeat(40)).text("failure.detail")).isEqualTo("at byte 160: objects and arrays in more than 32 others");
    assertThat(failure(Json.fields(), "{\"a\":" + "[".repeat(100_000)).text("failure.cause")).isEqualTo("too much JSON");
    assertThat(read("{\"a\":".repeat(32) + "1" + "}".repeat(32)).fields()).hasSize(1);
    assertThat(failure(Json.fields().most(2), "{\"a\":1,\"b\":2,\"c\":3}").text("failure.detail")).isEqualTo("at byte 13: more than 2 fields");
    assertThatThrownBy(() -> Json.fields().depth(0)).hasMessage("depth must be from 1 to 1,000, was 0");
    assertThatThrownBy(() -> Json.fields().under("a.")).hasMessage("under(prefix) takes a name to stand before the dot, as in under(\"app\"), was 'a.'");
  }

  @Test void keepsTheRulesOfAStage() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add(i % 5 == 4 ? "{\"bad\":" + i : "{\"i\":" + i + ",\"k" + i % 3 + "\":{\"x\":\"v\\n" + i + "\"},\"message\":\"m" + i + "\"}");
    }
    StageContract.check(Json.fields(), lines);
  }

  @Test void readsBackWhatJsonSinksWrite() throws Exception {
    Seed.random(random -> {
      List<Map<String, Object>> wanted = new ArrayList<>();
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int n = random.nextInt(12); n >= 0; n--) {
          fields.put(n + text(random).replace(".", ""), value(random));
        }
        wanted.add(fields);
        lines.add(Integer.toString(i));
      }
      ByteArrayOutputStream written = new ByteArrayOutputStream();
      Stage put = Stage.each(e -> wanted.get(Integer.parseInt(e.message())).forEach(e::put));
      Pipeline pipeline = LogStream.named("print").from(Bytewise.of(lines)).then(put).to(Print.to(new PrintStream(written, false, StandardCharsets.UTF_8)).json()).build();
      Bytewise.run(pipeline);
      List<String> json = written.toString(StandardCharsets.UTF_8).lines().toList();
      Ran back = Ran.over(json, Json.fields());
      assertThat(back.failed()).isEmpty();
      for (int i = 0; i < wanted.size(); i++) {
        Map<String, Object> fields = back.passed().get(i).fields();
        fields.keySet().removeAll(List.of("time", "file", "offset", "line"));
        assertThat(fields).isEqualTo(wanted.get(i));
      }
    });
  }

  static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(12); n > 0; n--) {
      int kind = random.nextInt(8);
      text.appendCodePoint(kind == 0 ? random.nextInt(32) : kind == 1 ? 0x1F600 + random.nextInt(40) : kind == 2 ? "\"\\/,;=\n".charAt(random.nextInt(7))
          : kind == 3 ? 0xA0 + random.nextInt(0x500) : ' ' + random.nextInt(95));
    }
    return text.toString();
  }

  private static Object value(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextLong();
      case 1 -> (long) random.nextInt(1000);
      case 2 -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
      case 3 -> random.nextBoolean();
      case 4 -> Arrays.asList(text(random), random.nextLong(), null, random.nextBoolean(), random.nextDouble());
      default -> text(random);
    };
  }

  @Test void takesAndRefusesWhatJacksonDoes() throws Exception {
    Seed.random(random -> {
      String[] seeds = {"{\"a\":{\"b\":[1,2.5e-3,null,{\"c\":\"\\u00e9x\"}]},\"d\":\"text \\\" more\",\"e\":-0.5,\"f\":true}", "{\"ts\":\"2024-05-01\",\"n\":12345,\"x\":[[]],\"y\":{}}"};
      for (int i = 0; i < 20_000; i++) {
        byte[] json = Mutated.bytes(random, seeds[i % 2].getBytes(StandardCharsets.UTF_8), true);
        FoundFields found = new FoundFields(null, "", false, 1000);
        boolean ours = new JsonScanner(found, 32, 1000).read(json, 0, json.length);
        assertThat(ours).as(() -> new String(json, StandardCharsets.UTF_8)).isEqualTo(jackson(json));
      }
    });
  }

  private static boolean jackson(byte[] json) {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      for (int depth = 1; depth > 0; ) {
        switch (parser.nextToken()) {
          case START_OBJECT, START_ARRAY -> depth++;
          case END_OBJECT, END_ARRAY -> depth--;
          case VALUE_STRING -> parser.getText();
          default -> { }
        }
      }
      return parser.nextToken() == null;
    } catch (IOException | NullPointerException e) {
      return false;
    }
  }

  @Test void passesOrDropsWhatIsNoObjectWhereToldTo() {
    Ran tagged = Ran.over(List.of("{\"a\":1}", "Starting..", "{\"a\":"), Json.fields().missesTagged("text"));
    assertThat(tagged.failed()).isEmpty();
    assertThat(tagged.passed()).extracting(LogEvent::message, e -> e.fields().toString())
        .containsExactly(tuple("{\"a\":1}", "{a=1}"), tuple("Starting..", "{tags=[text]}"), tuple("{\"a\":", "{tags=[text]}"));
    Ran dropped = Ran.over(List.of("{\"a\":1}", "Starting.."), Json.fields().missesDropped());
    assertThat(dropped.passed()).hasSize(1);
    assertThat(dropped.ledger().stage("Json").dropped("bad JSON")).isEqualTo(1);
    assertThatThrownBy(() -> Json.fields().missesTagged("x").missesDropped()).hasMessage("misses are already tagged 'x'; keep one such word");
  }

  @Test void addsATagOnceToWhateverIsThere() {
    Ran ran = Ran.over(List.of("1"), Stage.each(e -> e.put("tags", "first").tag("second").tag("first").tag("third")));
    assertThat(ran.passed().get(0).fields()).containsEntry("tags", List.of("first", "second", "third"));
  }
}
