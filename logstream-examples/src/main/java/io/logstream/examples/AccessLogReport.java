package io.logstream.examples;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.percentiles;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.logstream.Emitter;
import io.logstream.FileUse;
import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineBuilder;
import io.logstream.Processor;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.match.Condition;
import io.logstream.match.Drop;
import io.logstream.match.Keep;
import io.logstream.parse.EventTime;
import io.logstream.parse.NormalizePath;
import io.logstream.window.Window;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Latency percentiles by endpoint, in windows of five minutes, from access logs in combined format with the time taken in microseconds
 * behind each line.
 *
 * <pre>AccessLogReport [--out ROWS] [--html PAGE] [--lanes N] FILE...</pre>
 *
 * <p>Health checks and lines without a request are left out; the endpoint is the path without its query string. For each window and
 * endpoint one JSON line is written to ROWS when the window closes: {@code {"win":..,"key":"..","count":..,"mean":..,"p50":..,..,"p99":..}}.
 * PAGE becomes one file for a browser, with rate and percentiles over time, the busiest endpoints and the errors; there numbers and other
 * ids in a path stand as {@code {id}}, so that the orders of a day are one endpoint.
 */
public final class AccessLogReport {
  private static final int[] PERCENTILES = {50, 75, 90, 95, 99};

  private AccessLogReport() {}

  /** The report over a log, its rows into a sink. */
  // tag::pipeline[]
  public static Pipeline pipeline(Source log, Sink rows) {
    return requests(log).then(latencyBy("path")).to(rows).build();
  }

