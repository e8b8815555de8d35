package io.logstream.examples;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.ratio;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineBuilder;
import io.logstream.PushSource;
import io.logstream.RunningPipeline;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertNotifier;
import io.logstream.alert.AlertWebhook;
import io.logstream.alert.Severity;
import io.logstream.alert.Zabbix;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.index.LogHits;
import io.logstream.index.LogIndex;
import io.logstream.index.LogQuery;
import io.logstream.index.LogValues;
import io.logstream.logback.LogbackSource;
import io.logstream.match.Condition;
import io.logstream.match.Drop;
import io.logstream.match.Keep;
import io.logstream.parse.ContainerLines;
import io.logstream.parse.Convert;
import io.logstream.parse.Copy;
import io.logstream.parse.Csv;
import io.logstream.parse.Dedupe;
import io.logstream.parse.Dissect;
import io.logstream.parse.EventTime;
import io.logstream.parse.Filebeat;
import io.logstream.parse.Json;
import io.logstream.parse.KeyValue;
import io.logstream.parse.Lookup;
import io.logstream.parse.Multiline;
import io.logstream.parse.NormalizePath;
import io.logstream.parse.QueryString;
import io.logstream.parse.Redact;
import io.logstream.parse.Remove;
import io.logstream.parse.Rename;
import io.logstream.parse.Split;
import io.logstream.parse.Syslog;
import io.logstream.parse.Throttle;
import io.logstream.parse.UrlParts;
import io.logstream.sink.CsvLines;
import io.logstream.sink.Gauges;
import io.logstream.sink.Influx;
import io.logstream.sink.JsonLines;
import io.logstream.sink.Print;
import io.logstream.sink.PrometheusText;
import io.logstream.sink.Webhook;
import io.logstream.testing.AlertTester;
import io.logstream.testing.BackTest;
import io.logstream.testing.LogCapture;
import io.logstream.testing.RecordingSink;
import io.logstream.window.Window;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The short pieces of code on the guide's pages: each is compiled, and what is a part of a pipeline is built. */
class GuideSnippetsTest {
  private final PipelineBuilder app = LogStream.named("app").from(FileTail.of(Path.of("app.log"))).then(Json.fields());
  private final AlertNotifier onCall = AlertNotifier.toLog();
  private final Stage parsing = Json.fields();

  @TestFactory Stream<DynamicTest> canBeBuilt() {
    return Arrays.stream(GuideSnippetsTest.class.getDeclaredMethods())
        .filter(method -> method.getReturnType() == PipelineBuilder.class && method.getParameterCount() == 0)
        .map(method -> DynamicTest.dynamicTest(method.getName(), () -> {
          PipelineBuilder pipeline = (PipelineBuilder) method.invoke(new GuideSnippetsTest());
          assertThat(pipeline.to(new RecordingSink()).build().describe()).isNotBlank();
        }));
  }

  PipelineBuilder routes() {
    Path others = Path.of("others.jsonl");
    return app
        // tag::routes[]
        .then("orders", Keep.when(field("service").is("orders")).otherwise(Grok.pattern("%{SYSLOGLINE}").to(JsonLines.to(others))))
        // end::routes[]
        ;
  }

  void push(LogIndex index, Instant placedAt) {
    // tag::push[]
    PushSource orders = PushSource.named("orders").holding(8_192).waitingAtMost(ofMillis(50));
    RunningPipeline running = LogStream.named("shop").from(orders).to(index).build().start();

    orders.push("order 4711 accepted");
    orders.push(placedAt, "order 4712 refused", Map.of("tenant", "acme", "cents", 1_990));
    // end::push[]
    running.close();
  }

  PipelineBuilder gauges() {
    return app
        // tag::gauges[]
        .then(Window.tumbling(ofMinutes(1)).by("request").aggregate(count(), percentiles("seconds", 50, 99)))
        .to(Gauges.named("requests"))
        // end::gauges[]
        ;
  }

