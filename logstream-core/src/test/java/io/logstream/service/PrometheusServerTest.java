package io.logstream.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.file.FileTail;
import io.logstream.match.Drop;
import io.logstream.match.Field;
import io.logstream.sink.PrometheusText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("service")
class PrometheusServerTest {
  @TempDir Path dir;

  private RunningPipeline start(Path log, PrometheusText metrics) {
    return LogStream.named("shop \"one\"").from(FileTail.of(log)).then("comments", Drop.when(Field.field("message").startsWith("#"))).to("out", Sink.each(e -> { }))
        .build().meteredBy(metrics).start();
  }

  @Test
  void itsOwnLintFindsNothingToComplainOf() throws Exception {
    String promtool = RealProgram.needs("promtool", "prometheus");
    Path log = Files.write(dir.resolve("app.log"), Collections.nCopies(100, "# a\\b"));
    PrometheusText metrics = new PrometheusText();
    try (RunningPipeline run = start(log, metrics)) {
      Path text = Files.writeString(dir.resolve("metrics.txt"), metrics.text());
      String said = RealProgram.run(dir, "/bin/sh", "-c", promtool + " check metrics < " + text);
      assertThat(said.lines().filter(line -> line.contains("error"))).isEmpty();
    }
  }

  @Test
  void aServerScrapesTheFiguresOfARunUnderWay() throws Exception {
    String program = RealProgram.needs("prometheus", "prometheus");
    Path log = Files.write(dir.resolve("app.log"), Collections.nCopies(1_000, "line"));
    int port = RealProgram.freePort();
    try (PrometheusText metrics = PrometheusText.servedAt(0); RunningPipeline run = start(log, metrics)) {
      Path config = Files.writeString(dir.resolve("prometheus.yml"), """
          global: {scrape_interval: 1s}
          scrape_configs:
            - job_name: logstream
              static_configs: [{targets: ["127.0.0.1:%d"]}]
          """.formatted(metrics.port()));
      try (RealProgram prometheus = RealProgram.start(dir, program, "--config.file=" + config, "--storage.tsdb.path=" + dir.resolve("tsdb"), "--web.listen-address=127.0.0.1:" + port)) {
        prometheus.await("the records read", () -> RealProgram.get("http://127.0.0.1:" + port + "/api/v1/query?query=logstream_records_in_total%7Bplace=%22out%22%7D")
            .contains("\"1000\""));
      }
    }
  }
}
