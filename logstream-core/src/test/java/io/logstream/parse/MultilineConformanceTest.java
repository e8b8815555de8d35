package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Source;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.TooLong;
import io.logstream.file.FileTail;
import io.logstream.parse.Multiline.Unstarted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The cases of other log tools, read from the file that {@code -Dlogstream.conformance.multiline=FILE} names. Their settings are said in our
 * words; every case runs with the joining in the reader and on the trunk. Which cases are left out, and why, stands in
 * {@code src-site/decisions/0013-multiline-cases.md}.
 */
class MultilineConformanceTest {
  private static final String FILE = "logstream.conformance.multiline";
  private static final Stage NOTHING = Stage.inOrder(event -> { });
  /** What the grok patterns of the cases stand for. */
  private static final Map<String, String> GROK = Map.of("%{NUMBER}", "[+-]?\\d+(?:\\.\\d+)?", "%{TIME}", "\\d{1,2}:\\d{2}:\\d{2}(?:\\.\\d+)?");

  @TempDir Path dir;

  @TestFactory
  Stream<DynamicTest> givesTheEventsOfItsPeers() throws IOException {
    String file = System.getProperty(FILE);
    assumeTrue(file != null && !file.isEmpty(), "skipped: name the file of cases with -D" + FILE + "=FILE");
    return Files.readAllLines(Path.of(file)).stream().filter(line -> !line.isBlank()).map(MultilineConformanceTest::parsed)
        .map(one -> DynamicTest.dynamicTest(one.get("id") + " " + one.get("source") + " " + one.get("origin"), () -> run(new Case(one))));
  }

  /** A case, by the names of its keys. */
  private record Case(Map<String, Object> all) {
    @SuppressWarnings("unchecked")
    Map<String, Object> config() {
      return (Map<String, Object>) all.get("config");
    }

    String set(String key) {
      return (String) config().get(key);
    }

    boolean is(String key) {
      return Boolean.TRUE.equals(config().get(key));
    }

    int number(String key, int otherwise) {
      return config().get(key) instanceof Number n ? n.intValue() : otherwise;
    }

    @SuppressWarnings("unchecked")
    <T> List<T> list(String key) {
      return (List<T>) all.getOrDefault(key, List.of());
    }

    boolean has(String key) {
      return all.containsKey(key);
    }

    int timeout() {
      return Stream.of("timeout_ms", "force_flush_ms", "flush_ms", "expiration_ms").filter(config()::containsKey).map(k -> number(k, 0)).findFirst()
          .orElse(1000);
    }
  }

  private void run(Case one) throws IOException {
    if ("stream".equals(one.all.get("kind"))) {
      stream(one);
      return;
    }
    List<Stage> stages = stages(one);
    lines(one, stages);
    List<Stage> behind = new ArrayList<>(List.of(NOTHING));
    behind.addAll(stages);
    lines(one, behind);
  }

  // ---------------------------------------------------------------- lines

  private static void lines(Case one, List<Stage> stages) {
    List<String> lines = one.list("lines");
    List<String> keys = one.list("keys");
    List<Object> timeouts = one.list("timeout_after_line");
    List<Object> closes = one.list("close_after_line");
    Map<?, ?> pauses = (Map<?, ?>) one.all.getOrDefault("pause_ms_after_line", Map.of());
    long gap = one.all.get("line_gap_ms") instanceof Number n ? n.longValue() : 0;
    Object restart = one.all.getOrDefault("restart_after_line", -1L);
    boolean inReader = stages.get(0) != NOTHING;
    try (Script script = new Script(stages)) {
      for (long i = 0; i < lines.size(); i++) {
        int at = (int) i;
        script.line(keys.isEmpty() ? "log" : keys.get(at), lines.get(at), fields(one, at));
        if (closes.contains(i)) {
          if (inReader) {
            script.endOfFile("log");
          } else {
            script.pass(Duration.ofMillis(one.timeout()));
          }
        }
        Object pause = pauses.get(Long.toString(i));
        if (pause != null || gap > 0) {
          int before = script.events.size();
          script.pass(Duration.ofMillis(pause == null ? gap : ((Number) pause).longValue()));
          assertThat(script.events).hasSize(before);
        }
        if (timeouts.contains(i)) {
          script.pass(Duration.ofMillis(one.timeout() + 1));
        }
        if (restart.equals(i)) {
          script.restart();
        }
      }
      if (one.has("pending")) {
        check(one, script);
        script.end();
        List<String> all = new ArrayList<>(one.list("events"));
        all.addAll(one.list("pending"));
        assertThat(script.messages()).isEqualTo(all);
        return;
      }
      script.end();
      check(one, script);
    }
  }

