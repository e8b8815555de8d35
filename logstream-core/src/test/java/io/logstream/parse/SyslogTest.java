package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.logstream.LogEvent;
import io.logstream.Ran;
import io.logstream.testing.StageContract;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyslogTest {
  private static LogEvent read(Syslog stage, String text) {
    Ran ran = Ran.over(List.of(text), stage);
    assertThat(ran.failed()).isEmpty();
    return ran.passed().get(0);
  }

  private static long millis(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }

  @Test void readsTheOldForm() {
    LogEvent event = read(Syslog.rfc3164(), "<34>Oct 11 22:14:15 mymachine su[123]: 'su root' failed for lonvick on /dev/pts/8");
    assertThat(event.fields()).containsOnly(entry("priority", 34L), entry("facility", 4L), entry("severity", 2L),
        entry("timestamp", millis("2025-10-11T22:14:15Z")), entry("host", "mymachine"), entry("app", "su"), entry("procid", "123"));
    assertThat(event.message()).isEqualTo("'su root' failed for lonvick on /dev/pts/8");
  }

  @Test void readsLinesOfFilesWithoutPriority() {
    LogEvent event = read(Syslog.any(), "Jun  4 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; user=");
    assertThat(event.text("app")).isEqualTo("sshd(pam_unix)");
    assertThat(event.has("priority")).isFalse();
    assertThat(event.message()).isEqualTo("authentication failure; user=");
    assertThat(read(Syslog.rfc3164(), "2024-05-01T12:00:00.5+02:00 web kernel: x").number("timestamp", 0)).isEqualTo(millis("2024-05-01T10:00:00.500Z"));
  }

  @Test void takesAllBehindTheHostWhereThereIsNoApp() {
    assertThat(read(Syslog.any(), "Jun 14 15:16:01 combo -- MARK --").message()).isEqualTo("-- MARK --");
    assertThat(read(Syslog.any(), "Jun 14 15:16:01 combo syslogd 1.4.1: restart.").message()).isEqualTo("syslogd 1.4.1: restart.");
    assertThat(read(Syslog.any(), "Jun 14 15:16:01 combo").message()).isEmpty();
  }

  @Test void findsTheYearThatIsMissing() {
    String line = "Dec 31 23:59:59 h a: m";
    Instant newYear = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(Ran.readAt(newYear, List.of(line, "Jan  1 12:00:00 h a: m", "Jan  3 12:00:00 h a: m", "Feb 29 00:00:00 h a: m"), Syslog.rfc3164()).passed())
        .extracting(e -> e.number("timestamp", 0)).containsExactly(millis("2025-12-31T23:59:59Z"), millis("2026-01-01T12:00:00Z"), millis("2025-01-03T12:00:00Z"),
            millis("2024-02-29T00:00:00Z"));
    assertThat(read(Syslog.rfc3164().in(ZoneId.of("America/New_York")), "Jul  1 00:00:00 h a: m").number("timestamp", 0)).isEqualTo(millis("2025-07-01T04:00:00Z"));
  }

  @Test void readsTheNewForm() {
    LogEvent event = read(Syslog.rfc5424(), "<165>1 2003-10-11T22:14:15.003Z web evntslog 8710 ID47 [ex@32473 iut=\"3\" a=\"x\\\"y\\]\\\\z\\n\"][two b=\"\"] \uFEFFAn event");
    assertThat(event.fields()).containsOnly(entry("priority", 165L), entry("facility", 20L), entry("severity", 5L), entry("timestamp", millis("2003-10-11T22:14:15.003Z")),
        entry("host", "web"), entry("app", "evntslog"), entry("procid", "8710"), entry("msgid", "ID47"), entry("sd.ex@32473.iut", "3"),
        entry("sd.ex@32473.a", "x\"y]\\z\\n"), entry("sd.two.b", ""));
    assertThat(event.message()).isEqualTo("An event");
  }

  @Test void leavesOutWhatTheNewFormLeavesOut() {
    LogEvent event = read(Syslog.any(), "<0>1 - - - - - -");
    assertThat(event.fields()).containsOnly(entry("priority", 0L), entry("facility", 0L), entry("severity", 0L));
    assertThat(event.message()).isEmpty();
  }

  @Test void saysWhatItWanted() {
    Ran ran = Ran.over(List.of("", "<192>Oct 11 22:14:15 h a: m", "<34>1 yesterday h a p m - x", "<34>1 - h a p m [x y] z", "<34>1 - h a p", "<34>Oct 32 22:14:15 h", "hello"),
        Syslog.any());
    assertThat(ran.failed()).extracting(e -> e.text("failure.cause")).containsOnly("not syslog");
    assertThat(ran.failed()).extracting(e -> e.text("failure.detail")).containsExactly("wanted a time, as in Oct 11 22:14:15, at byte 0, found ''",
        "wanted a priority from <0> to <191> at byte 0, found '<192>Oct 11 22:14:15'", "wanted a time of ISO 8601, or -, at byte 6, found 'yesterday h a p m - '",
        "wanted a parameter, as in name=\"value\", at byte 19, found 'y] z'", "wanted a blank and the msgid at byte 13, found ''",
        "wanted a time, as in Oct 11 22:14:15, at byte 4, found 'Oct 32 22:14:15 h'", "wanted a time, as in Oct 11 22:14:15, at byte 0, found 'hello'");
    assertThat(ran.failed()).noneMatch(e -> e.has("priority"));
  }

  @Test void givesTheSameWhereAFieldIsNamedTwice() {
    assertThat(read(Syslog.rfc5424(), "<1>1 - - - - - [a b=\"1\" b=\"2\"] m").value("sd.a.b")).isEqualTo(List.of("1", "2"));
  }

  @Test void keepsTheRulesOfAStage() {
    StageContract.check(Syslog.any(), "<34>Oct 11 22:14:15 h a[1]: m", "<34>1 - h a p i - m", "x", "Oct 11 22:14:15 h m", "Oct 11 22:14:16 h m",
        "<165>1 2003-10-11T22:14:15.003Z w e 8 I [x y=\"\\\"\"] m", "<9", "");
  }
}
