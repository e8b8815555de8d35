package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OverflowTest {
  private static final Random RANDOM = new Random(7);

  private static void feed(Fed fed, int from, int to) {
    List<Given.Event> events = new ArrayList<>();
    for (int i = from; i < to; i++) {
      events.add(new Given.Event(Fed.NOON.plusMillis(i), noise(), Map.of("n", i)));
      if (events.size() == 200) {
        fed.events(events);
        events.clear();
      }
    }
    fed.events(events);
  }

  /** 900 bytes that cannot be packed, and have no words, which would only take time. */
  private static String noise() {
    int[] noise = new int[225];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = 0xF0000 + RANDOM.nextInt(0xFFFE);
    }
    return new String(noise, 0, noise.length);
  }

  private static long heapBytes(LogIndex index) {
    return index.slices().stream().filter(LogSlice::inHeap).mapToLong(LogSlice::bytes).sum();
  }

  @Test void movesOldSlicesIntoMappedFilesAndFindsThemThere() {
    try (LogIndex index = LogIndex.heap(16 << 20).inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
      LogHit early = null;
      for (int from = 0; from < 30_000; from += 2_000) {
        feed(fed, from, from + 2_000);
        if (early == null) {
          early = index.search("n:17").hits().get(0);
        }
        assertThat(heapBytes(index)).isLessThan(20 << 20);
      }
      assertThat(index.slices()).as("%s", index.slices()).extracting(LogSlice::inHeap).contains(true, false).isSorted();
      assertThat(index.bytes()).isGreaterThan(24 << 20);
      assertThat(fed.counter("dropped for space")).isZero();
      assertThat(index.count(LogQuery.all())).isEqualTo(30_000);
      assertThat(index.search("n:17").hits().get(0)).usingRecursiveComparison().isEqualTo(early);
      assertThat(index.search(LogQuery.parse("n<20000").limit(3)).hits()).extracting(LogHit::sequence).containsExactly(19_999L, 19_998L, 19_997L);
      fed.advance(Duration.ofHours(2));
      assertThat(index.slices()).isEmpty();
    }
  }

  @Test void takesNoMoreOfTheHeapHoweverManyTenantsThereAre() {
    try (LogIndex index = LogIndex.heap(16 << 20).atMostBytes(24 << 20).tenant("client").inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
      for (int given = 0; given < 60_000; ) {
        List<Given.Event> events = new ArrayList<>();
        for (int i = 0; i < 1_000; i++, given++) {
          events.add(new Given.Event(Fed.NOON.plusMillis(given), noise(), Map.of("client", "c" + given % 60, "n", given)));
        }
        fed.events(events);
        fed.advance(Duration.ofMillis(1));
        // a writer takes some 90 kB for its first event
        assertThat(heapBytes(index)).isLessThan(23 << 20);
        assertThat(index.bytes()).isLessThan(31 << 20);
      }
      assertThat(index.size()).isGreaterThan(10_000).isEqualTo(60_000 - fed.counter("dropped for space"));
      assertThat(index.search(LogQuery.all().limit(2_000)).hits()).extracting(LogHit::sequence).isEqualTo(
          java.util.stream.LongStream.range(0, 2_000).map(n -> 59_999 - n).boxed().toList());
    }
  }

  @Test void letsTheOldestGoWhenHeapAndFilesTogetherAreTooMuch() {
    try (LogIndex index = LogIndex.heap(16 << 20).atMostBytes(24 << 20).inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
      feed(fed, 0, 30_000);
      assertThat(index.bytes()).isLessThan(28 << 20);
      assertThat(fed.counter("dropped for space")).isPositive().isEqualTo(30_000 - index.size());
      assertThat(index.search(LogQuery.all().limit(1)).hits().get(0).sequence()).isEqualTo(29_999);
    }
  }

  @Test void givesASearchThatIsUnderWayItsEnd() {
    try (LogIndex index = LogIndex.heap(16 << 20).inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
      feed(fed, 0, 2_000);
      List<Long> followed = new ArrayList<>();
      Object gate = new Object();
      boolean[] moved = {false};
      try (LogTail tail = index.tail("n>=0", 0, hit -> {
        synchronized (gate) {
          while (followed.size() == 10 && !moved[0]) {
            try {
              gate.wait();
            } catch (InterruptedException e) {
              return;
            }
          }
          followed.add(hit.sequence());
          gate.notifyAll();
        }
      })) {
        feed(fed, 2_000, 20_000);
        synchronized (gate) {
          moved[0] = true;
          gate.notifyAll();
          long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
          while (followed.size() < 2_000 && System.nanoTime() < deadline) {
            try {
              gate.wait(100);
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        }
      }
      assertThat(followed.subList(0, 2_000)).isEqualTo(java.util.stream.LongStream.range(0, 2_000).boxed().toList());
    }
  }
}
