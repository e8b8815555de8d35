package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segments are written by the threads that search while another one adds: each event stays where it belongs. Longer: {@code -Dlogstream.soak=PT10M}. */
@Tag("stress")
class SearchedWhileAddedTest {
  private static final int SEARCHERS = 3;

  private final long length = Duration.parse(System.getProperty("logstream.soak", "PT10S")).toNanos();
  @TempDir private Path dir;

  @Test void findsEveryEventInMemory() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(6))) {
      run(index);
    }
  }

  @Test void findsEveryEventOnDisk() throws IOException {
    try (LogIndex index = LogIndex.in(dir, Duration.ofDays(7))) {
      run(index);
    }
    try (Stream<Path> slices = Files.list(dir)) {
      for (Path slice : slices.filter(Files::isDirectory).toList()) {
        try (Directory directory = FSDirectory.open(slice); CheckIndex check = new CheckIndex(directory)) {
          assertThat(check.checkIndex().clean).as("%s is sound", slice).isTrue();
        }
      }
    }
  }

  @Test void findsEveryEventOfManyTenants() {
    try (LogIndex index = LogIndex.tenant("tenant").inMemory(Duration.ofHours(6))) {
      run(index);
    }
  }

  private void run(LogIndex index) {
    AtomicLong visible = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    ConcurrentLinkedQueue<Throwable> wrong = new ConcurrentLinkedQueue<>();
    List<Thread> searchers = new ArrayList<>();
    long count = 0;
    try (Fed fed = new Fed(index)) {
      for (int i = 0; i < SEARCHERS; i++) {
        Thread searcher = new Thread(() -> search(index, visible, over, wrong));
        searchers.add(searcher);
        searcher.start();
      }
      for (long end = System.nanoTime() + length; System.nanoTime() < end && wrong.isEmpty(); ) {
        List<Given.Event> events = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          events.add(event(count++));
        }
        fed.events(events);
        visible.set(count);
      }
      over.set(true);
      for (Thread searcher : searchers) {
        searcher.join();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(wrong).isEmpty();
    assertThat(index.size()).isEqualTo(count);
    assertThat(index.count(LogQuery.parse("everywhere"))).isEqualTo(count);
    assertThat(index.count(LogQuery.parse("\"twice twice\""))).isEqualTo(count);
    for (long n = 0; n < count; n += count > 20_000 ? 1 + n % 7 : 1) {
      find(index, n);
    }
  }

  private static Given.Event event(long n) {
    return new Given.Event(Fed.NOON.plusMillis(n), "request " + n + " of w" + n + " v" + n + " everywhere twice twice " + "rest ".repeat((int) (n % 11)) + "end",
        Map.of("id", "i" + n, "kind", "k" + n % 7, "tenant", "t" + n % 20, "both", List.of("b" + n % 3, "b" + n % 3, "c" + n)));
  }

  private static void find(LogIndex index, long n) {
    for (String query : List.of("id:i" + n, "\"w" + n + " v" + n + "\"", "w" + n, "both:c" + n)) {
      assertThat(index.search(query).hits()).as(query).extracting(LogHit::sequence).containsExactly(n);
    }
  }

  private static void search(LogIndex index, AtomicLong visible, AtomicBoolean over, ConcurrentLinkedQueue<Throwable> wrong) {
    Random random = new Random(Thread.currentThread().getId());
    try {
      while (!over.get()) {
        long sure = visible.get();
        index.refresh();
        assertThat(index.count(LogQuery.parse("everywhere"))).isGreaterThanOrEqualTo(sure);
        if (sure > 0) {
          find(index, sure - 1);
          find(index, (random.nextLong() >>> 1) % sure);
        }
      }
    } catch (Throwable e) {
      wrong.add(e);
    }
  }
}
