package io.logstream.grok;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.logstream.FieldUse;
import io.logstream.LogStream;
import io.logstream.Outboxed;
import io.logstream.Pipeline;
import io.logstream.PipelineBuilder;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.alert.Alert;
import io.logstream.file.FileTail;
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
import io.logstream.parse.Json;
import io.logstream.parse.KeyValue;
import io.logstream.parse.Lookup;
import io.logstream.parse.Multiline;
import io.logstream.parse.NormalizePath;
import io.logstream.parse.Redact;
import io.logstream.parse.Remove;
import io.logstream.parse.Rename;
import io.logstream.parse.Syslog;
import io.logstream.parse.Throttle;
import io.logstream.parse.UrlParts;
import io.logstream.sink.CsvLines;
import io.logstream.sink.Influx;
import io.logstream.window.Window;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pipelines that cannot work, each with what {@code build()}, or the factory before it, says about it. */
class WrongPipelinesTest {
  private static final Sink SINK = Sink.each(e -> { });
  private static final Grok ACCESS = Grok.pattern("%{WORD:verb} %{NOTSPACE:request} %{NUMBER:response:int} %{NUMBER:seconds:double}");

  private static PipelineBuilder from(Source source) {
    return LogStream.named("nginx").from(source);
  }

  private static PipelineBuilder tail() {
    return from(FileTail.of(Path.of("access.log")));
  }

  /** A sink that says which fields it reads. */
  private static Sink reading(String... fields) {
    return new Sink() {
      @Override
      public Processor open(StageContext context) {
        return (event, out) -> out.absorb(event);
      }

      @Override
      public FieldUse fieldUse() {
        return FieldUse.reading(fields);
      }
    };
  }

