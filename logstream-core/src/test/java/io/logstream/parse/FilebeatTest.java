package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Ran;
import io.logstream.Stage;
import io.logstream.match.Field;
import io.logstream.sink.JsonLines;
import io.logstream.testing.StageContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilebeatTest {
  private static final String FIRST = "{\"@timestamp\":\"2023-11-23T00:41:56.655Z\",\"@metadata\":{\"beat\":\"filebeat\",\"type\":\"_doc\",\"version\":\"8.11.1\"},\"message\":\"2023.11.23 00:41:41.234843 [ 1 ] {} <Warning> Access(local directory): Recovering lists in directory /var/lib/proton/access/\",\"input\":{\"type\":\"log\"},\"ecs\":{\"version\":\"8.0.0\"},\"host\":{\"name\":\"83c6f2d59442\"},\"agent\":{\"name\":\"83c6f2d59442\",\"type\":\"filebeat\",\"version\":\"8.11.1\",\"ephemeral_id\":\"d88e8a06-63aa-4e62-87fe-3fd79be0b585\",\"id\":\"5dff8233-5b5d-49c7-ae02-8c325a1f6ac5\"},\"log\":{\"file\":{\"path\":\"/var/log/proton-server/proton-server.err.log\"},\"offset\":1268}}";
  private static final String SECOND = "{\"@timestamp\":\"2023-11-23T00:41:56.655Z\",\"@metadata\":{\"beat\":\"filebeat\",\"type\":\"_doc\",\"version\":\"8.11.1\"},\"ecs\":{\"version\":\"8.0.0\"},\"host\":{\"name\":\"83c6f2d59442\"},\"agent\":{\"ephemeral_id\":\"d88e8a06-63aa-4e62-87fe-3fd79be0b585\",\"id\":\"5dff8233-5b5d-49c7-ae02-8c325a1f6ac5\",\"name\":\"83c6f2d59442\",\"type\":\"filebeat\",\"version\":\"8.11.1\"},\"log\":{\"file\":{\"path\":\"/var/log/proton-server/proton-server.err.log\"},\"offset\":1393},\"message\":\"2023.11.23 00:41:41.356154 [ 1 ] {} \\u003cWarning\\u003e TelemetryCollector: Please note that telemetry is enabled.\",\"input\":{\"type\":\"log\"}}";

  @TempDir private Path directory;

  @Test void opensTheEnvelopeAsIfTheLineHadBeenReadHere() {
    LogEvent event = Ran.over(List.of(FIRST), Filebeat.envelope().readTimeInto("event.created")).passed().get(0);
    assertThat(event.message()).startsWith("2023.11.23 00:41:41.234843 [ 1 ] {} <Warning> Access");
    assertThat(event.time()).isEqualTo(Instant.parse("2023-11-23T00:41:56.655Z"));
    assertThat(event.text("file")).isEqualTo("/var/log/proton-server/proton-server.err.log");
    assertThat(event.number("offset", -1)).isEqualTo(1268);
    assertThat(event.text("host")).isEqualTo("83c6f2d59442");
    assertThat(event.has("line")).isFalse();
    assertThat(event.text("@metadata.version")).isEqualTo("8.11.1");
    assertThat(event.text("event.created")).isEqualTo("2023-11-23T00:41:56.655Z");
    assertThat(event.has("log.file.path")).isFalse();
  }

  @Test void readsTheTimeOfTheLineBehindIt() {
    LogEvent event = Ran.over(List.of(SECOND), Filebeat.envelope(), Dissect.pattern("%{t} %{+t} [ %{pid} ] %{} <%{level}> %{message}"),
        EventTime.from("t", "yyyy.MM.dd HH:mm:ss.SSSSSS")).passed().get(0);
    assertThat(event.time()).isEqualTo(Instant.parse("2023-11-23T00:41:41.356Z"));
    assertThat(event.text("level")).isEqualTo("Warning");
  }

  @Test void isWrittenAgainAsItWas() throws Exception {
    Path file = directory.resolve("out.json");
    Bytewise.run(LogStream.named("p").from(Bytewise.of(List.of(FIRST, SECOND))).then(Filebeat.envelope()).to(JsonLines.to(file).ecs()).build());
    List<String> written = Files.readAllLines(file);
    assertThat(written).hasSize(2);
    assertThat(tree(written.get(0))).isEqualTo(tree(FIRST));
    assertThat(tree(written.get(1))).isEqualTo(tree(SECOND));
    assertThat(written.get(0)).contains("\"log\":{\"file\":{\"path\":\"/var/log/proton-server/proton-server.err.log\"},\"offset\":1268}");
  }

  private static Map<String, Object> tree(String json) {
    LogEvent event = Ran.over(List.of(json), Json.fields()).passed().get(0);
    Map<String, Object> all = new TreeMap<>(event.fields());
    all.put("message", event.message());
    return all;
  }

  @Test void writesNamesThatStandInEachOthersWayAsTheyAre() throws Exception {
    Path file = directory.resolve("out.json");
    Bytewise.run(LogStream.named("p").from(Bytewise.of(List.of("{\"a.b.c\":1,\"a\":2,\"x.y\":3,\"x.y.z\":4,\"e.\":5,\"log.file.path\":\"z\",\"log\":\"w\",\"@timestamp\":\"no time\"}")))
        .then(Json.fields()).then(Remove.fields("line", "offset", "host")).then(Stage.each(e -> e.message("m"))).to(JsonLines.to(file).ecs()).build());
    assertThat(Files.readString(file)).isEqualTo("{\"@timestamp\":\"2026-01-01T00:00:00.000Z\",\"message\":\"m\",\"a\":2,\"log\":\"w\",\"log.file.path\":\"z\","
        + "\"a.b.c\":1,\"x\":{\"y\":3},\"x.y.z\":4,\"e.\":5}\n");
  }

  @Test void keepsTheRulesOfAStage() {
    StageContract.check(Filebeat.envelope(), FIRST, SECOND, "{\"message\":\"x\"}", "{\"@timestamp\":5,\"log\":{\"offset\":\"z\"}}", "{\"@timestamp\":\"never\"}", "{", "");
    assertThat(Ran.over(List.of(FIRST), Filebeat.envelope()).passed()).allMatch(Field.field("host").is("83c6f2d59442")::test);
  }
}