  private static PipelineBuilder requests(Source log) {
    return LogStream.named("access-report")
        .from(log)
        .then(Grok.pattern("%{COMBINEDAPACHELOG} %{NUMBER:request_time_us:int}"))
        .then(EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z").outOfOrder(ofSeconds(30)))
        .then("no request", Drop.when(Condition.not(field("request").exists())))
        .then("path", new PathOfRequest())
        .then("health", Drop.when(field("path").is("/health")));
  }

  private static Stage latencyBy(String field) {
    return Window.tumbling(ofMinutes(5)).by(field)
        .aggregate(count(), mean("request_time_us"), percentiles("request_time_us", 50, 75, 90, 95, 99));
  }
  // end::pipeline[]

  // tag::page[]
  /** What a page shows: all requests minute by minute, latency by route (the path without ids), and the errors by status and route. */
  static Pipeline pipeline(Source log, ReportPage page) {
    return shown(log, page).build();
  }

  /** The same, and rows. */
  static Pipeline pipeline(Source log, Sink rows, ReportPage page) {
    return shown(log, page).then(latencyBy("path")).to("rows", rows).build();
  }

  private static PipelineBuilder shown(Source log, ReportPage page) {
    return requests(log)
        .then("route", NormalizePath.of("path").into("route"))
        .branch("minutes", requests -> requests.then(everyMinute()).to(page.minutes()))
        .branch("errors", requests -> requests.then(Keep.when(field("response").atLeast(400))).then(errorsByRoute()).to(page.errors()))
        .branch("endpoints", requests -> requests.then(latencyBy("route")).to(page.endpoints()));
  }

  private static Stage everyMinute() {
    return Window.tumbling(ofMinutes(1)).aggregate(count(), percentiles("request_time_us", 50, 90, 99),
        count("4xx", field("response").between(400, 499)), count("5xx", field("response").atLeast(500)));
  }

  private static Stage errorsByRoute() {
    return Window.tumbling(ofMinutes(5)).by("response", "route").aggregate(count());
  }
  // end::page[]

  /** Runs the report; exit code 1 if the ledger does not balance. */
  public static void main(String[] args) {
    Program.of("AccessLogReport [--out ROWS] [--html PAGE] [--lanes N] FILE...").run(args, AccessLogReport::report);
  }

  static void report(List<String> args) throws IOException, InterruptedException {
    Program.Given given = Program.Given.of(args, "--out", "--html", "--lanes");
    Path out = place("--out", given.options().get("--out"));
    Path html = place("--html", given.options().get("--html"));
    int lanes = lanes(given.options().getOrDefault("--lanes", "0"));
    if (out == null && html == null) {
      throw new Program.WrongUsage("say where the report goes: --out ROWS, --html PAGE, or both");
    }
    if (given.rest().isEmpty()) {
      throw new Program.WrongUsage("say which access logs to read");
    }
    List<Path> files = new ArrayList<>();
    for (String name : given.rest()) {
      files.add(Path.of(name));
    }
    Source log = FileTail.once(files.toArray(Path[]::new));
    if (html == null) {
      finish(run(pipeline(log, new RowsFile(out)).lanes(lanes), files));
      return;
    }
    if (html.equals(out) || files.stream().anyMatch(file -> file.toAbsolutePath().normalize().equals(html))) {
      throw new Program.WrongUsage("--html names a file that is something else too: " + html);
    }
    ReportPage page = new ReportPage();
    Pipeline pipeline = out == null ? pipeline(log, page) : pipeline(log, new RowsFile(out), page);
    Ledger ledger = run(pipeline.lanes(lanes), files);
    page.write(html, files, ledger);
    finish(ledger);
  }

  /** Refuses before the work begins what would fail behind it, or cost a log; null for null. */
  private static Path place(String option, String name) {
    Path file = name == null ? null : Path.of(name).toAbsolutePath().normalize();
    if (file != null && (Files.isDirectory(file) || !Files.isDirectory(file.getParent()))) {
      throw new Program.WrongUsage(option + " takes a file in a directory that is there, was " + name);
    }
    return file;
  }

  private static void finish(Ledger ledger) {
    System.err.println(ledger);
    Program.checkBalance(ledger);
    if (ledger.stage("Grok").passed() == 0 && ledger.read() > 0) {
      throw new IllegalStateException("no line is of an access log in combined format with the time taken in microseconds behind it; GrokTool explain says where a line fails");
    }
  }

  private static int lanes(String number) {
    if (!number.matches("\\d{1,3}")) {
      throw new Program.WrongUsage("--lanes takes a number, was " + number);
    }
    return Integer.parseInt(number);
  }

  private static Ledger run(Pipeline pipeline, List<Path> files) throws InterruptedException {
    try (RunningPipeline report = pipeline.start()) {
      Progress progress = Progress.onTerminal(files);
      while (!report.await(Duration.ofMillis(500))) {
        progress.show(report.ledger().read());
      }
      progress.clear();
      return report.ledger();
    }
  }

  /** Rows as JSON lines, in the form of the report. */
  private record RowsFile(Path path) implements Sink {
    @Override
    public boolean blocks() {
      return true;
    }

    @Override
    public FileUse fileUse() {
      return FileUse.of(path);
    }

    @Override
    public Processor open(StageContext context) {
      try {
        return new Writing(new JsonFactory().createGenerator(new BufferedOutputStream(Files.newOutputStream(path), 1 << 16)).setRootValueSeparator(null));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write rows to " + path + ": " + e, e);
      }
    }
  }

  private record Writing(JsonGenerator json) implements Processor {
    @Override
    public void process(LogEvent row, Emitter out) throws IOException {
      json.writeStartObject();
      json.writeNumberField("win", row.number("window.start", 0));
      json.writeStringField("key", row.text("path"));
      json.writeNumberField("count", row.number("count", 0));
      json.writeNumberField("mean", row.decimal("request_time_us.mean", 0));
      for (int p : PERCENTILES) {
        json.writeNumberField("p" + p, row.decimal("request_time_us.p" + p, 0));
      }
      json.writeEndObject();
      json.writeRaw('\n');
      out.absorb(row);
    }

    @Override
    public void onQuiet() throws IOException {
      json.flush();
    }

    @Override
    public void close() {
      try {
        json.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
