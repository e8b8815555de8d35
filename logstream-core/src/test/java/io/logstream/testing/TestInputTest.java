package io.logstream.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TestInputTest {
  private static final Pattern COMBINED = Pattern.compile(
      "(\\S+) - - \\[([^]]+)] \"(\\S+) (\\S+) HTTP/1\\.1\" (\\d{3}) (\\d+) \"[^\"]*\" \"[^\"]*\" (\\d+\\.\\d{3})");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private static Matcher read(String line) {
    Matcher matcher = COMBINED.matcher(line);
    assertThat(matcher.matches()).as(line).isTrue();
    return matcher;
  }

  private static Instant time(String line) {
    return ZonedDateTime.parse(read(line).group(2), TIME).toInstant();
  }

  @Test
  void writesAccessLogsThatCanBeHadAgain() {
    AccessLog log = AccessLog.seed(42).from(NOON).perSecond(10);
    assertThat(log.lines(500)).isEqualTo(log.lines(500)).isEqualTo(log.stream().limit(500).toList()).isNotEqualTo(AccessLog.seed(43).from(NOON).perSecond(10).lines(500));
    assertThat(log.micros().lines(20)).allMatch(line -> line.matches(".* \\d+"));
  }

  @Test
  void looksLikeARealAccessLog() {
    List<String> lines = AccessLog.seed(1).from(NOON).perSecond(100).outOfOrder(Duration.ofSeconds(2)).lines(6_000);
    Instant greatest = Instant.MIN;
    int late = 0;
    for (String line : lines) {
      Instant time = time(line);
      assertThat(time).isBetween(NOON, NOON.plusSeconds(60));
      assertThat(time).isAfterOrEqualTo(greatest == Instant.MIN ? time : greatest.minusSeconds(3));
      late += time.isBefore(greatest) ? 1 : 0;
      greatest = time.isAfter(greatest) ? time : greatest;
    }
    assertThat(late).isPositive();
    var byPath = lines.stream().collect(Collectors.groupingBy(l -> read(l).group(4).replaceAll("\\?.*", ""), Collectors.counting()));
    assertThat(byPath.get("/")).isGreaterThan(byPath.get("/search")).isGreaterThan(3 * byPath.get("/feed.xml"));
    assertThat(byPath.get("/health")).isBetween(200L, 400L);
    assertThat(lines.stream().filter(l -> read(l).group(5).startsWith("5")).count()).isBetween(5L, 100L);
  }

  @Test
  void failsInATimeOfTrouble() {
    List<String> lines = AccessLog.seed(1).from(NOON).perSecond(50).outOfOrder(Duration.ZERO).failing(NOON.plusSeconds(10), NOON.plusSeconds(20), 0.5).lines(1_500);
    var failed = lines.stream().filter(l -> read(l).group(5).matches("50[34]")).map(TestInputTest::time).toList();
    assertThat(failed).hasSizeBetween(180, 300).allMatch(t -> !t.isBefore(NOON.plusSeconds(10)) && t.isBefore(NOON.plusSeconds(20)));
  }

  @Test
  void writesRequestsForOnePathWithinOneMinute() {
    List<String> lines = AccessLog.requests(90, "/cart", 503);
    assertThat(lines).hasSize(90).allMatch(l -> read(l).group(4).equals("/cart") && read(l).group(5).equals("503"));
    assertThat(lines).extracting(TestInputTest::time).isSorted().allMatch(t -> !t.isBefore(Instant.parse("2026-01-01T00:00:00Z")) && t.isBefore(Instant.parse("2026-01-01T00:01:00Z")));
    assertThat(AccessLog.requests(0, "/", 200)).isEmpty();
  }

  @Test
  void refusesImpossibleLogs() {
    assertThatThrownBy(() -> AccessLog.seed(1).perSecond(0)).hasMessageContaining("was 0");
    assertThatThrownBy(() -> AccessLog.seed(1).failing(NOON, NOON, 2)).hasMessageContaining("was 2");
    assertThatThrownBy(() -> AccessLog.seed(1).endpoints(0)).hasMessageContaining("was 0");
  }

  @Test
  void writesStackTracesWithHeadsThatCanBeTold() {
    StackTraces traces = StackTraces.seed(7).from(NOON).every(Duration.ofSeconds(1));
    List<String> records = traces.records(300);
    assertThat(records).isEqualTo(traces.records(300)).allMatch(r -> r.matches("(?s)2026-03-01 12:0\\d:\\d\\d,000 (ERROR|WARN |INFO ) \\[.*"));
    assertThat(records.stream().filter(r -> r.contains("\nCaused by: ")).count()).isGreaterThan(20);
    assertThat(String.join("\n", traces.lines(300))).isEqualTo(String.join("\n", records));
    assertThat(traces.lines(300).stream().filter(l -> l.matches("\\d{4}-.*")).count()).isEqualTo(300);
  }

  @Test
  void saysTheSeedOfAFailureAndTakesItAgain() throws Exception {
    String before = System.getProperty(Seed.PROPERTY);
    try {
      System.setProperty(Seed.PROPERTY, "4711");
      assertThat(Seed.random().number()).isEqualTo(4711);
      assertThat(Seed.random().nextLong()).isEqualTo(Seed.of(4711).nextLong());
      assertThatThrownBy(() -> Seed.random(seed -> {
        throw new AssertionError("wrong");
      })).hasMessage("wrong").satisfies(t -> assertThat(t.getSuppressed()[0]).hasMessageContaining("-Dlogstream.seed=4711"));
      System.setProperty(Seed.PROPERTY, "");
      assertThat(Seed.random().number()).isNotEqualTo(Seed.random().number());
      System.setProperty(Seed.PROPERTY, "many");
      assertThatThrownBy(Seed::random).hasMessageContaining("was 'many'");
    } finally {
      if (before == null) {
        System.clearProperty(Seed.PROPERTY);
      } else {
        System.setProperty(Seed.PROPERTY, before);
      }
    }
  }
}
