package io.logstream.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.testing.Seed;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CalendarTest {
  private static final ZoneId PARIS = ZoneId.of("Europe/Paris");
  private static final long HOUR = 3_600_000;

  private static long at(String time) {
    return ZonedDateTime.parse(time).toInstant().toEpochMilli();
  }

  private static List<String> windows(Window window, String... times) {
    List<Came> events = java.util.Arrays.stream(times).map(t -> new Came(at(t), null, 1)).toList();
    return new WindowRun().over(WindowRun.lines(events, 1), new At().outOfOrder(Duration.ofDays(400).toMillis()), window).rows.stream()
        .map(r -> Instant.ofEpochMilli(r.number("window.start", 0)).atZone(PARIS).toLocalDateTime() + " " + (r.number("window.end", 0) - r.number("window.start", 0)) / HOUR + "h "
            + r.number("count", 0))
        .toList();
  }

  @Test
  void daysOfAZoneHave23Or25HoursWhenItsClocksChange() {
    assertThat(windows(Window.tumbling(Duration.ofDays(1)).in(PARIS), "2026-03-28T23:59:59+01:00", "2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59+02:00",
        "2026-03-30T00:00:00+02:00", "2026-10-25T00:00:00+02:00", "2026-10-25T23:59:59+01:00", "2026-10-26T00:00:00+01:00"))
        .containsExactly("2026-03-28T00:00 24h 1", "2026-03-29T00:00 23h 2", "2026-03-30T00:00 24h 1", "2026-10-25T00:00 25h 2", "2026-10-26T00:00 24h 1");
  }

  @Test
  void anHourThatAClockShowsTwiceIsTwo() {
    assertThat(windows(Window.tumbling(Duration.ofHours(1)).in(PARIS), "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"))
        .containsExactly("2026-10-25T02:00 1h 1", "2026-10-25T02:00 1h 1", "2026-10-25T03:00 1h 1");
    assertThat(windows(Window.tumbling(Duration.ofHours(6)).in(PARIS), "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-03-29T03:00:00+02:00"))
        .containsExactly("2026-03-29T00:00 5h 1", "2026-10-25T00:00 7h 2");
  }

  @Test
  void hoppingDaysOverlapInTheCalendar() {
    assertThat(windows(Window.hopping(Duration.ofDays(7), Duration.ofDays(1)).in(PARIS), "2026-03-29T12:00:00+02:00")).hasSize(7)
        .allMatch(w -> w.endsWith(" 167h 1")).startsWith("2026-03-23T00:00 167h 1").endsWith("2026-03-29T00:00 167h 1");
  }

  /** Every minute around a change of clocks is in the window that a walk over the local clock puts it in. */
  @Test
  void boundsAreWhereTheLocalClockShowsThem() throws Exception {
    Seed.random(random -> {
      for (String zone : List.of("Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "America/New_York", "Africa/Casablanca", "UTC")) {
        ZoneId id = ZoneId.of(zone);
        for (int minutes : new int[] {30, 60, 180, 360, 720}) {
          Grid grid = Grid.of(Duration.ofMinutes(minutes), Duration.ofMinutes(minutes), id);
          int year = 1985 + random.nextInt(40);
          TreeSet<Long> bounds = bounds(id, LocalDate.of(year, 1, 1), minutes);
          for (int i = 0; i < 2_000; i++) {
            long time = bounds.first() + (long) (random.nextDouble() * (bounds.last() - bounds.first()));
            long start = bounds.floor(time);
            assertThat(grid.start(time)).as("%s %s min %s", zone, minutes, Instant.ofEpochMilli(time)).isEqualTo(start);
            assertThat(grid.end(start)).as("%s %s min end of %s", zone, minutes, Instant.ofEpochMilli(start)).isEqualTo(bounds.higher(start));
          }
        }
      }
    });
  }

  /** All moments of a year at which the clock begins to show a multiple of so many minutes, or skips it, minute by minute. */
  private static TreeSet<Long> bounds(ZoneId zone, LocalDate from, int minutes) {
    TreeSet<Long> bounds = new TreeSet<>();
    long before = -1;
    for (ZonedDateTime at = from.atStartOfDay(zone); at.toLocalDate().isBefore(from.plusYears(1)); at = at.plusMinutes(1)) {
      long shown = at.toLocalDateTime().toLocalDate().toEpochDay() * 1440 + at.toLocalTime().toSecondOfDay() / 60;
      boolean skipped = before >= 0 && shown > before + 1 && Math.floorDiv(shown - 1, minutes) * minutes > before;
      if (shown % minutes == 0 || skipped) {
        bounds.add(at.toInstant().toEpochMilli());
      }
      before = shown;
    }
    return bounds;
  }

  @Test
  void timesBefore1970HaveTheirDays() {
    assertThat(windows(Window.tumbling(Duration.ofDays(1)).in(PARIS), "1965-05-05T12:00:00+01:00", "1969-12-31T23:30:00Z")).containsExactly("1965-05-05T00:00 24h 1", "1970-01-01T00:00 24h 1");
  }

  @Test
  void refusesWhatHasNoPlaceInACalendar() {
    TimedLines lines = new TimedLines(1);
    assertThatThrownBy(() -> new WindowRun().pipeline(lines, new At(), Window.tumbling(Duration.ofHours(7)).in(PARIS))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a day is a multiple").hasMessageContaining("PT7H");
    assertThatThrownBy(() -> new WindowRun().pipeline(lines, new At(), Window.hopping(Duration.ofDays(2), Duration.ofHours(36)).in(PARIS)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("every PT36H");
    assertThat(Window.tumbling(Duration.ofDays(1)).in(PARIS)).hasToString("tumbling PT24H in Europe/Paris: count()");
  }
}
