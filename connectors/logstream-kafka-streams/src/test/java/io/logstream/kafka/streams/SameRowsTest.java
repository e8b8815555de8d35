package io.logstream.kafka.streams;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.sum;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineBuilder;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.alert.Alert;
import io.logstream.alert.FiredAlert;
import io.logstream.kafka.KafkaSource;
import io.logstream.match.Drop;
import io.logstream.parse.Dedupe;
import io.logstream.parse.EventTime;
import io.logstream.parse.Json;
import io.logstream.parse.Multiline;
import io.logstream.sink.EventJson;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import io.logstream.window.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** The same pipeline gives the same events inline and inside Kafka Streams. */
class SameRowsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long START = 1_700_000_000_000L;

  /** What stands behind the time. */
  private static Pipeline pipeline(UnaryOperator<PipelineBuilder> rest) {
    PipelineBuilder timed = LogStream.named("sales").from(KafkaSource.topic("lines")).then(Json.fields())
        .then(EventTime.from("at", "UNIX_MS").outOfOrder(ofSeconds(2)).idleAfter(ofSeconds(30)));
    return rest.apply(timed).build();
  }

  private static Stage byShop() {
    return Window.tumbling(ofSeconds(10)).by("shop").aggregate(count(), sum("v"), percentiles("v", 50, 99));
  }

  static String line(long at, String shop, long v) {
    return "{\"at\":" + (START + at) + ",\"shop\":\"" + shop + "\",\"v\":" + v + "}";
  }

  private static List<String> lines(int count) {
    Random random = new Random(42);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(line(i * 50L - random.nextInt(1_900), "s" + random.nextInt(7), random.nextInt(1_000)));
    }
    lines.add(line(count * 50L + 60_000, "last", 0));
    return lines;
  }

  private static String json(LogEvent event) {
    try {
      return ordered(new String(new EventJson().bytes(event), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With its fields by name, and without those that tell where it was read, which is a file here and a topic there. */
  private static String ordered(String json) {
    try {
      Map<String, Object> fields = new TreeMap<>(JSON.readValue(json, new TypeReference<Map<String, Object>>() { }));
      fields.keySet().removeAll(Set.of("file", "topic", "partition", "line", "offset"));
      return fields.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> inline(Pipeline pipeline, List<String> lines, Duration silence) {
    try (PipelineTester tester = PipelineTester.of(pipeline)) {
      tester.inBatchesOf(1).feed(lines).advance(silence);
      return tester.sent("rows").stream().map(SameRowsTest::json).toList();
    }
  }

  /** How lines are handed over. */
  private interface Feeding {
    void feed(TestInputTopic<byte[], byte[]> to, List<String> lines);
  }

  private static void oneByOne(TestInputTopic<byte[], byte[]> to, List<String> lines) {
    lines.forEach(line -> to.pipeInput(null, line == null ? null : line.getBytes(StandardCharsets.UTF_8)));
  }

  /** As the consumer of a live run gives them. */
  private static void inBunches(TestInputTopic<byte[], byte[]> to, List<String> lines) {
    Random random = new Random(7);
    int from = 0;
    while (from < lines.size()) {
      int end = Math.min(lines.size(), from + 1 + random.nextInt(1_000));
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (; from < end; from++) {
        byte[] value = lines.get(from) == null ? null : lines.get(from).getBytes(StandardCharsets.UTF_8);
        records.add(new ConsumerRecord<>("lines", 0, from, START, TimestampType.CREATE_TIME, 0, 0, null, value, new RecordHeaders(), Optional.empty()));
      }
      ConsumerRecord<byte[], byte[]> bunch = Bunch.bind(records);
      to.pipeInput(new TestRecord<>(null, bunch.value(), bunch.headers(), START));
    }
  }

  private static List<String> streamed(KafkaStreamsRunner runner, List<String> lines, Duration silence) {
    return streamed(runner, SameRowsTest::oneByOne, lines, silence);
  }

  private static List<String> streamed(KafkaStreamsRunner runner, Feeding feeding, List<String> lines, Duration silence) {
    KafkaStreamsRunner whole = runner.reading("lines").writing("rows", "rows");
    try (TopologyTestDriver driver = new TopologyTestDriver(whole.topology(), whole.properties())) {
      TestInputTopic<byte[], byte[]> in = driver.createInputTopic("lines", new ByteArraySerializer(), new ByteArraySerializer());
      feeding.feed(in, lines);
      for (Duration passed = Duration.ZERO; passed.compareTo(silence) < 0; passed = passed.plusMillis(500)) {
        driver.advanceWallClockTime(Duration.ofMillis(500));
      }
      return driver.createOutputTopic("rows", new StringDeserializer(), new StringDeserializer()).readValuesToList().stream().map(SameRowsTest::ordered).toList();
    }
  }

  private static void assertSame(Pipeline pipeline, List<String> lines, Duration silence) {
    List<String> inline = inline(pipeline, lines, silence);
    assertThat(inline).isNotEmpty();
    assertThat(streamed(KafkaStreamsRunner.of(pipeline), lines, silence)).isEqualTo(inline);
    assertThat(streamed(KafkaStreamsRunner.of(pipeline), SameRowsTest::inBunches, lines, silence)).isEqualTo(inline);
  }

  @Test
  void windowsGiveTheSameRows() {
    assertSame(pipeline(p -> p.then(byShop()).to("rows", new RecordingSink())), lines(2_000), ofSeconds(1));
    assertSame(pipeline(p -> p.then(Window.hopping(ofSeconds(10), ofSeconds(5)).by("shop").allowedLateness(ofSeconds(3))).to("rows", new RecordingSink())), lines(500), ofSeconds(1));
    assertSame(pipeline(p -> p.then(Window.session(ofSeconds(2)).by("shop")).to("rows", new RecordingSink())), lines(500), ofSeconds(1));
    assertSame(pipeline(p -> p.then(Window.tumbling(ofSeconds(5)).aggregate(count())).to("rows", new RecordingSink())), lines(500), ofSeconds(1));
  }

  @Test
  void silenceClosesTheSameWindows() {
    assertSame(pipeline(p -> p.then(byShop()).to("rows", new RecordingSink())), lines(200), Duration.ofMinutes(2));
  }

  @Test
  void eventsOfStagesWithoutStateAreTheSame() {
    assertSame(pipeline(p -> p.then(Drop.when(field("v").atLeast(500))).to("rows", new RecordingSink())), lines(100), ofSeconds(1));
  }

  @Test
  void windowsOverRowsOfOtherKeysAreTheSame() {
    assertSame(pipeline(p -> p.then(byShop()).then("bySum", Window.tumbling(ofSeconds(20)).by("count").aggregate(sum("v.sum"))).to("rows", new RecordingSink())),
        lines(2_000), ofSeconds(1));
  }

  @Test
  void whatADedupeLetsThroughIsTheSameWithItsPosition() {
    assertSame(pipeline(p -> p.then(Dedupe.by("v")).then(Dedupe.by("shop").within(ofSeconds(1))).to("rows", new RecordingSink())), lines(300), ofSeconds(1));
  }

  @Test
  void branchesByDifferentKeysGoTheirOwnWays() {
    RecordingSink others = new RecordingSink();
    Pipeline pipeline = pipeline(p -> p
        .branch("shops", b -> b.then(byShop()).to("rows", new RecordingSink()))
        .branch("all", b -> b.then(Window.tumbling(ofSeconds(10)).aggregate(count())).to("totals", others)));
    List<String> inline = new ArrayList<>();
    try (PipelineTester tester = PipelineTester.of(pipeline).recording("shops/rows", "all/totals")) {
      tester.feed(lines(1_000));
      tester.sent("shops/rows").forEach(e -> inline.add(json(e)));
      tester.sent("all/totals").forEach(e -> inline.add(json(e)));
    }
    KafkaStreamsRunner runner = KafkaStreamsRunner.of(pipeline).reading("lines").writing("shops/rows", "rows").writing("all/totals", "totals");
    try (TopologyTestDriver driver = new TopologyTestDriver(runner.topology(), runner.properties())) {
      TestInputTopic<byte[], byte[]> in = driver.createInputTopic("lines", new ByteArraySerializer(), new ByteArraySerializer());
      lines(1_000).forEach(line -> in.pipeInput(null, line.getBytes(StandardCharsets.UTF_8)));
      driver.advanceWallClockTime(ofSeconds(1));
      List<String> streamed = new ArrayList<>(driver.createOutputTopic("rows", new StringDeserializer(), new StringDeserializer()).readValuesToList());
      streamed.addAll(driver.createOutputTopic("totals", new StringDeserializer(), new StringDeserializer()).readValuesToList());
      assertThat(streamed.stream().map(SameRowsTest::ordered).toList()).isEqualTo(inline);
    }
  }

  @Test
  void alertsFireAsInline() {
    List<FiredAlert> fired = new CopyOnWriteArrayList<>();
    Pipeline pipeline = pipeline(p -> p.then(byShop()).to(Alert.named("busy").when(field("count").atLeast(20)).by("shop").notify(fired::add)));
    try (PipelineTester tester = PipelineTester.of(pipeline)) {
      tester.feed(lines(1_000));
    }
    List<String> inline = fired.stream().map(f -> f.name() + " " + f.cause().fields()).toList();
    fired.clear();
    KafkaStreamsRunner runner = KafkaStreamsRunner.of(pipeline).reading("lines");
    try (TopologyTestDriver driver = new TopologyTestDriver(runner.topology(), runner.properties())) {
      TestInputTopic<byte[], byte[]> in = driver.createInputTopic("lines", new ByteArraySerializer(), new ByteArraySerializer());
      lines(1_000).forEach(line -> in.pipeInput(null, line.getBytes(StandardCharsets.UTF_8)));
      driver.advanceWallClockTime(ofSeconds(1));
    }
    assertThat(inline).isNotEmpty();
    assertThat(fired.stream().map(f -> f.name() + " " + f.cause().fields())).isEqualTo(inline);
  }

  @Test
  void linesAreJoinedWhereTheyAreRead() {
    Pipeline pipeline = LogStream.named("traces").from(KafkaSource.topic("lines")).then(Multiline.startingWith("^\\S")).to("rows", new RecordingSink()).build();
    for (Feeding feeding : List.<Feeding>of(SameRowsTest::oneByOne, SameRowsTest::inBunches)) {
      List<String> rows = streamed(KafkaStreamsRunner.of(pipeline), feeding, List.of("one", " of one", "two", " of two", " of two"), ofSeconds(3));
      assertThat(rows).hasSize(2).first().asString().contains("one\n of one");
      assertThat(rows.get(1)).contains("two\n of two\n of two");
    }
  }

  @Test
  void aRecordWithoutAValueAndGarbageAreCountedAndHarmNobody() {
    Pipeline pipeline = pipeline(p -> p.then(byShop()).to("rows", new RecordingSink())).failuresTo(new RecordingSink());
    List<String> good = lines(300);
    List<String> bad = new ArrayList<>(good);
    bad.add(10, null);
    bad.add(20, "{garbage");
    bad.add(30, "");
    List<String> rows = streamed(KafkaStreamsRunner.of(pipeline), good, ofSeconds(1));
    assertThat(streamed(KafkaStreamsRunner.of(pipeline), bad, ofSeconds(1))).isEqualTo(rows).isNotEmpty();
    assertThat(streamed(KafkaStreamsRunner.of(pipeline), SameRowsTest::inBunches, bad, ofSeconds(1))).isEqualTo(rows);
    KafkaStreamsRunner runner = KafkaStreamsRunner.of(pipeline).reading("lines").writing("failures", "failures");
    try (TopologyTestDriver driver = new TopologyTestDriver(runner.topology(), runner.properties())) {
      driver.createInputTopic("lines", new ByteArraySerializer(), new ByteArraySerializer()).pipeInput(null, "{garbage".getBytes(StandardCharsets.UTF_8));
      assertThat(driver.createOutputTopic("failures", new StringDeserializer(), new StringDeserializer()).readValuesToList()).hasSize(1).first().asString().contains("failure.cause", "{garbage");
    }
  }

  @Test
  void aStageThatIsGatheredGetsAllEventsInOrder() {
    Stage numbers = context -> new Processor() {
      private long n;

      @Override
      public void process(LogEvent event, Emitter out) {
        out.emit(event.put("n", ++n));
      }
    };
    Pipeline pipeline = pipeline(p -> p.then("numbers", numbers).to("rows", new RecordingSink()));
    assertThat(streamed(KafkaStreamsRunner.of(pipeline).gathering("numbers"), lines(100), ofSeconds(1))).isEqualTo(inline(pipeline, lines(100), ofSeconds(1)));
  }
}
