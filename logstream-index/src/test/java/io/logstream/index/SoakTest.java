package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many windows of events go through an index that is searched and followed. Longer: {@code -Dlogstream.soak=PT10M}. */
@Tag("stress")
class SoakTest {
  private static final int PER_MINUTE = 500;

  private final Duration length = Duration.parse(System.getProperty("logstream.soak", "PT30S"));

  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** What an index takes that has taken in one window of events and let none go. */
  private static long bytesOfAWindow() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
      for (int minute = 0; minute < 60; minute++) {
        fed.events(minute(minute));
        index.refresh();
        fed.advance(Duration.ofSeconds(59));
      }
      assertThat(index.size()).isEqualTo(60L * PER_MINUTE);
      return index.bytes();
    }
  }

  private static List<Given.Event> minute(int number) {
    List<Given.Event> events = new ArrayList<>();
    for (int i = 0; i < PER_MINUTE; i++) {
      long n = (long) number * PER_MINUTE + i;
      boolean error = n % 100 == 0;
      events.add(new Given.Event(Fed.NOON.plusMillis(n), "request " + n + " of a window served", Map.of("level", error ? "ERROR" : "INFO", "n", n, "path", "/p" + n % 50)));
    }
    return events;
  }

  @Test void keepsItsHeapWhileEventsComeAndGo() {
    long window = bytesOfAWindow();
    long peak = 0;
    long events = 0;
    List<Long> heaps = new ArrayList<>();
    AtomicLong followed = new AtomicLong();
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(1)); Fed fed = new Fed(index); LogTail tail = index.tail("level:error", 0, hit -> followed.incrementAndGet())) {
      long end = System.nanoTime() + length.toNanos();
      for (int round = 0; System.nanoTime() < end || heaps.size() < 6; round++) {
        fed.events(minute(round));
        assertThat(index.search("level:error").hits()).isNotEmpty();
        assertThat(index.topValues(LogQuery.parse("served"), "path", 5).values()).hasSize(5);
        fed.advance(Duration.ofMinutes(1));
        peak = Math.max(peak, index.bytes());
        events = Math.max(events, index.size());
        if (round % 60 == 59) {
          long now = heap();
          if (round > 180) {
            heaps.add(now);
          }
        }
        while (followed.get() < (round + 1L) * PER_MINUTE / 100 - 5_000) {
          Thread.onSpinWait();
        }
      }
      assertThat(fed.counter("dropped for space")).isZero();
    }
    assertThat(events).isLessThanOrEqualTo(69L * PER_MINUTE);
    assertThat(peak).as("bytes at most; a window has %d", window).isLessThan(window * 13 / 10);
    long first = heaps.subList(0, heaps.size() / 2).stream().mapToLong(Long::longValue).max().orElseThrow();
    long last = heaps.subList(heaps.size() / 2, heaps.size()).stream().mapToLong(Long::longValue).max().orElseThrow();
    assertThat(last).as("heap after collection, by turns %s", heaps).isLessThan(first + first * 3 / 10 + (4L << 20));
  }

  @Test void takesLittleMoreOfTheHeapThanItSaysWhenTenantsComeByTurns() {
    long before = heap();
    long most = 64L << 20;
    Random random = new Random(20261122);
    for (int events = 4_000; events <= 5_600; events += 400) {
      try (LogIndex index = LogIndex.tenant("tenant").heap(most).atMostBytes(most).inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
        for (int tenant = 0; tenant < 20; tenant++) {
          List<Given.Event> its = new ArrayList<>();
          for (int i = 0; i < events; i++) {
            StringBuilder message = new StringBuilder();
            for (int word = 0; word < 12; word++) {
              message.append(Long.toString(random.nextLong() >>> 24, 36)).append(' ');
            }
            its.add(new Given.Event(Fed.NOON, message.toString(), Map.of("tenant", "t" + tenant, "id", "i" + tenant + "." + i)));
          }
          fed.events(its);
        }
        assertThat(heap() - before - index.bytes()).as("heap beside what it says, after %d events of each tenant", events).isLessThan(most / 2);
      }
    }
  }
}
