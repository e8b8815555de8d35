package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogEvent;
import io.logstream.Ran;
import io.logstream.Stage;
import io.logstream.testing.Seed;
import io.logstream.testing.StageContract;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class EventTimeTest {
  private static final String ACCESS_LOG = "dd/MMM/yyyy:HH:mm:ss Z";

  private static String timeOf(EventTime stage, String text) {
    List<LogEvent> passed = Ran.over(List.of(text), stage).passed();
    return passed.isEmpty() ? "failed" : passed.get(0).time().toString();
  }

  private static EventTime message(String format) {
    return EventTime.from("message", format);
  }

  @Test void readsPatternsOfJavaTime() {
    assertThat(timeOf(message("yyyy-MM-dd HH:mm:ss,SSS"), "2024-02-29 12:00:01,250")).isEqualTo("2024-02-29T12:00:01.250Z");
    assertThat(timeOf(message("EEE MMM dd HH:mm:ss yyyy"), "Thu Feb 29 12:00:01 2024")).isEqualTo("2024-02-29T12:00:01Z");
    assertThat(timeOf(message("MM/dd/yy hh:mm a XXX"), "02/29/24 01:30 PM -02:00")).isEqualTo("2024-02-29T15:30:00Z");
    assertThat(timeOf(message("yyyy-MM-dd"), "2024-02-29")).isEqualTo("2024-02-29T00:00:00Z");
    assertThat(timeOf(message("yyyy-MM-dd HH:mm VV"), "2024-07-01 12:00 Europe/Berlin")).isEqualTo("2024-07-01T10:00:00Z");
    assertThat(timeOf(message("uuuu-MM-dd'T'HH:mm:ss.SSSSSSX"), "2024-02-29T12:00:00.123456Z")).isEqualTo("2024-02-29T12:00:00.123Z");
    assertThat(timeOf(message("yyyyMMddHHmmss"), "20240229120001")).isEqualTo("2024-02-29T12:00:01Z");
  }

  @Test void readsIso8601() {
    EventTime iso = message("ISO8601");
    assertThat(timeOf(iso, "2024-02-29T12:00:01Z")).isEqualTo("2024-02-29T12:00:01Z");
    assertThat(timeOf(iso, "2024-02-29 12:00:01,5")).isEqualTo("2024-02-29T12:00:01.500Z");
    assertThat(timeOf(iso, "2024-02-29T12:00:01.123456789+02:00")).isEqualTo("2024-02-29T10:00:01.123Z");
    assertThat(timeOf(iso, "2024-02-29T12:00:01-0130")).isEqualTo("2024-02-29T13:30:01Z");
    assertThat(timeOf(iso, "2024-02-29T12:00:01+02")).isEqualTo("2024-02-29T10:00:01Z");
    for (String bad : List.of("2024-02-30T12:00:01Z", "2023-02-29T12:00:01", "2024-13-01T00:00:00", "2024-01-01T24:00:00", "2024-01-01T00:60:00", "2024-01-01T00:00:60",
        "2024-01-01T00:00:00.", "2024-01-01T00:00:00.1234567890", "2024-01-01T00:00:00+19:00", "2024-01-01T00:00:00+1:00", "2024-01-01T00:00:00 Z", "2024-01-01", "",
        "0000-01-01T00:00:00", "2024-01-01T00:00:00+02:60", "2024-01-01T00:00:00+02-30", "２024-01-01T00:00:00")) {
      assertThat(timeOf(iso, bad)).as(bad).isEqualTo("failed");
    }
  }

  @Test void readsSecondsAndMillisecondsSince1970() {
    assertThat(timeOf(message("UNIX"), "1700000000")).isEqualTo("2023-11-14T22:13:20Z");
    assertThat(timeOf(message("UNIX"), "1700000000.123")).isEqualTo("2023-11-14T22:13:20.123Z");
    assertThat(timeOf(message("UNIX_MS"), "1700000000123")).isEqualTo("2023-11-14T22:13:20.123Z");
    EventTime fromNumber = EventTime.from("t", "UNIX");
    assertThat(Ran.over(List.of("a"), Stage.each(e -> e.put("t", 1700000000.5)), fromNumber).passed().get(0).time()).isEqualTo("2023-11-14T22:13:20.500Z");
    assertThat(Ran.over(List.of("a"), Stage.each(e -> e.put("t", 1700000000L)), fromNumber).passed().get(0).time()).isEqualTo("2023-11-14T22:13:20Z");
    for (String bad : List.of("", "-", "x", "1e30", "9223372036854775807", "999999999999999")) {
      assertThat(timeOf(message("UNIX"), bad)).as(bad).isEqualTo("failed");
    }
  }

  @Test void takesTheMillisecondsOfAnySecondsAsTheyAreWritten() throws Exception {
    Seed.random(random -> {
      UnixTime seconds = new UnixTime(1000);
      for (int i = 0; i < 300; i++) {
        long millis = (long) (random.nextDouble() * 4e12);
        String text = String.format(Locale.ROOT, "%d.%03d", millis / 1000, millis % 1000);
        assertThat(timeOf(seconds, text)).isEqualTo(millis);
      }
    });
  }

  private static long timeOf(TimeFormat format, String text) {
    long[] time = new long[1];
    Stage stage = context -> {
      var key = context.key("message");
      return (event, out) -> time[0] = format.read(event, key);
    };
    Ran.over(List.of(text), stage);
    return time[0];
  }

  @Test void readsTimesWithoutAZoneInTheZoneGiven() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    for (String format : List.of("yyyy-MM-dd HH:mm:ss", "ISO8601")) {
      assertThat(timeOf(message(format).in(berlin), "2024-07-01 12:00:00")).isEqualTo("2024-07-01T10:00:00Z");
      assertThat(timeOf(message(format).in(berlin), "2024-10-27 02:30:00")).as("the first of two").isEqualTo("2024-10-27T00:30:00Z");
      assertThat(timeOf(message(format).in(ZoneOffset.ofHours(-3)), "2024-07-01 12:00:00")).isEqualTo("2024-07-01T15:00:00Z");
    }
    assertThat(timeOf(message("ISO8601").in(berlin), "2024-07-01 12:00:00Z")).isEqualTo("2024-07-01T12:00:00Z");
  }

  @Test void takesTheYearOfATimeWithoutOneFromWhenItWasRead() {
    assertThat(syslog("2024-06-01T00:00:00Z", "May 31 23:00:00")).isEqualTo("2024-05-31T23:00:00Z");
    assertThat(syslog("2024-01-01T00:00:05Z", "Dec 31 23:59:59")).isEqualTo("2023-12-31T23:59:59Z");
    assertThat(syslog("2023-12-31T23:59:58Z", "Jan  1 00:00:01")).as("a clock a little ahead").isEqualTo("2024-01-01T00:00:01Z");
    assertThat(syslog("2024-06-01T00:00:00Z", "Jun  2 00:00:00")).isEqualTo("2024-06-02T00:00:00Z");
    assertThat(syslog("2024-06-01T00:00:00Z", "Jun  2 00:00:01")).isEqualTo("2023-06-02T00:00:01Z");
    assertThat(syslog("2025-01-10T00:00:00Z", "Feb 29 01:00:00")).isEqualTo("2024-02-29T01:00:00Z");
    assertThat(syslog("2025-01-10T00:00:00Z", "Feb 30 01:00:00")).isEqualTo("failed");
    assertThat(syslog("2025-01-10T00:00:00Z", "something else")).isEqualTo("failed");
  }

  private static String syslog(String readAt, String text) {
    List<LogEvent> passed = Ran.readAt(Instant.parse(readAt), List.of(text), message("MMM ppd HH:mm:ss")).passed();
    return passed.isEmpty() ? "failed" : passed.get(0).time().toString();
  }

  @Test void remembersATimeWithoutAYearOnlyWhileItMeansTheSame() {
    byte[] text = "Jun  1 00:00:00".getBytes(StandardCharsets.UTF_8);
    WrittenTime one = new PatternTime("MMM ppd HH:mm:ss", ZoneOffset.UTC);
    for (String readAt : List.of("2024-06-01T00:00:00Z", "2025-05-30T23:59:59Z", "2025-05-31T00:00:00Z", "2024-05-31T00:00:00Z", "2024-05-30T23:59:59Z", "2024-06-01T00:00:00Z")) {
      long at = Instant.parse(readAt).toEpochMilli();
      assertThat(one.read(text, 0, text.length, at)).as(readAt).isEqualTo(new PatternTime("MMM ppd HH:mm:ss", ZoneOffset.UTC).read(text, 0, text.length, at));
    }
  }

  @Test void fallsBackToOtherFieldsAndFormats() {
    EventTime either = EventTime.from("t", "UNIX").orElse("message", "ISO8601").orElse("message", ACCESS_LOG);
    assertThat(timeOf(either, "2024-01-01T00:00:00Z")).isEqualTo("2024-01-01T00:00:00Z");
    assertThat(timeOf(either, "10/Oct/2000:13:55:36 -0700")).isEqualTo("2000-10-10T20:55:36Z");
    assertThat(Ran.over(List.of("x"), Stage.each(e -> e.put("t", 1)), either).passed().get(0).time()).isEqualTo("1970-01-01T00:00:01Z");
  }

  @Test void failsARecordWithoutATime() {
    Ran ran = Ran.over(List.of("a"), EventTime.from("timestamp", ACCESS_LOG));
    assertThat(ran.ledger().stage("EventTime").failedBy()).containsOnlyKeys("no time");
    assertThat(ran.failed().get(0).has("failure.detail")).isFalse();
  }

  @Test void failsARecordWithABadTimeAndShowsSomeOfIt() {
    Ran ran = Ran.over(List.of("nonsense", "é".repeat(5000)), message(ACCESS_LOG));
    assertThat(ran.ledger().stage("EventTime").failed("bad time")).isEqualTo(2);
    assertThat(ran.failed()).extracting(e -> e.text("failure.detail")).containsExactly("nonsense", "é".repeat(80) + "..");
  }

  @Test void movesTheWatermarkAtTheDistanceGiven() {
    List<Instant> watermarks = new ArrayList<>();
    Stage look = context -> (event, out) -> {
      watermarks.add(context.logWatermark());
      out.emit(event);
    };
    Ran.over(List.of("2024-01-01T00:01:00Z", "2024-01-01T00:00:40Z", "2024-01-01T00:01:10Z", "2024-01-01T00:01:00Z"), message("ISO8601").outOfOrder(Duration.ofSeconds(30)), look);
    assertThat(watermarks).containsExactly(Instant.MIN, Instant.parse("2024-01-01T00:00:30Z"), Instant.parse("2024-01-01T00:00:30Z"), Instant.parse("2024-01-01T00:00:40Z"));
  }

  @Test void keepsTheRulesOfAStage() {
    StageContract.check(message(ACCESS_LOG), "10/Oct/2000:13:55:36 -0700", "10/Oct/2000:13:55:36 -0700", "10/Oct/2000:13:55:37 -0700", "31/Feb/2000:13:55:37 -0700",
        "10/Oct/2000:23:59:59 +0000", "11/Oct/2000:00:00:00 +0000", "-", "10/Oct/2000:13:55:36 -0700", "10/Oct/2000:13:55:60 -0700", "10/Oct/2000:13:55:38 -0700");
    StageContract.check(message("MMM d HH:mm:ss").orElse("message", "ISO8601"), "Oct 1 00:00:00", "2000-10-10T00:00:00Z", "Oct 1 00:00:00", "Oct 32 00:00:00");
  }

  @Test void hasDefaultsAndTakesOthers() {
    EventTime stage = message("ISO8601");
    assertThat(stage.outOfOrder()).isEqualTo(Duration.ofSeconds(5));
    assertThat(stage.idleAfter()).isEqualTo(Duration.ofSeconds(10));
    assertThat(stage.stateless()).isTrue();
    EventTime other = stage.outOfOrder(Duration.ZERO).idleAfter(Duration.ofSeconds(1)).orElse("b", "UNIX").in(ZoneOffset.MAX);
    assertThat(other.outOfOrder()).isZero();
    assertThat(other.idleAfter()).isEqualTo(Duration.ofSeconds(1));
    assertThat(other).hasToString("from message ISO8601 or else from b UNIX");
  }

  @Test void refusesWhatIsNoFormat() {
    for (String none : List.of("ISO", "HH:mm:ss", "yyyy", "YYYY-MM-dd", "yyyy-MM-dd hh:mm", "", "'x'", "MMM", "yyyy-MM-dd HH:mm:ss]")) {
      assertThatThrownBy(() -> EventTime.from("t", none)).as(none).isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("'" + none + "' is no format of a time: ").hasMessageContaining("ISO8601");
    }
    assertThatThrownBy(() -> message("ISO8601").outOfOrder(Duration.ofMillis(-1))).hasMessage("outOfOrder must be from nothing to 100 years, was PT-0.001S");
    assertThatThrownBy(() -> message("ISO8601").maxLeap(Duration.ofDays(1_000_000))).hasMessageStartingWith("maxLeap must be from nothing to 100 years");
    assertThatThrownBy(() -> message("ISO8601").idleAfter(Duration.ZERO)).hasMessage("idleAfter must be positive, was PT0S");
  }

  @Test void readsAccessLogsAsJavaTimeDoes() throws Exception {
    Seed.random(random -> {
      DateTimeFormatter reference = new DateTimeFormatterBuilder().appendPattern(ACCESS_LOG).parseDefaulting(ChronoField.ERA, 1).toFormatter(Locale.ENGLISH)
          .withResolverStyle(ResolverStyle.STRICT);
      WrittenTime format = new AccessLogTime();
      String[] months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "jan", "Juc", "Anb", "   "};
      String[] zones = {"+0000", "-0000", "+0200", "-0730", "+1800", "-1801", "+1860", "+1900", "Z", "0200", "+02:0", "*0200"};
      String text = "";
      int valid = 0;
      int repeated = 0;
      for (int i = 0; i < 100_000; i++) {
        int how = random.nextInt(6);
        if (how == 0 || text.isEmpty()) {
          text = String.format(Locale.ROOT, "%02d/%s/%04d:%02d:%02d:%02d %s", random.nextInt(33), months[random.nextInt(random.nextInt(4) == 0 ? 16 : 12)],
              random.nextInt(3) == 0 ? random.nextInt(10_001) : 2000 + random.nextInt(30), random.nextInt(26), random.nextInt(62), random.nextInt(62),
              zones[random.nextInt(random.nextInt(4) == 0 ? zones.length : 5)]);
        } else if (how == 1) {
          char[] letters = text.toCharArray();
          letters[random.nextInt(letters.length)] = (char) (' ' + random.nextInt(96));
          text = new String(letters);
        } else if (how < 5 && text.length() == 26) {
          text = text.substring(0, 12) + String.format(Locale.ROOT, "%02d:%02d:%02d", random.nextInt(25), random.nextInt(61), random.nextInt(61)) + text.substring(20);
        } else {
          repeated++;
        }
        long expected;
        try {
          expected = OffsetDateTime.parse(text, reference).toInstant().toEpochMilli();
        } catch (DateTimeException e) {
          expected = TimeFormat.NONE;
        }
        if (!TimeFormat.isInRange(expected)) {
          expected = TimeFormat.NONE;
        }
        byte[] bytes = ("x" + text + "y").getBytes(StandardCharsets.UTF_8);
        long time = format.read(bytes, 1, bytes.length - 1, 0);
        if (time != expected) {
          assertThat(time).as(text).isEqualTo(expected);
        }
        valid += time == TimeFormat.NONE ? 0 : 1;
      }
      assertThat(valid).isBetween(10_000, 90_000);
      assertThat(repeated).isPositive();
    });
  }

  @Test void readsIso8601AsJavaTimeDoes() throws Exception {
    Seed.random(random -> {
      WrittenTime format = new IsoTime(ZoneOffset.UTC);
      for (int i = 0; i < 30_000; i++) {
        String text = String.format(Locale.ROOT, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", random.nextInt(10_000), random.nextInt(14), random.nextInt(33), random.nextInt(25),
            random.nextInt(61), random.nextInt(61), random.nextInt(1000));
        long expected;
        try {
          expected = OffsetDateTime.parse(text).toInstant().toEpochMilli();
        } catch (DateTimeException e) {
          expected = TimeFormat.NONE;
        }
        if (!TimeFormat.isInRange(expected) || text.startsWith("24:00", 11)) {
          expected = TimeFormat.NONE;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long time = format.read(bytes, 0, bytes.length, 0);
        if (time != expected) {
          assertThat(time).as(text).isEqualTo(expected);
        }
      }
    });
  }
}