  private static Map<String, ?> fields(Case one, int line) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (one.has("partial")) {
      fields.put("more", one.list("partial").get(line));
    }
    if (one.has("partial_last")) {
      fields.put("more", !(Boolean) one.list("partial_last").get(line));
      fields.put("id", one.list("partial_id").get(line));
    }
    return fields;
  }

  private static void check(Case one, Script script) {
    List<String> expected = one.list("events");
    if (hasDocker(one)) {
      expected = expected.stream().map(e -> e.endsWith("\n") ? e.substring(0, e.length() - 1) : e).toList();
    }
    List<String> eventKeys = one.list("event_keys");
    if ("per_key".equals(one.all.get("order"))) {
      Map<String, List<String>> byKey = new TreeMap<>();
      for (int i = 0; i < expected.size(); i++) {
        byKey.computeIfAbsent(eventKeys.get(i), k -> new ArrayList<>()).add(expected.get(i));
      }
      Map<String, List<String>> came = new TreeMap<>();
      script.events.forEach(event -> came.computeIfAbsent(event.text("file"), k -> new ArrayList<>()).add(event.message()));
      assertThat(came).isEqualTo(byKey);
      return;
    }
    assertThat(script.messages()).isEqualTo(expected);
    if (!eventKeys.isEmpty()) {
      assertThat(script.events).extracting(e -> e.text("file")).isEqualTo(eventKeys);
    }
    List<List<String>> flags = one.list("flags");
    for (int i = 0; i < flags.size(); i++) {
      LogEvent event = script.events.get(i);
      assertThat(Boolean.TRUE.equals(event.value("truncated"))).isEqualTo(flags.get(i).contains("truncated"));
      assertThat(event.number("lines", 1) > 1).isEqualTo(flags.get(i).contains("multiline"));
    }
    List<Number> bytes = one.list("bytes");
    long at = 0;
    for (int i = 0; i < bytes.size(); i++) {
      assertThat(script.events.get(i).position().offset()).isEqualTo(at);
      at += bytes.get(i).longValue();
    }
    List<Number> offsets = one.list("offsets");
    for (int i = 0; i < offsets.size(); i++) {
      assertThat(script.events.get(i).position().offset()).isEqualTo(offsets.get(i).longValue());
    }
  }

  private static boolean hasDocker(Case one) {
    return one.is("docker_mode") || one.config().get("multiline.parser") instanceof List<?> list && list.contains("docker");
  }

  // ---------------------------------------------------------------- settings

  private static List<Stage> stages(Case one) {
    return switch ((String) one.all.get("source")) {
      case "vector" -> List.of(vector(one));
      case "filebeat" -> List.of(filebeat(one));
      case "otel" -> List.of(otel(one));
      case "telegraf" -> List.of(telegraf(one));
      case "logstash" -> List.of(logstash(one));
      case "fluentbit" -> fluentBit(one);
      case "detect-exceptions" -> List.of(detectExceptions(one));
      default -> throw new IllegalArgumentException("unknown source " + one.all.get("source"));
    };
  }

  private static String regex(String pattern) {
    return pattern.startsWith("^{") ? "^\\{" + pattern.substring(2) : pattern;
  }

  private static Multiline timed(Case one, Multiline multiline) {
    return multiline.timeout(Duration.ofMillis(one.timeout()));
  }

  private static Multiline vector(Case one) {
    if ("partial_flag".equals(one.set("mode"))) {
      Multiline partial = timed(one, Multiline.partial("more")).joinedBy(one.set("join"));
      int most = one.number("max_merged_line_bytes", 0);
      return most == 0 ? partial : partial.maxBytes(most).tooLong("drop".equals(one.set("oversized")) ? TooLong.FAIL : TooLong.TRUNCATE);
    }
    String start = one.set("start_pattern");
    String condition = one.set("condition_pattern");
    return timed(one, switch (one.set("mode")) {
      case "continue_through" -> Multiline.continueThrough(start, condition);
      case "continue_past" -> Multiline.continuePast(start, condition);
      case "halt_before" -> Multiline.haltBefore(start, condition).maxLines(10_000);
      case "halt_with" -> Multiline.haltWith(start, condition);
      default -> throw new IllegalArgumentException(one.set("mode"));
    });
  }

  private static Multiline filebeat(Case one) {
    String pattern = one.set("pattern") == null ? null : regex(one.set("pattern"));
    boolean negate = one.is("negate");
    Multiline multiline = switch (one.set("type")) {
      case "count" -> Multiline.every(one.number("count_lines", 1));
      case "while_pattern" -> negate ? Multiline.whileNotMatching(pattern) : Multiline.whileMatching(pattern);
      default -> {
        boolean after = "after".equals(one.set("match"));
        if (negate && after) {
          Multiline starting = Multiline.startingWith(pattern).unstarted(Unstarted.JOINED);
          yield one.set("flush_pattern") == null ? starting : starting.until(one.set("flush_pattern"));
        }
        yield negate ? Multiline.endingWith(pattern) : after ? Multiline.continuedBy(pattern) : Multiline.continuing(pattern);
      }
    };
    multiline = timed(one, multiline).tooLong(TooLong.TRUNCATE).maxLines(one.number("max_lines", 500));
    int most = one.number("max_bytes", one.number("message_max_bytes", 0));
    return (most == 0 ? multiline : multiline.maxBytes(most)).joinedBy(one.is("skip_newline") ? "" : "\n");
  }

  private static Multiline otel(Case one) {
    boolean first = one.config().containsKey("is_first_entry");
    Object entry = one.config().get(first ? "is_first_entry" : "is_last_entry");
    Multiline multiline;
    if (Boolean.TRUE.equals(entry)) {
      multiline = Multiline.every(1);
    } else {
      Map<?, ?> test = (Map<?, ?>) entry;
      if (test.containsKey("tag")) {
        multiline = Multiline.partial("more");
      } else {
        String pattern = test.containsKey("equals") ? "\\A" + Pattern.quote((String) test.get("equals")) + "\\z" : (String) test.get("matches");
        multiline = first ? Multiline.startingWith(pattern).unstarted(Unstarted.JOINED) : Multiline.endingWith(pattern);
      }
    }
    multiline = timed(one, multiline).joinedBy(one.set("combine_with"));
    if (one.number("max_unmatched_batch_size", 0) > 0) {
      multiline = multiline.unmatchedLines(one.number("max_unmatched_batch_size", 0));
    }
    if (one.number("max_batch_size", 0) > 0) {
      multiline = multiline.maxLines(one.number("max_batch_size", 0));
    }
    if (one.number("max_log_size", 0) > 0) {
      multiline = multiline.completeOver(one.number("max_log_size", 0));
    }
    return one.number("max_sources", 0) > 0 ? multiline.maxStreams(one.number("max_sources", 0)) : multiline;
  }

  private static Multiline telegraf(Case one) {
    String joint = one.is("preserve_newline") ? "\n" : "";
    if (one.set("quotation") != null) {
      return Multiline.quoted(switch (one.set("quotation")) {
        case "single-quotes" -> '\'';
        case "double-quotes" -> '"';
        default -> '`';
      }).joinedBy(joint);
    }
    return what(one.set("match_which_line"), one.is("invert_match"), one.set("pattern")).joinedBy(joint);
  }

  private static Multiline what(String line, boolean inverted, String pattern) {
    if ("previous".equals(line)) {
      return inverted ? Multiline.startingWith(pattern).unstarted(Unstarted.JOINED) : Multiline.continuedBy(pattern);
    }
    return inverted ? Multiline.endingWith(pattern) : Multiline.continuing(pattern);
  }

  private static Multiline logstash(Case one) {
    String pattern = one.set("pattern");
    if (one.is("grok")) {
      for (Map.Entry<String, String> name : GROK.entrySet()) {
        pattern = pattern.replace(name.getKey(), name.getValue());
      }
    }
    return what(one.set("what"), one.is("negate"), pattern);
  }

  private static Multiline detectExceptions(Case one) {
    List<?> languages = (List<?>) one.config().get("languages");
    Multiline traces = languages.equals(List.of("all")) ? Multiline.traces() : Multiline.traces(languages.stream().map(String.class::cast).toArray(String[]::new));
    traces = traces.tooLong(TooLong.FORGET);
    if (one.number("max_lines", 0) > 0) {
      traces = traces.maxLines(one.number("max_lines", 0));
    }
    // the peer counts the end of every line, we count those between lines
    return one.number("max_bytes", 0) > 0 ? traces.maxBytes(one.number("max_bytes", 0) - 1) : traces;
  }

  private static List<Stage> fluentBit(Case one) {
    List<Stage> stages = new ArrayList<>();
    if (one.is("docker_mode")) {
      stages.add(ContainerLines.docker());
      String parser = one.set("docker_mode_parser");
      if (parser != null) {
        stages.add(Multiline.startingWith(parser.replaceAll("^\\(\\?<log>\\^\\{\"log\":\"(.*)\\)$", "^$1")));
      }
      return stages;
    }
    if ("partial_message".equals(one.set("mode"))) {
      return List.of(timed(one, Multiline.partial("more").by("id")));
    }
    if ("json".equals(one.set("parser"))) {
      String key = one.set("key_content");
      stages.add(Stage.each(event -> event.message((String) parsed(event.message()).get(key))));
    }
    if (one.config().get("multiline.parser") instanceof List<?> parsers) {
      boolean cri = parsers.contains("cri");
      boolean docker = parsers.contains("docker");
      if (cri || docker) {
        stages.add((cri && docker ? ContainerLines.any() : cri ? ContainerLines.cri() : ContainerLines.docker()).timeout(Duration.ofMillis(one.timeout())));
      }
      List<String> languages = new ArrayList<>();
      for (Object parser : parsers) {
        if (parser instanceof Map<?, ?> rules) {
          stages.add(timed(one, rules((List<?>) rules.get("rules"))));
        } else if (!"cri".equals(parser) && !"docker".equals(parser)) {
          languages.add((String) parser);
        }
      }
      if (!languages.isEmpty()) {
        stages.add(timed(one, Multiline.traces(languages.toArray(String[]::new))));
      }
      return stages;
    }
    if ("endswith".equals(one.set("type"))) {
      String end = Pattern.quote(one.set("match_string")) + "$";
      stages.add(timed(one, one.is("negate") ? Multiline.continuing(end) : Multiline.endingWith(end)));
    } else {
      stages.add(timed(one, rules((List<?>) one.config().get("rules"))));
    }
    return stages;
  }

  private static Multiline rules(List<?> rules) {
    Function<Object, String> state = name -> "start_state".equals(name) ? "start" : (String) name;
    Multiline machine = null;
    for (Object each : rules) {
      List<?> rule = (List<?>) each;
      machine = machine == null ? Multiline.rule(state.apply(rule.get(0)), (String) rule.get(1), state.apply(rule.get(2)))
          : machine.andRule(state.apply(rule.get(0)), (String) rule.get(1), state.apply(rule.get(2)));
    }
    return machine;
  }

  // ---------------------------------------------------------------- runs of bytes

  private void stream(Case one) throws IOException {
    String input = (String) one.all.get("input");
    if (one.set("encoding") != null) {
      abort("no source of ours reads " + one.set("encoding"));
    }
    boolean flush = one.is("flush_at_eof");
    if (one.is("newline")) {
      assertThat(tailed(input, flush)).isEqualTo(one.list("events"));
      return;
    }
    if (flush && input.endsWith("\n")) {
      abort("whether the last line had an end is not known behind the reader");
    }
    String start = one.set("line_start_pattern");
    Split split = start == null ? Split.after(one.set("line_end_pattern")) : Split.before(start);
    try (Script script = new Script(one.is("omit_pattern") ? split.omitted() : split)) {
      List<String> lines = new ArrayList<>(Arrays.asList(input.split("\n", -1)));
      if (lines.get(lines.size() - 1).isEmpty()) {
        lines.remove(lines.size() - 1);
      }
      script.lines(lines);
      if (flush) {
        script.end();
      }
      assertThat(script.messages()).isEqualTo(one.list("events"));
    }
  }

  private List<String> tailed(String input, boolean flush) throws IOException {
    Path file = Files.createTempFile(dir, "case", ".log");
    // a file that is followed gives its complete lines
    Files.writeString(file, flush ? input : input.substring(0, input.lastIndexOf('\n') + 1));
    List<String> events = new ArrayList<>();
    Source source = FileTail.once(file);
    try (InlineRun run = LogStream.named("tail").from(source).to(Sink.each((LogEvent event) -> events.add(event.message()))).build()
        .inline(() -> Script.BEGIN)) {
      while (run.work()) {
        // until all is read
      }
      assertThat(run.ledger().imbalances()).isEmpty();
    }
    return events;
  }

  // ---------------------------------------------------------------- JSON

  private static Map<String, Object> parsed(String json) {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      parser.nextToken();
      return object(parser);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      all.put(name, value(parser));
    }
    return all;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<Object> all = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          all.add(value(parser));
        }
        yield all;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      default -> null;
    };
  }
}
