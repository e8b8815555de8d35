package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logstream.LogEvent;
import io.logstream.Ran;
import io.logstream.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real lines, where the system property {@code logstream.data} names the directory that has them. */
class RealLinesTest {
  private static final Instant READ_AT = Instant.parse("2026-01-01T00:00:00Z");
  private Path data;

  @BeforeEach void findTheData() {
    String named = System.getProperty("logstream.data", "");
    assumeTrue(!named.isEmpty(), "-Dlogstream.data=DIR names the directory of real lines");
    data = Path.of(named);
  }

  private Ran over(String file, Stage... stages) throws IOException {
    return Ran.readAt(READ_AT, new String(Files.readAllBytes(data.resolve(file)), StandardCharsets.UTF_8).lines().toList(), stages);
  }

  @Test void dissectTakesAccessLogsApart() throws IOException {
    Ran ran = over("access/apache_logs",
        Dissect.pattern("%{clientip} %{ident} %{auth} [%{timestamp}] \"%{verb} %{request} %{version}\" %{response} %{bytes} \"%{referrer}\" \"%{agent}\""),
        EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z"), Convert.numbers("response", "bytes"), UrlParts.of("request"), QueryString.of("request"),
        NormalizePath.of("request").into("route"));
    assertThat(ran.failed()).hasSize(1);
    assertThat(ran.passed()).hasSize(9_999);
    assertThat(ran.passed().stream().filter(e -> e.number("response", 0) == 404)).hasSize(213);
    assertThat(ran.passed().stream().map(e -> e.text("request")).distinct().count()).isGreaterThan(ran.passed().stream().map(e -> e.text("route")).distinct().count());
  }

  @Test void dissectTakesZookeeperAndHdfsApart() throws IOException {
    Ran zookeeper = over("loghub/Zookeeper_2k.log", Dissect.pattern("%{time} %{+time} - %{level->} %{where}] - %{message}"), EventTime.from("time", "ISO8601"));
    assertThat(zookeeper.failed()).isEmpty();
    assertThat(zookeeper.passed().stream().map(e -> e.text("level")).collect(Collectors.toSet())).containsExactlyInAnyOrder("INFO", "WARN", "ERROR");
    Ran hdfs = over("loghub/HDFS_2k.log", Dissect.pattern("%{time} %{+time} %{pid} %{level} %{logger}: %{message}"), EventTime.from("time", "yyMMdd HHmmss"));
    assertThat(hdfs.failed()).isEmpty();
    assertThat(hdfs.passed()).hasSize(2_000);
    Ran apache = over("loghub/Apache_2k.log", Dissect.pattern("[%{time}] [%{level}] %{message}"), EventTime.from("time", "EEE MMM dd HH:mm:ss yyyy"));
    assertThat(apache.failed()).isEmpty();
  }

  @Test void syslogReadsFilesOfTwoHosts() throws IOException {
    for (String file : List.of("loghub/OpenSSH_2k.log", "loghub/Linux_2k.log")) {
      Ran ran = over(file, Syslog.any(), EventTime.from("timestamp", "UNIX_MS"));
      assertThat(ran.failed()).isEmpty();
      assertThat(ran.passed()).hasSize(2_000);
      assertThat(ran.passed()).extracting(e -> e.text("host")).containsOnly(file.contains("SSH") ? "LabSZ" : "combo");
      assertThat(ran.passed()).extracting(LogEvent::time).allMatch(time -> time.isAfter(READ_AT.minusSeconds(366 * 86_400)) && time.isBefore(READ_AT));
    }
    Ran pairs = over("loghub/Linux_2k.log", Syslog.any(), KeyValue.fields());
    assertThat(pairs.passed().stream().filter(e -> e.has("rhost")).count()).isGreaterThan(400);
    assertThat(pairs.failed()).extracting(e -> e.text("failure.cause")).containsOnly("no key=value pair");
  }
}