  PipelineBuilder convert() {
    return app
        // tag::convert[]
        .then(Convert.numbers("status", "bytes")).then(Convert.decimals("seconds"))
        .then(Lookup.of(Map.of("cart", "shop", "pay", "billing")).from("service").into("team").otherwise("unknown"))
        .then(Rename.field("status").to("http.status"))
        .then(Copy.field("message").to("original"))
        .then(Remove.fields("agent", "ident"))
        // end::convert[]
        ;
  }

  PipelineBuilder csv() {
    return app
        // tag::csv[]
        .then(Csv.columns("id", "name", "", "price"))     // the third column is left out
        .then(Csv.header().tabs())                        // names stand in the first line of each file
        .then(Csv.wholeRecords()).then(Csv.columns("id", "name"))   // values may hold line ends
// end::csv[]
        ;
  }

  PipelineBuilder dedupe() {
    return app
        // tag::dedupe[]
        .then(Dedupe.by("host", "message").within(ofMinutes(5)))
        .then(Throttle.by("service").atMost(1000).per(ofMinutes(1)))
        .then(Keep.oneIn(10).of(field("level").is("DEBUG")))      // samples
        // end::dedupe[]
        ;
  }

  PipelineBuilder dissect() {
    return app
        // tag::dissect[]
        .then(Dissect.pattern("%{time} %{+time} [%{thread}] %{level->} %{logger}: %{message}"))
        // end::dissect[]
        ;
  }

  PipelineBuilder drop() {
    return app
        // tag::drop[]
        .then(Drop.when(field("request").startsWith("/health")))
        .then("no-request", Drop.when(field("response").is(408).and(Condition.not(field("request").exists()))))
        // end::drop[]
        ;
  }