  private static Arguments refused(Supplier<?> pipeline, String message) {
    return arguments(pipeline, message);
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        // text against a typed number
        refused(() -> tail().then(ACCESS).then(Drop.when(field("response").is("503"))).build(),
            "pipeline 'nginx', stage 'Drop': it compares the field 'response' with the text \"503\", but stage 'Grok' makes it a whole number; compare it with a number: is(503)"),
        refused(() -> tail().then(ACCESS).then(Keep.when(field("verb").is("GET").and(Condition.not(field("response").isOneOf("500", 503))))).build(),
            "pipeline 'nginx', stage 'Keep': it compares the field 'response' with the text \"500\", but stage 'Grok' makes it a whole number; compare it with a number: is(500)"),
        refused(() -> tail().then(ACCESS).then(Drop.when(field("seconds").is("slow"))).build(),
            "pipeline 'nginx', stage 'Drop': it compares the field 'seconds' with the text \"slow\", but stage 'Grok' makes it a decimal; no number is equal to that text"),
        refused(() -> tail().then(ACCESS).branch("errors", b -> b.then(Keep.oneIn(10).of(field("response").is("503"))).to(SINK)).build(),
            "pipeline 'nginx', stage 'errors/Keep': it compares the field 'response' with the text \"503\", but stage 'Grok' makes it a whole number; compare it with a number: is(503)"),
        refused(() -> tail().then(Dissect.pattern("%{status} %{rest}")).then("typed", Convert.numbers("status")).then(Drop.when(field("status").is("200"))).build(),
            "pipeline 'nginx', stage 'Drop': it compares the field 'status' with the text \"200\", but stage 'typed' makes it a whole number; compare it with a number: is(200)"),
        refused(() -> tail().then(Syslog.any()).then(Drop.when(field("severity").is("7"))).build(),
            "pipeline 'nginx', stage 'Drop': it compares the field 'severity' with the text \"7\", but stage 'Syslog' makes it a whole number; compare it with a number: is(7)"),
        refused(() -> from(FileTail.of(Path.of("a")).field("rack", 7)).then(Drop.when(field("rack").is("7"))).build(),
            "pipeline 'nginx', stage 'Drop': it compares the field 'rack' with the text \"7\", but source 'a' makes it a whole number; compare it with a number: is(7)"),
        refused(() -> tail().then(ACCESS).then(Lookup.of(Map.of("GET", 1, "POST", 2)).from("verb").into("weight")).then(Keep.when(field("weight").is("2"))).build(),
            "pipeline 'nginx', stage 'Keep': it compares the field 'weight' with the text \"2\", but stage 'Lookup' makes it a whole number; compare it with a number: is(2)"),
        // fields that nothing yields
        refused(() -> tail().then(ACCESS).then(Drop.when(field("respones").atLeast(500))).build(),
            "pipeline 'nginx', stage 'Drop': it reads the field 'respones', which nothing before it yields; did you mean response?"),
        refused(() -> tail().then(ACCESS).then(EventTime.from("timestamp", "ISO8601")).build(),
            "pipeline 'nginx', stage 'EventTime': it reads the field 'timestamp', which nothing before it yields; there are request, response, seconds, verb"),
        refused(() -> tail().then(Multiline.startingWith("^\\d")).then(Drop.when(field("level").is("DEBUG"))).build(),
            "pipeline 'nginx', stage 'Drop': it reads the field 'level', which nothing before it yields; there are only the built-in ones: message, file, host, offset, line"),
        refused(() -> tail().then(ACCESS).then(Window.tumbling(Duration.ofMinutes(1)).by("Request").aggregate(count())).build(),
            "pipeline 'nginx', stage 'Window': it reads the field 'Request', which nothing before it yields; did you mean request?"),
        refused(() -> tail().then(ACCESS).then(Window.tumbling(Duration.ofMinutes(1)).aggregate(mean("second"))).build(),
            "pipeline 'nginx', stage 'Window': it reads the field 'second', which nothing before it yields; did you mean seconds?"),
        refused(() -> tail().then(ACCESS).then(Window.tumbling(Duration.ofMinutes(1)).by("request").aggregate(count())).then(Keep.when(field("response").atLeast(500))).build(),
            "pipeline 'nginx', stage 'Keep': it reads the field 'response', which nothing before it yields; there are closedBy, count, early, overflow, partial, request, revision, window.end, "
                + "window.start, withdrawn"),
        refused(() -> tail().then(ACCESS).then(Remove.fields("verb")).then(Dedupe.by("verb")).build(),
            "pipeline 'nginx', stage 'Dedupe': it reads the field 'verb', which stage 'Remove' has taken away"),
        refused(() -> tail().then(ACCESS).then(Rename.field("request").to("path")).then(NormalizePath.of("request")).build(),
            "pipeline 'nginx', stage 'NormalizePath': it reads the field 'request', which stage 'Rename' has taken away"),
        refused(() -> tail().then(ACCESS).then(Rename.field("url").to("path")).build(),
            "pipeline 'nginx', stage 'Rename': it reads the field 'url', which nothing before it yields; there are request, response, seconds, verb"),
        refused(() -> tail().then(Csv.columns("a", "b")).then(Convert.decimals("c")).build(),
            "pipeline 'nginx', stage 'Convert': it reads the field 'c', which nothing before it yields; there are a, b"),
        refused(() -> tail().then(Json.fields().under("app")).then(Drop.when(field("level").is("DEBUG"))).build(),
            "pipeline 'nginx', stage 'Drop': it reads the field 'level', which nothing before it yields; did you mean app.level?"),
        refused(() -> tail().then(UrlParts.of("url")).build(),
            "pipeline 'nginx', stage 'UrlParts': it reads the field 'url', which nothing before it yields; there are only the built-in ones: message, file, host, offset, line"),
        refused(() -> tail().then(ACCESS).branch("slow", b -> b.then(Copy.field("took").to("t")).to(SINK)).build(),
            "pipeline 'nginx', stage 'slow/Copy': it reads the field 'took', which nothing before it yields; there are request, response, seconds, verb"),
        refused(() -> tail().then(ACCESS).branch("more", b -> b.then(UrlParts.of("request")).to(SINK)).then(Throttle.by("url.path")).build(),
            "pipeline 'nginx', stage 'Throttle': it reads the field 'url.path', which nothing before it yields; there are request, response, seconds, verb"),
        refused(() -> from(FileTail.of(Path.of("a")).then(Dissect.pattern("%{x} %{y}")).then(Drop.when(field("z").exists()))).to(SINK).build(),
            "pipeline 'nginx', stage 'a/Drop': it reads the field 'z', which nothing before it yields; there are x, y"),
        refused(() -> tail().then(Redact.matching("x+")).then(KeyValue.fields().from("payload")).build(),
            "pipeline 'nginx', stage 'KeyValue': it reads the field 'payload', which nothing before it yields; there are only the built-in ones: message, file, host, offset, line"),
        refused(() -> tail().then(Multiline.partial("partial_message")).build(),
            "pipeline 'nginx', stage 'Multiline': it reads the field 'partial_message', which nothing before it yields; there are only the built-in ones: message, file, host, offset, line"),
        refused(() -> tail().then(ACCESS).to(Alert.named("5xx").when(field("respnse").atLeast(500)).notify(fired -> { })).build(),
            "pipeline 'nginx', stage '5xx/rule': it reads the field 'respnse', which nothing before it yields; did you mean response?"),
        refused(() -> tail().then(ACCESS).then(Window.tumbling(Duration.ofMinutes(1)).aggregate(count(), mean("seconds")))
                .to(Alert.named("slow").when(field("seconds").above(2)).notify(fired -> { })).build(),
            "pipeline 'nginx', stage 'slow/rule': it reads the field 'seconds', which nothing before it yields; did you mean seconds.mean?"),
        refused(() -> tail().then(ACCESS).branch("b", b -> b.to(Alert.named("5xx").when(field("response").is(500)).by("hst").notify(fired -> { }))).build(),
            "pipeline 'nginx', stage 'b/5xx/rule': it reads the field 'hst', which nothing before it yields; there are request, response, seconds, verb"),
        refused(() -> tail().then(ACCESS).to(Alert.named("5xx").when(field("response").is("503")).notify(fired -> { })).build(),
            "pipeline 'nginx', stage '5xx/rule': it compares the field 'response' with the text \"503\", but stage 'Grok' makes it a whole number; compare it with a number: is(503)"),
        refused(() -> tail().then(ACCESS).to(Keep.when(field("verbs").is("GET")).to(SINK)).build(),
            "pipeline 'nginx', stage 'Keep/Keep': it reads the field 'verbs', which nothing before it yields; did you mean verb?"),
        refused(() -> tail().then(ACCESS).to("by user", reading("user")).build(),
            "pipeline 'nginx', sink 'by user': it reads the field 'user', which nothing before it yields; there are request, response, seconds, verb"),
        refused(() -> tail().then(ACCESS).to(CsvLines.to(Path.of("out.csv")).columns("time", "verb", "message", "reponse")).build(),
            "pipeline 'nginx', sink 'CsvLines': it reads the field 'reponse', which nothing before it yields; did you mean response?"),
        refused(() -> tail().then(ACCESS).to(Outboxed.sink(Influx.to(URI.create("http://localhost:8086")).database("logs").tags("verb", "hots"))).build(),
            "pipeline 'nginx', sink 'Influx': it reads the field 'hots', which nothing before it yields; there are request, response, seconds, verb"),
        refused(() -> tail().then(ACCESS).then(Rename.field("response").to("status")).then(Drop.when(field("status").is("503"))).build(),
            "pipeline 'nginx', stage 'Drop': it compares the field 'status' with the text \"503\", but stage 'Grok' makes it a whole number; compare it with a number: is(503)"),
        refused(() -> tail().then(Json.fields()).then(EventTime.from("", "UNIX")).build(), "pipeline 'nginx', stage 'EventTime': it was given an empty text as the name of a field"),
        refused(() -> tail().then(Json.fields()).then(Window.tumbling(Duration.ofMinutes(1)).by("")).build(), "pipeline 'nginx', stage 'Window': it was given an empty text as the name of a field"),
        refused(() -> FileTail.of(Path.of("a")).field("", 1), "Source.field was given an empty text as the name of a field"),
        // patterns that are never reached
        refused(() -> tail().then(Grok.pattern("%{WORD:a} %{INT:b}").orElse("%{WORD:a} %{INT:b}")).build(),
            "pipeline 'nginx', stage 'Grok': pattern 2 '%{WORD:a} %{INT:b}' can never be reached: pattern 1 '%{WORD:a} %{INT:b}' matches whatever it matches; put it before that one, "
                + "or leave it out"),
        refused(() -> tail().then(Grok.pattern("%{GREEDYDATA:rest}").orElse("%{WORD:a} %{INT:b}")).build(),
            "pipeline 'nginx', stage 'Grok': pattern 2 '%{WORD:a} %{INT:b}' can never be reached: pattern 1 '%{GREEDYDATA:rest}' matches whatever it matches; put it before that one, "
                + "or leave it out"),
        refused(() -> tail().then(Grok.pattern("%{WORD:a}").orElse("%{WORD:a} %{INT:b}").anywhere()).build(),
            "pipeline 'nginx', stage 'Grok': pattern 2 '%{WORD:a} %{INT:b}' can never be reached: pattern 1 '%{WORD:a}' matches whatever it matches; put it before that one, or leave "
                + "it out"),
        // what stages refuse by themselves
        refused(() -> tail().then(Grok.pattern("%{COMBINEDAPCHELOG}")).build(),
            "pipeline 'nginx', stage 'Grok': pattern names %{COMBINEDAPCHELOG}, which is not defined; did you mean COMBINEDAPACHELOG?"),
        refused(() -> tail().then(Lookup.of(Map.of("a", 1)).from("file")).build(),
            "pipeline 'nginx', stage 'Lookup': Lookup.of(map) needs into(field), the field to put what is found"),
        refused(() -> tail().then(ACCESS).then(EventTime.from("request", "UNIX")).then(EventTime.from("verb", "UNIX")).build(),
            "pipeline 'nginx' gives events of source 'access.log' their time 2 times; keep one such stage on the way, or use orElse(..) for several formats"),
        refused(() -> EventTime.from("t", "UNIX").orElse("u", "UNIX").orElse("t", "UNIX"),
            "the time is already looked for in field 't' as UNIX, so looking there again finds nothing"),
        refused(() -> Dissect.pattern("%{a}%{b}"), "Dissect.pattern(\"%{a}%{b}\"): nothing stands between %{a} and %{b} to cut at"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void isRefused(Supplier<?> pipeline, String message) {
    assertThatThrownBy(pipeline::get).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test void thereAreThirtyOfThem() {
    assertThat(wrong().count()).isGreaterThanOrEqualTo(30);
  }

  static Stream<Supplier<Pipeline>> right() {
    Condition is503 = field("response").is("503");
    return Stream.of(
        // a number literal, and text against text
        () -> tail().then(ACCESS).then(Drop.when(field("response").is(503).or(field("verb").is("GET")).or(field("response").startsWith("5")))).build(),
        // a stage that does not say what it yields may yield anything
        () -> tail().then(ACCESS).then(Stage.each(e -> e.put("response", "503"))).then(Drop.when(is503)).build(),
        () -> tail().then(Stage.inOrder(e -> e.put("x", 1))).then(Dedupe.by("x")).build(),
        // so may a source, and a parser of names that stand in the data
        () -> from(context -> null).then(Drop.when(field("logger").is("a.B"))).build(),
        () -> tail().then(ACCESS).then(Json.fields().from("request")).then(Drop.when(is503)).build(),
        () -> tail().then(Json.fields().under("app")).then(Drop.when(field("app.level").is("DEBUG"))).build(),
        () -> tail().then(Csv.header()).then(Convert.numbers("n")).build(),
        // converted back
        () -> tail().then(ACCESS).then(Convert.texts("response")).then(Drop.when(is503)).build(),
        // one of two sources has it, and types that differ
        () -> from(FileTail.of(Path.of("a")).then(ACCESS)).then(Drop.when(field("verb").exists())).build(),
        () -> LogStream.named("two").from(FileTail.of(Path.of("a")).field("rack", 1), FileTail.of(Path.of("b")).field("rack", "b").field("x", 1))
            .then(Drop.when(field("rack").is("1").and(field("x").is(1)))).build(),
        // what a branch does is not seen behind it, and a field taken away can come again
        () -> tail().then(ACCESS).branch("b", b -> b.then(Remove.fields("verb")).to(SINK)).then(Dedupe.by("verb")).build(),
        () -> tail().then(ACCESS).then(Remove.fields("verb")).then(Copy.field("request").to("verb")).then(Dedupe.by("verb", "file", "line", "message")).build(),
        () -> tail().then(ContainerLines.any()).then(Multiline.traces().by("stream")).then(Json.fields().under("app"))
            .then(Drop.when(field("container.partial").is(true).or(field("app.level").is("DEBUG")))).build(),
        // a sink that reads what is there, and an alert on what a window makes
        () -> tail().then(ACCESS).to(reading("verb", "message", "file")).then(Window.tumbling(Duration.ofMinutes(1)).by("request").aggregate(count()))
            .to(Alert.named("many").when(field("count").above(5)).by("request").notify(fired -> { })).build(),
        () -> tail().then(ACCESS).then(Copy.field("response").to("status")).then(Drop.when(field("status").is(503))).build(),
        // patterns of which the later one can still match
        () -> tail().then(Grok.pattern("%{WORD:a}").orElse("%{WORD:a} %{INT:b}")).build(),
        () -> tail().then(Grok.pattern("%{WORD:a}").orElse("%{WORD:a} %{INT:b}|x").anywhere()).build(),
        () -> tail().then(Grok.pattern("%{GREEDYDATA:a}").define("GREEDYDATA", "x+").orElse("%{WORD:a}")).build(),
        () -> tail().then(Grok.pattern("%{INT:n:int}").orElse("%{WORD:n}").missesTagged("miss")).then(Drop.when(field("n").is("5").and(field("tags").is("miss")))).build());
  }

  @ParameterizedTest
  @MethodSource("right")
  void isBuilt(Supplier<Pipeline> pipeline) {
    assertThatCode(pipeline::get).doesNotThrowAnyException();
  }

  @Test void anAlertWorksOutNoPercentileOfTextUnlessThePatternSaysThatItIsANumber() {
    Alert slow = Alert.parse("alert slow: p99(took) over 5m > 800").notify(alert -> { });
    assertThatThrownBy(() -> tail().then(Grok.pattern("%{WORD:verb} %{NOTSPACE:took}")).to(slow).build())
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("it works out numbers from the field 'took', but stage 'Grok' makes it text");
    for (String pattern : List.of("%{WORD:verb} %{NUMBER:took}", "%{WORD:verb} %{NOTSPACE:took:double}", "%{WORD:verb} (?:%{INT:took}|-)")) {
      assertThatCode(() -> tail().then(Grok.pattern(pattern)).to(slow).build()).as(pattern).doesNotThrowAnyException();
    }
  }

  @Test void grokSaysWhatItYields() {
    assertThat(ACCESS.fieldUse()).hasToString("reads [message], yields {verb=text, request=text, response=a whole number, seconds=a decimal}, removes []");
    assertThat(FieldUse.unknown()).hasToString("unknown");
  }
}
