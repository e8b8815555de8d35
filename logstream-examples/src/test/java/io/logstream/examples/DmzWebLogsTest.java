package io.logstream.examples;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.alert.FiredAlert;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.index.LogIndex;
import io.logstream.match.Keep;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DmzWebLogsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> LINES = List.of(
      "192.0.2.17 - - [23/Nov/2023:00:41:41 +0100] \"GET /app/cart?id=7 HTTP/1.1\" 200 5120 \"https://shop.example/\" \"Mozilla/5.0 (X11)\" \"JSESSIONID=A1\" \"pool_web\" 0/41234",
      "192.0.2.17 - - [23/Nov/2023:00:41:42 +0100] \"GET /f5.txt HTTP/1.0\" 200 - \"-\" \"-\" \"-\" \"-\" 0/210",
      "192.0.2.17 - - [23/Nov/2023:00:41:42 +0100] \"GET /f5.txt?x HTTP/1.0\" 200 - \"-\" \"-\" \"-\" \"-\" 0/210",
      "app-7.example.com - alice [23/Nov/2023:00:41:43 +0100] \"POST /app/pay HTTP/1.1\" 503 312 \"-\" \"curl/8.4.0\" \"-\" \"pool_pay\" 2/2000417",
      "192.0.2.99 - - [23/Nov/2023:00:41:44 +0100] \"\\x16\\x03\\x01\" 400 226 \"-\" \"-\" \"-\" \"-\" 0/12",
      "2001:db8::5 - - [23/Nov/2023:00:41:45 +0100] \"GET /x\" 404 0 \"-\" \"a \\\"quoted\\\" agent\" \"-\" \"-\" 0/9",
      "192.0.2.1 - - [23/Nov/2023:00:41:45 +0100] \"-\" 408 - \"-\" \"-\" 0/9");

  private final List<FiredAlert> sent = new ArrayList<>();
  private final RecordingSink console = new RecordingSink();
  private final RecordingSink index = new RecordingSink();

  @Test void takesThePatternAsItStandsInTheConfigurationOfLogstash() throws IOException {
    try (InputStream conf = DmzWebLogsTest.class.getResourceAsStream("logstash.conf")) {
      Matcher match = Pattern.compile("\"message\", \"(.*)\" ]").matcher(new String(conf.readAllBytes(), StandardCharsets.UTF_8));
      assertThat(match.find()).isTrue();
      assertThat(DmzWebLogs.ACCESS).isEqualTo(match.group(1));
    }
  }

  @Test void dropsProbesTagsFailuresAndSendsThemToZabbix() {
    try (PipelineTester dmz = PipelineTester.of(DmzWebLogs.pipeline(FileTail.of(Path.of("access.log")).field("app", "App1"), console, index, sent::add)).feed(LINES)) {
      assertThat(dmz.ledger().stage("f5-health").dropped()).isEqualTo(1);
      assertThat(dmz.ledger().stage("Grok").failed()).isEqualTo(1);
      assertThat(index.events()).hasSize(5).extracting(event -> event.text("app")).containsOnly("App1");
      assertThat(index.events()).extracting(event -> event.text("request")).contains("/f5.txt?x").doesNotContain("/f5.txt");
      assertThat(console.events()).hasSize(5);
      assertThat(sent).extracting(alert -> alert.cause().text("request")).containsExactly("/app/pay");
      assertThat(sent.get(0).cause().fields()).containsEntry("tags", List.of("zabbix-sender")).containsEntry("response", 503L).containsEntry("reqtimes", 2L);
    }
  }

  @Test void refusesTheTextThatLogstashWouldSilentlyNeverMatch() {
    assertThatThrownBy(() -> LogStream.named("web-dmz").from(FileTail.of(Path.of("access.log"))).then(Grok.pattern(DmzWebLogs.ACCESS))
        .then(Keep.when(field("response").is("503"))).to(index).build()).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("response").hasMessageContaining("text");
  }

  @Test void followsEightyFilesWithTheThreadsOfOneAndFindsByApplicationServerDayAndAddress(@TempDir Path dir) throws IOException, InterruptedException {
    Path one = Files.createDirectories(dir.resolve("one"));
    Path eighty = Files.createDirectories(dir.resolve("eighty"));
    Files.write(one.resolve("access.0.log"), LINES);
    for (int i = 0; i < 80; i++) {
      Files.write(eighty.resolve("access.%d.log".formatted(i)), List.of(LINES.get(0).replace("192.0.2.17", "192.0.2." + (100 + i)), LINES.get(3)));
    }
    RecordingSink seen = new RecordingSink();
    long threads;
    try (RunningPipeline running = DmzWebLogs.pipeline(FileTail.matching(one, "*.log"), seen, index, sent::add).start()) {
      assertThat(seen.await(5, PATIENCE)).isTrue();
      threads = threads();
    }
    RecordingSink all = new RecordingSink();
    try (LogIndex found = LogIndex.keyword("app", "clientip").inMemory(Duration.ofDays(3650));
        RunningPipeline running = DmzWebLogs.pipeline(FileTail.matching(eighty, "*.log").field("app", "App1").field("host", "web-1"), all, found, alert -> { }).start()) {
      assertThat(all.await(160, PATIENCE)).isTrue();
      assertThat(threads()).isEqualTo(threads + 1); // that of the index, which the run before had a recording in place of
      running.close();
      assertThat(running.ledger().imbalances()).isEmpty();
      found.refresh();
      assertThat(found.search("app:App1").total()).isEqualTo(160);
      assertThat(found.search("host:web-1 clientip:192.0.2.142").total()).isEqualTo(1);
      assertThat(found.search("since:2023-11-23T00:00+01:00 until:2023-11-24T00:00+01:00 response:503").total()).isEqualTo(80);
      assertThat(found.search("app:App2").total()).isZero();
    }
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("logstream-web-dmz")).count();
  }
}
