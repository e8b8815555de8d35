package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.logstream.Ledger;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.file.FileTail;
import io.logstream.testing.AccessLog;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class ReportPageTest {
  private static final Instant START = Instant.parse("2026-11-20T08:00:37Z");
  private static final String HOSTILE = "/<script>document.title='owned'</script>";

  @TempDir Path dir;
  private Path page;

  @BeforeEach void writesAPage() throws Exception {
    List<String> lines = new ArrayList<>(AccessLog.seed(7).from(START).perSecond(5).micros().failing(START.plusSeconds(600), START.plusSeconds(900), 0.3).lines(6_000));
    for (int order = 1000; order < 1100; order++) {
      lines.add(99, "10.0.0.1 - - [20/Nov/2026:08:00:47 +0000] \"GET /orders/" + order + "?page=2 HTTP/1.1\" 200 1 \"-\" \"x\" 99");
    }
    lines.add(100, "10.0.0.1 - - [20/Nov/2026:08:00:47 +0000] \"GET " + HOSTILE + " HTTP/1.1\" 404 1 \"-\" \"x\" 99");
    Path log = Files.write(dir.resolve("access.log"), lines);
    page = dir.resolve("report.html");
    ReportPage report = new ReportPage();
    try (RunningPipeline running = AccessLogReport.pipeline(FileTail.once(log), report).start()) {
      running.await();
      Ledger ledger = running.ledger();
      assertThat(ledger.imbalances()).isEmpty();
      report.write(page, List.of(log), ledger);
    }
  }

  @Test void needsNothingFromElsewhereAndHoldsNoMarkupOfTheLog() throws IOException {
    String html = Files.readString(page);
    assertThat(html).doesNotContain(HOSTILE).contains("\\u003Cscript\\u003Edocument.title").contains("Leon Sorokin");
    assertThat(html).doesNotContainPattern("<link|<img|<iframe|<script[^>]* src|@import|https?://(?!github.com/leeoniya/uPlot)").doesNotContain("/*data*/", "/*uplot");
  }

  @Test void pathsThatDifferInAnIdAreOneEndpoint() throws IOException {
    assertThat(Files.readString(page)).contains("[\"/orders/{id}\",100,").doesNotContain("/orders/1000");
  }

  @Test @Tag("service") void drawsChartsAndTablesInABrowser() throws Exception {
    String dom = chromium("--dump-dom");
    assertThat(dom.split("<canvas", -1)).hasSize(4);
    assertThat(dom).contains("<title>Access log report, 2026-11-20 08:00</title>").contains("&lt;script&gt;document.title='owned'&lt;/script&gt;")
        .containsPattern("<b>[45],\\d{3}</b>requests").containsPattern("<td class=\"\">/search</td>").contains("balanced");
    Path picture = dir.resolve("report.png");
    chromium("--screenshot=" + picture, "--window-size=1200,2000");
    BufferedImage seen = ImageIO.read(picture.toFile());
    for (int colour : new int[] {0x3b6fb6, 0x2e8b57, 0xd08a1d, 0xb5353d}) {
      assertThat(pixels(seen, colour)).as("pixels of #%06x", colour).isGreaterThan(200);
    }
  }

  @Test @Tag("service") void drawsNoLullWhereTheLogBeginsAndEndsWithinAMinute() throws Exception {
    Path picture = dir.resolve("report.png");
    String dom = chromium("--dump-dom");
    assertThat(dom).contains("The curves leave out the first and the last minute").containsPattern("<b>4\\.[6-9]</b>a second");
    chromium("--screenshot=" + picture, "--window-size=1200,2000");
    BufferedImage seen = ImageIO.read(picture.toFile());
    int aboveTheLegend = 430;
    int[] rows = IntStream.range(0, aboveTheLegend).filter(y -> IntStream.range(0, seen.getWidth()).anyMatch(x -> (seen.getRGB(x, y) & 0xffffff) == 0x3b6fb6)).toArray();
    assertThat(rows).as("rows of pixels with the curve of requests a second").isNotEmpty();
    assertThat(rows[rows.length - 1] - rows[0]).isLessThan(40);
  }

  private static long pixels(BufferedImage image, int colour) {
    return IntStream.range(0, image.getHeight())
        .mapToLong(y -> IntStream.range(0, image.getWidth()).filter(x -> (image.getRGB(x, y) & 0xffffff) == colour).count()).sum();
  }

  private String chromium(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(browser(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=5000",
        "--user-data-dir=" + dir.resolve("profile")));
    command.addAll(List.of(words));
    command.add(page.toUri().toString());
    Path out = dir.resolve("out.txt");
    Process chromium = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(dir.resolve("err.txt").toFile()).start();
    if (!chromium.waitFor(60, TimeUnit.SECONDS) || chromium.exitValue() != 0) {
      chromium.destroyForcibly().waitFor();
      fail(command + ": " + Files.readString(dir.resolve("err.txt")));
    }
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  private static String browser() {
    for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(folder, "chromium"))) {
        return Path.of(folder, "chromium").toString();
      }
    }
    String missing = "chromium is not installed (Debian's package chromium)";
    if (Boolean.getBoolean("logstream.services.required")) {
      return fail(missing);
    }
    throw new TestAbortedException(missing);
  }
}
