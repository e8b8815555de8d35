package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many windows of events go through an index that is searched and followed. Longer: {@code -Dlogstream.soak=PT10M}. */
@Tag("stress")
class SoakTest {
  private final Duration length = Duration.parse(System.getProperty("logstream.soak", "PT30S"));

  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test void keepsItsHeapWhileEventsComeAndGo() {
    long window = 0;
    List<Long> heaps = new ArrayList<>();
    AtomicLong followed = new AtomicLong();
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(1)); Fed fed = new Fed(index); LogTail tail = index.tail("level:error", 0, hit -> followed.incrementAndGet())) {
      long end = System.nanoTime() + length.toNanos();
      long given = 0;
      long errors = 0;
      for (int round = 0; System.nanoTime() < end; round++) {
        List<Given.Event> events = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
          boolean error = given++ % 100 == 0;
          errors += error ? 1 : 0;
          events.add(new Given.Event(Fed.NOON.plusMillis(given), "request " + given + " of a window served", Map.of("level", error ? "ERROR" : "INFO", "n", given, "path", "/p" + given % 50)));
        }
        fed.events(events);
        assertThat(index.search("level:error").hits()).isNotEmpty();
        assertThat(index.topValues(LogQuery.parse("served"), "path", 5).values()).hasSize(5);
        fed.advance(Duration.ofMinutes(1));
        if (round > 120) {
          window = Math.max(window, index.size());
        }
        if (round % 60 == 59) {
          long now = heap();
          if (round > 180) {
            heaps.add(now);
          }
        }
        while (followed.get() < errors - 5_000) {
          Thread.onSpinWait();
        }
      }
      assertThat(window).isLessThanOrEqualTo(68 * 500L + 500);
    }
    assertThat(heaps).hasSizeGreaterThan(4);
    long first = heaps.subList(0, heaps.size() / 2).stream().mapToLong(Long::longValue).max().orElseThrow();
    long last = heaps.subList(heaps.size() / 2, heaps.size()).stream().mapToLong(Long::longValue).max().orElseThrow();
    assertThat(last).as("heap after collection, by turns %s", heaps).isLessThan(first + first * 3 / 10 + (4L << 20));
  }
}