  /** One or the other: a pipeline gives its events their time once. */
  PipelineBuilder eventTime(PipelineBuilder either) {
    return either
        // tag::event-time[]
        .then(EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z").outOfOrder(ofSeconds(30)))
        .then(EventTime.from("ts", "ISO8601").orElse("ts", "UNIX_MS").in(ZoneId.of("Europe/Berlin")))
// end::event-time[]
        ;
  }

  Pipeline filebeat() {
    Source topic = FileTail.of(Path.of("topic.jsonl"));
    Path path = Path.of("ecs.jsonl");
    // tag::filebeat[]
    Pipeline proton = LogStream.named("proton").from(topic)
        .then(Filebeat.envelope())
        .then(Dissect.pattern("%{t} %{+t} [ %{pid} ] {%{query}} <%{level}> %{logger}: %{text}"))
        .then(EventTime.from("t", "yyyy.MM.dd HH:mm:ss.SSSSSS"))
        .to(JsonLines.to(path).ecs())
        .build();
    // end::filebeat[]
    return proton;
  }

  PipelineBuilder grok() {
    return app
        // tag::grok[]
        .then(Grok.pattern("%{COMBINEDAPACHELOG} %{NUMBER:seconds:double}"))

        .then(Grok.pattern("%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level} %{ORDER:order} %{GREEDYDATA:message}")
            .define("ORDER", "O-%{POSINT}")
            .orElse("%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level} %{GREEDYDATA:message}")
            .missesTagged("unparsed"))
// end::grok[]
        ;
  }

  PipelineBuilder json() {
    return app
        // tag::json[]
        .then(Json.fields())
        .then(Json.fields().from("payload").under("app"))
// end::json[]
        ;
  }

  PipelineBuilder keep() {
    return app
        // tag::keep[]
        .then(Keep.when(field("level").isOneOf("WARN", "ERROR")))
        .then(Keep.oneIn(100).of(field("level").is("DEBUG")))
        // end::keep[]
        ;
  }

  PipelineBuilder keyValue() {
    return app
        // tag::key-value[]
        .then(KeyValue.fields())                                   // level=info msg="all well" n=5
        .then(KeyValue.fields().pairsAt(';').valuesAt(':'))        // level: info; msg: all well
// end::key-value[]
        ;
  }

  void logIndex(Path log, Stage grok) {
    // tag::log-index[]
    try (LogIndex index = LogIndex.inMemory(ofHours(6));
        RunningPipeline running = LogStream.named("nginx").from(FileTail.of(log)).then(grok).to(index).build().start()) {

      LogHits failing = index.search("status>=500 \"connection refused\" last:15m");
      failing.forEach(hit -> show(hit.time(), hit.message(), hit.fields()));
      LogValues busiest = index.topValues(LogQuery.parse("status>=500 last:1h"), "request", 10);
      busiest.values().forEach(one -> show(one.value(), one.count()));
    }
    // end::log-index[]
  }

  void indexInADirectory(Path dir) {
    // tag::log-index-in[]
    try (LogIndex index = LogIndex.in(Path.of("/var/lib/shop/index"), Duration.ofDays(365));
        LogIndex byClient = LogIndex.tenant("client").in(dir, Duration.ofDays(7))) {
      // end::log-index-in[]
      show(Instant.EPOCH, index.toString(), Map.of("clients", byClient.size()));
    }
  }

  private static void show(String value, long count) {
    assertThat(count).as(value).isPositive();
  }

  private static void show(Instant time, String message, Map<String, Object> fields) {
    assertThat(fields).as("%s %s", time, message).isNotNull();
  }

  PipelineBuilder containerLines() {
    return
        // tag::container-lines[]
        LogStream.named("pods").from(FileTail.matching(Path.of("/var/log/containers"), "*.log"))
            .then(ContainerLines.any())
            .then(Multiline.traces())
        // end::container-lines[]
        ;
  }

  PipelineBuilder multiline() {
    Path log = Path.of("app.log");
    return
        // tag::multiline[]
        LogStream.named("app").from(FileTail.of(log))
            .then(Multiline.startingWith("^\\d{4}-\\d\\d-\\d\\d "))
        // end::multiline[]
        ;
  }

  PipelineBuilder redact() {
    return app
        // tag::redact[]
        .then(Redact.matching("(?<=password=)\\S+"))
        .then(Redact.matching("\\b\\d{4}-\\d{4}-\\d{4}-\\d{4}\\b").with("[card]"))
        // end::redact[]
        ;
  }

  PipelineBuilder split() {
    return app
        // tag::split[]
        .then(Split.before("<\\d+>"))      // "a<1>b", "c<2>d" become "a", "<1>b\nc", "<2>d"
        // end::split[]
        ;
  }

  PipelineBuilder syslog() {
    return app
        // tag::syslog[]
        .then(Syslog.any().in(ZoneId.of("Europe/Berlin")))
        .then(EventTime.from("timestamp", "UNIX_MS"))
        // end::syslog[]
        ;
  }

  PipelineBuilder urls() {
    return app
        // tag::urls[]
        .then(UrlParts.of("request"))                       // url.scheme, url.username, url.domain, url.port, url.path, url.query, url.fragment
        .then(QueryString.of("request").under("query"))     // query.<name>, percent-decoded
        .then(NormalizePath.of("request").into("route"))    // /orders/123?page=2 -> /orders/{id}
        // end::urls[]
        ;
  }

  Stage window() {
    return
        // tag::window[]
        Window.tumbling(ofMinutes(5)).by("request").maxKeys(2_000)
            .aggregate(count(), mean("seconds"), percentiles("seconds", 50, 90, 99), ratio("5xx", field("status").atLeast(500)))
        // end::window[]
        ;
  }

  PipelineBuilder print() {
    return app
        // tag::print[]
        .to(Print.toStdout())                 // or Print.to(printStream), which stays open
        // end::print[]
        ;
  }

  PipelineBuilder jsonLines() {
    return app
        // tag::json-lines[]
        .to(JsonLines.to(Path.of("out/rows.jsonl")))
        // end::json-lines[]
        ;
  }

  PipelineBuilder csvLines() {
    return app
        // tag::csv-lines[]
        .to(CsvLines.to(Path.of("out/rows.csv")).columns("window.start", "request", "count", "seconds.p99").rollEvery(Duration.ofDays(1)).gzip())
        // end::csv-lines[]
        ;
  }

  PipelineBuilder webhook() {
    String secret = "secret";
    return app
        // tag::webhook[]
        .to(Webhook.to(URI.create("https://hooks.example/in")).signedWith(secret).atMost(100))
        // end::webhook[]
        ;
  }

  PipelineBuilder influx() {
    String token = "secret";
    return app
        // tag::influx[]
        .to(Influx.to(URI.create("http://localhost:8086")).database("logs").measurement("latency"))
        .to(Influx.to(URI.create("https://influx.example:8086")).bucket("org", "logs").token(token).measurementBy("app"))
        // end::influx[]
        ;
  }

  void prometheus(Pipeline pipeline) {
    // tag::prometheus[]
    PrometheusText metrics = PrometheusText.servedAt(9464);      // http://127.0.0.1:9464/metrics, this machine only
    pipeline.meteredBy(metrics).start();
    // end::prometheus[]
  }

  PipelineBuilder alert() {
    return app
        // tag::alert[]
        .to(Alert.named("slow").over(Window.sliding(ofMinutes(5)).by("endpoint").aggregate(count(), percentiles("duration", 99)))
            .when(field("duration.p99").above(ofMillis(800)).and(field("count").atLeast(50)))
            .lasting(ofMinutes(10)).clearAfter(ofMinutes(5)).atMostEvery(ofMinutes(30)).severity(Severity.PAGE).notify(onCall))
        // end::alert[]
        ;
  }

  private Alert slow() {
    return Alert.named("slow").over(Window.sliding(ofMinutes(5)).by("endpoint").aggregate(count())).when(field("count").atLeast(50)).notify(onCall);
  }

  void alertTests(List<String> lines, Path[] files, Instant from, Instant to) {
    // tag::alert-tests[]
    AlertTester.of(slow()).parsing(parsing).feed(lines).fired("/search", at("10:15:00")).resolved("/search", at("10:40:00")).andNothingElse();
    BackTest.of(slow()).parsing(parsing).over(files).between(from, to).trying("lasting", ZERO, ofMinutes(2), ofMinutes(10)).run();
    // end::alert-tests[]
  }

  private static Instant at(String time) {
    return Instant.parse("2026-11-20T" + time + "Z");
  }

  /** A stranger's code under test. */
  private interface Checkout {
    void pay(int order);
  }

  void logCapture(Checkout checkout, int order) {
    // tag::log-capture[]
    try (LogCapture log = LogCapture.of(LogbackSource.logger("com.shop")).strict().allowing(field("message").contains("card declined"))) {
      checkout.pay(order);
      assertThat(log.messages()).contains("order 4711 paid");
      log.logged(field("level").is("WARN").and(field("tenant").is("acme")));
    }
    // end::log-capture[]
  }

  void fileTail() {
    // tag::file-tail[]
    LogStream.named("nginx").from(FileTail.of(Path.of("/var/log/nginx/access.log")));
    LogStream.named("apps").from(FileTail.matching(Path.of("/var/log/apps"), "*.log").excluding("debug*"));
    LogStream.named("yesterday").from(FileTail.once(Path.of("access.log.1.gz"), Path.of("access.log")));
    // end::file-tail[]
  }

  PipelineBuilder notifiers() {
    List<String> pager = new ArrayList<>();
    return app
        // tag::notifiers[]
        .to(Alert.named("disk").when(field("free").below(0.1))
            .notify(alert -> pager.add(alert.name()))
            .notify(AlertWebhook.to(URI.create("https://hooks.example/disk")).header("X-Team", "storage"))
            .notify(Zabbix.server("zabbix.example").host("web-1").item("disk.alert")))
        // end::notifiers[]
        ;
  }
}
