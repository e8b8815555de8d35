package io.logstream.index;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.match.QueryException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class AnswersTest {
  @AutoClose private final LogIndex index = LogIndex.inMemory(Duration.ofHours(8));
  @AutoClose private final Fed fed = new Fed(index);
  private final Random random = new Random(7);

  private List<Given.Event> some(int n) {
    List<Given.Event> events = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Map<String, Object> fields = new HashMap<>();
      fields.put("path", "/p" + random.nextInt(20));
      fields.put("status", List.of(200, 404, 500.5, "500", true).get(random.nextInt(5)));
      events.add(new Given.Event(Fed.NOON.plusMillis(i * 700L - (random.nextInt(20) == 0 ? 100_000 : 0)), "event " + i, fields));
    }
    return events;
  }

  @Test void countsOverTheFarthestTimesThereAre() {
    for (long time : new long[] {Long.MIN_VALUE, -1, 0, 253_402_300_800_000L, Long.MAX_VALUE}) {
      fed.event(Instant.ofEpochMilli(time), "event", Map.of());
    }
    for (Duration interval : List.of(Duration.ofMillis(1), Duration.ofHours(1), Duration.ofDays(366_000))) {
      for (String zone : List.of("UTC", "Europe/Berlin")) {
        List<LogHistogram.Bucket> buckets = index.latest().histogram(LogQuery.all(), interval, ZoneId.of(zone)).buckets();
        assertThat(buckets).extracting(LogHistogram.Bucket::from).as("%s in %s", interval, zone).isSorted();
        assertThat(buckets.stream().mapToLong(LogHistogram.Bucket::count).sum()).as("%s in %s", interval, zone).isEqualTo(5);
      }
    }
    assertThat(index.histogram(LogQuery.all(), Duration.ofHours(1)).buckets()).hasSize(5);
    assertThatIllegalArgumentException().isThrownBy(() -> index.histogram(LogQuery.all(), Duration.ofSeconds(Long.MAX_VALUE))).withMessageContaining("366000 days");
  }

  @Test void waitsForLongerThanAnyClockCounts() throws Exception {
    fed.message("here");
    assertThat(index.awaitVisible(index.search("here").hits().get(0).position(), Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
  }

  @Test void pagesThroughAllHitsOnceWhileEventsComeIn() {
    List<Given.Event> events = some(1_000);
    fed.events(events);
    LogQuery query = LogQuery.parse("event").limit(70);
    List<Long> seen = new ArrayList<>();
    LogHits page = index.search(query);
    while (!page.isEmpty()) {
      page.forEach(hit -> seen.add(hit.sequence()));
      fed.event(Fed.NOON.plusSeconds(5_000 + seen.size()), "event newer", Map.of());
      page = index.search(query.after(LogCursor.parse(page.last().toString())));
    }
    assertThat(seen).hasSize(1_000).doesNotHaveDuplicates();
    List<Long> order = new ArrayList<>(seen);
    order.sort((a, b) -> {
      int byTime = events.get(b.intValue()).time().compareTo(events.get(a.intValue()).time());
      return byTime != 0 ? byTime : Long.compare(b, a);
    });
    assertThat(seen).isEqualTo(order);
  }

  @Test void countsIntervalsAndValuesAsBruteForceDoes() {
    List<Given.Event> events = some(3_000);
    fed.events(events.subList(0, 1_500));
    index.refresh();
    fed.events(events.subList(1_500, 3_000));
    for (String query : List.of("*", "path:/p1*", "status>=404", "NOT path:/p7", "nowhere")) {
      LogQuery asked = LogQuery.parse(query).limit(10_000);
      Map<Instant, Long> buckets = new TreeMap<>();
      Map<String, Long> paths = new HashMap<>();
      Map<String, Long> statuses = new HashMap<>();
      for (LogHit hit : index.search(asked)) {
        buckets.merge(Instant.ofEpochMilli(hit.time().toEpochMilli() / 60_000 * 60_000), 1L, Long::sum);
        paths.merge(hit.text("path"), 1L, Long::sum);
        statuses.merge(hit.text("status"), 1L, Long::sum);
      }
      Map<Instant, Long> counted = new TreeMap<>();
      LogHistogram histogram = index.histogram(asked, Duration.ofMinutes(1));
      histogram.buckets().forEach(bucket -> counted.put(bucket.from(), bucket.count()));
      assertThat(counted).as(query).isEqualTo(buckets);
      assertThat(histogram.partial()).isFalse();
      Map<String, Long> top = new HashMap<>();
      index.topValues(asked, "path", 100).values().forEach(value -> top.put(value.value(), value.count()));
      assertThat(top).as(query).isEqualTo(paths);
      top.clear();
      index.topValues(asked, "status", 100).values().forEach(value -> top.put(value.value(), value.count()));
      assertThat(top).as(query).isEqualTo(statuses);
    }
    List<LogValues.Value> three = index.topValues(LogQuery.all(), "path", 3).values();
    assertThat(three).hasSize(3).isSortedAccordingTo((a, b) -> Long.compare(b.count(), a.count()));
  }

  @Test void beginsDaysAtMidnightOfTheZone() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    for (String time : List.of("2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
        "2026-10-25T22:59:59Z")) {
      fed.event(Instant.parse(time), "x", Map.of());
    }
    assertThat(index.latest().histogram(LogQuery.all(), Duration.ofDays(1), berlin).buckets()).extracting(LogHistogram.Bucket::from, LogHistogram.Bucket::count).containsExactly(
        org.assertj.core.groups.Tuple.tuple(Instant.parse("2026-03-27T23:00:00Z"), 1L), org.assertj.core.groups.Tuple.tuple(Instant.parse("2026-03-28T23:00:00Z"), 2L),
        org.assertj.core.groups.Tuple.tuple(Instant.parse("2026-03-29T22:00:00Z"), 1L), org.assertj.core.groups.Tuple.tuple(Instant.parse("2026-10-24T22:00:00Z"), 3L));
    assertThatIllegalArgumentException().isThrownBy(() -> index.histogram(LogQuery.all(), Duration.ofNanos(1))).withMessageContaining("millisecond");
  }

  @Test void countsAnHourThatComesTwiceAsTwo() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    Instant midnight = Instant.parse("2026-10-24T22:00:00Z");
    for (int half = 0; half < 50; half++) {
      fed.event(midnight.plus(Duration.ofMinutes(30L * half)), "x", Map.of());
    }
    assertThat(index.latest().histogram(LogQuery.all(), Duration.ofHours(1), berlin).buckets()).hasSize(25).allMatch(bucket -> bucket.count() == 2);
    assertThat(index.histogram(LogQuery.all(), Duration.ofMinutes(30)).buckets()).hasSize(50);
    ZoneId lordHowe = ZoneId.of("Australia/Lord_Howe");
    LogQuery halfHour = LogQuery.all().since(Instant.parse("2027-04-03T14:00:00Z"));
    for (int quarter = 0; quarter < 10; quarter++) {
      fed.event(Instant.parse("2027-04-03T14:00:00Z").plus(Duration.ofMinutes(15L * quarter)), "x", Map.of());
    }
    assertThat(index.latest().histogram(halfHour, Duration.ofHours(1), lordHowe).buckets()).extracting(LogHistogram.Bucket::from, LogHistogram.Bucket::count).containsExactly(
        org.assertj.core.groups.Tuple.tuple(Instant.parse("2027-04-03T14:00:00Z"), 6L), org.assertj.core.groups.Tuple.tuple(Instant.parse("2027-04-03T15:30:00Z"), 4L));
  }

  @Test void readsBackEveryCursorThatItGives() {
    long[] times = {Long.MAX_VALUE / 4, Long.MIN_VALUE / 4, 0, -1};
    for (long time : times) {
      fed.event(Instant.ofEpochMilli(time), "x", Map.of());
    }
    LogQuery next = LogQuery.all().limit(1);
    for (int i = 0; i < times.length; i++) {
      LogHits page = index.search(next);
      assertThat(page.hits()).hasSize(1);
      next = LogQuery.all().limit(1).after(LogCursor.parse(page.last().toString()));
    }
    assertThat(index.search(next).hits()).isEmpty();
    for (String bad : List.of("99999999999999999999_1", "1_9223372036854775808", "", "1_")) {
      assertThatIllegalArgumentException().isThrownBy(() -> LogCursor.parse(bad)).withMessageContaining("form");
    }
  }

  @Test void refusesAHistogramOfTooManyBuckets() {
    fed.events(some(12_000));
    assertThatIllegalArgumentException().isThrownBy(() -> index.histogram(LogQuery.all(), Duration.ofMillis(1))).withMessageContaining("10000");
  }

  @Test void listsFieldsWithCountsAndTypes() {
    fed.event(Fed.NOON, "a", Map.of("x", 1, "y", "text")).event(Fed.NOON, "b", Map.of("x", "7", "z", true)).event(Fed.NOON, "", Map.of("x", 0.5));
    Map<String, LogField> fields = new HashMap<>();
    index.fields().forEach(field -> fields.put(field.name(), field));
    assertThat(fields.keySet()).containsExactlyInAnyOrder("message", "file", "host", "x", "y", "z");
    assertThat(fields.get("x")).isEqualTo(new LogField("x", 3, Set.of("whole", "decimal", "text", "numeric text")));
    assertThat(fields.get("z")).isEqualTo(new LogField("z", 1, Set.of("boolean")));
    assertThat(fields.get("message").count()).isEqualTo(2);
  }

  @Test void showsWhatStandsAroundAHitInItsLog() {
    for (int i = 0; i < 30; i++) {
      fed.message("line " + i);
      if (i % 7 == 0) {
        index.refresh();
      }
    }
    LogHit hit = index.search("message==\"line 10\"").hits().get(0);
    assertThat(index.around(hit, 3, 2)).extracting(LogHit::message).containsExactly("line 7", "line 8", "line 9", "line 10", "line 11", "line 12");
    assertThat(index.around(hit, 0, 0)).extracting(LogHit::message).containsExactly("line 10");
    assertThat(index.around(hit, 100, 100)).hasSize(30);
    assertThatIllegalArgumentException().isThrownBy(() -> index.around(hit, -1, 0));
  }

  @Test void seesTheLatestAtOnceAndWhatIsRefreshedWhenItIs() {
    try (LogIndex slow = LogIndex.refreshEvery(Duration.ofHours(1)).inMemory(Duration.ofHours(1))) {
      Given source = new Given();
      try (io.logstream.InlineRun run = io.logstream.LogStream.named("slow").from(source).to("index", slow).build().inline(() -> Fed.NOON)) {
        source.add(new Given.Event(Fed.NOON, "a", Map.of()));
        run.work();
        assertThat(slow.refreshed().search("a").hits()).isEmpty();
        assertThat(slow.latest().search("a").hits()).hasSize(1);
        assertThat(slow.refreshed().search("a").hits()).hasSize(1);
        assertThat(slow.latest().count(LogQuery.all())).isEqualTo(1);
      }
    }
  }

  @Test void refreshesNothingWhenNothingHasCome() {
    fed.message("a");
    index.refresh();
    View seen = index.over(views -> views.get(0));
    for (int minute = 0; minute < 30; minute++) {
      fed.advance(Duration.ofMinutes(1));
      index.search("a");
      index.latest().count(LogQuery.all());
      index.refresh();
      assertThat(index.<View>over(views -> views.get(0))).isSameAs(seen);
    }
    fed.message("b");
    index.refresh();
    assertThat(index.<View>over(views -> views.get(0))).isNotSameAs(seen);
  }

  @Test void searchesLeaveFewPiecesBehindHoweverOftenTheyComeAndSeeEveryEvent() {
    int mostLeaves = 0;
    for (int i = 1; i <= 600; i++) {
      fed.message("event " + i);
      assertThat(index.latest().count(LogQuery.all())).isEqualTo(i);
      mostLeaves = Math.max(mostLeaves, index.<Integer>over(views -> views.get(0).leaves.size()));
    }
    assertThat(mostLeaves).isBetween(10, 40);
    assertThat(index.search(LogQuery.all().limit(600)).hits()).extracting(LogHit::sequence)
        .isEqualTo(LongStream.range(0, 600).mapToObj(i -> 599 - i).toList());
  }

  @Test void findsWhatThreeConditionsHaveInCommon() {
    for (int i = 0; i < 3_000; i++) {
      fed.event(Fed.NOON.plusMillis(i), i % 7 == 0 ? "upstream timed out" : "served", Map.of("level", i % 5 == 0 ? "ERROR" : "INFO", "method", i % 3 == 0 ? "POST" : "GET"));
    }
    LogHits hits = index.search(LogQuery.parse("timed level:ERROR method:POST").limit(1_000));
    assertThat(hits.hits()).extracting(LogHit::sequence)
        .isEqualTo(LongStream.range(0, 29).mapToObj(i -> 2_940 - i * 105).toList());
    assertThat(hits.total()).isEqualTo(29);
  }

  @Test void waitsUntilARecordIsVisible() throws Exception {
    fed.message("a").message("b");
    LogHit second = index.search("b").hits().get(0);
    assertThat(index.awaitVisible(second.position(), Duration.ZERO)).isTrue();
    io.logstream.Position third = new io.logstream.Position(second.position().log(), second.position().generation(), 2);
    assertThat(index.awaitVisible(third, Duration.ofMillis(5))).isFalse();
    Thread writer = new Thread(() -> fed.message("c"));
    writer.start();
    assertThat(index.awaitVisible(third, Duration.ofSeconds(20))).isTrue();
    assertThat(index.refreshed().search("c").hits()).hasSize(1);
    writer.join();
  }

  @Test void saysThatAnAnswerIsPartialWhenItsTimeIsOver() {
    fed.events(some(5_000));
    LogHits hits = index.search(LogQuery.parse("message contains zzz OR message~/nothing\\d/").within(Duration.ofNanos(1)));
    assertThat(hits.isPartial()).isTrue();
    assertThat(hits.isExact()).isFalse();
    assertThat(hits.warnings()).anyMatch(w -> w.contains("within(..)"));
    assertThat(index.histogram(LogQuery.all().within(Duration.ofNanos(1)), Duration.ofHours(1)).partial()).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> index.count(LogQuery.parse("message~/x/").within(Duration.ofNanos(1)))).withMessageContaining("not all");
  }

  @Test void givesUpOnARegularExpressionThatRunsOnAndSaysSo() {
    fed.event(Fed.NOON, "x", Map.of("f", "a".repeat(60) + "!")).event(Fed.NOON, "y", Map.of("f", "aaa"));
    LogHits hits = index.search("f~/^(a|aa)+\\1$/");
    assertThat(hits.hits()).extracting(LogHit::message).containsExactly("y");
    assertThat(hits.isPartial()).isTrue();
  }

  @Test void saysWhatAPersonShouldKnow() {
    fed.event(Fed.NOON, "x", Map.of("status", 500));
    assertThat(index.search("statsu:500").warnings()).containsExactly("no event has a field 'statsu'; did you mean status?");
    assertThat(index.search("status:/5..$/").warnings()).anyMatch(w -> w.contains("status~/5..$/"));
    assertThat(index.search("status:500").warnings()).isEmpty();
    assertThatThrownBy(() -> index.search("status:[500")).isInstanceOf(QueryException.class);
  }

  @Test void takesAsManyConditionsAsAQueryMayHaveAndAsManyValuesAsFit() {
    fed.event(Fed.NOON, "x", Map.of("f511", 1, "a", 1234));
    StringBuilder fields = new StringBuilder("f0:1");
    StringBuilder values = new StringBuilder("a:0");
    for (int i = 1; i < 1_500; i++) {
      fields.append(i < 512 ? " OR f" + i + ":1" : "");
      values.append(" OR a:").append(i);
    }
    assertThat(index.search(fields.toString()).hits()).hasSize(1);
    assertThat(index.search(values.toString()).hits()).hasSize(1);
    assertThat(index.count(LogQuery.parse(values.toString()))).isEqualTo(1);
  }

  @Test void looksIntoTheNewestSliceOnlyWhenThatIsEnough() {
    for (int hour = 0; hour < 6; hour++) {
      fed.events(some(50));
      fed.advance(Duration.ofHours(1));
      for (int i = 0; i < 10; i++) {
        fed.event(Fed.NOON.plus(Duration.ofHours(hour + 10)), "newest " + hour, Map.of());
      }
    }
    LogHits hits = index.search(LogQuery.parse("newest").limit(5));
    assertThat(hits.hits()).extracting(LogHit::message).containsOnly("newest 5");
    assertThat(hits.slices()).isEqualTo(1);
    Set<Long> all = new HashSet<>();
    index.search(LogQuery.of(field("path").exists()).limit(10_000)).forEach(hit -> all.add(hit.sequence()));
    assertThat(all).hasSize(300);
  }
}
