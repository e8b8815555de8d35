package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogTailTest {
  private final List<Long> given = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong missed = new AtomicLong();

  private final LogTail.Receiver receiver = new LogTail.Receiver() {
    @Override
    public void hit(LogHit hit) {
      given.add(hit.sequence());
    }

    @Override
    public void missed(long events) {
      missed.addAndGet(events);
    }
  };

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static List<Long> numbers(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  @Test void givesHistoryAndThenWhatComesInEachOnce() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
      for (int i = 0; i < 5_000; i++) {
        fed.message("a " + i);
        if (i % 900 == 0) {
          fed.advance(Duration.ofMinutes(61));
        }
      }
      try (LogTail tail = index.tail("a", 100, receiver)) {
        for (int i = 0; i < 5_000; i++) {
          fed.message("a " + i);
          if (i % 700 == 0) {
            index.refresh();
            fed.advance(Duration.ofMinutes(7));
          }
        }
        await(() -> given.size() >= 9_900);
        assertThat(given).isEqualTo(numbers(100, 10_000));
        assertThat(missed).hasValue(0);
        assertThat(tail.isOpen()).isTrue();
      }
    }
  }

  @Test void givesOnlyWhatMatchesAndOnlyTheNewIfAskedSo() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
      fed.message("a old");
      try (LogTail tail = index.tail("a level:error", Long.MAX_VALUE, receiver)) {
        fed.event(Fed.NOON, "a", Map.of("level", "ERROR")).event(Fed.NOON, "b", Map.of("level", "ERROR")).event(Fed.NOON, "a", Map.of("level", "INFO"))
            .event(Fed.NOON, "a", Map.of("level", "error"));
        await(() -> given.size() == 2);
        assertThat(given).containsExactly(1L, 4L);
      }
    }
  }

  @Test void goesOnWhereAnotherHasEnded() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
      for (int round = 0; round < 20; round++) {
        long upTo = (round + 1) * 50L;
        try (LogTail tail = index.tail("*", given.size(), receiver)) {
          for (int i = 0; i < 50; i++) {
            fed.message("x");
          }
          await(() -> given.size() == upTo);
        }
      }
      assertThat(given).isEqualTo(numbers(0, 1_000));
    }
  }

  @Test void tellsASlowReceiverWhatItHasMissedAndWhere() throws Exception {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
      CountDownLatch go = new CountDownLatch(1);
      CountDownLatch stuck = new CountDownLatch(1);
      List<String> told = Collections.synchronizedList(new ArrayList<>());
      LogTail.Receiver slow = new LogTail.Receiver() {
        @Override
        public void hit(LogHit hit) {
          told.add("hit " + hit.sequence());
          if (hit.sequence() == 0) {
            stuck.countDown();
            try {
              go.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        }

        @Override
        public void missed(long events) {
          told.add("missed " + events);
        }
      };
      try (LogTail tail = index.tail("*", 0, slow)) {
        fed.message("0");
        stuck.await();
        for (int i = 1; i <= LogTail.MOST_WAITING + 500; i++) {
          fed.message("x");
        }
        go.countDown();
        await(() -> told.contains("missed 500"));
        fed.message("after");
        await(() -> told.contains("hit " + (LogTail.MOST_WAITING + 501)));
        assertThat(told).hasSize(LogTail.MOST_WAITING + 3);
        assertThat(told.subList(LogTail.MOST_WAITING, told.size()))
            .containsExactly("hit " + LogTail.MOST_WAITING, "missed 500", "hit " + (LogTail.MOST_WAITING + 501));
      }
    }
  }

  @Test void keepsNoMoreOfLargeEventsForASlowReceiverThanTheHeapCanBear() throws Exception {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
      String large = "x".repeat(1_000_000);
      CountDownLatch go = new CountDownLatch(1);
      CountDownLatch stuck = new CountDownLatch(1);
      AtomicLong hits = new AtomicLong();
      AtomicLong missed = new AtomicLong();
      LogTail.Receiver slow = new LogTail.Receiver() {
        @Override
        public void hit(LogHit hit) {
          stuck.countDown();
          try {
            go.await(30, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          hits.incrementAndGet();
        }

        @Override
        public void missed(long events) {
          missed.addAndGet(events);
        }
      };
      try (LogTail tail = index.tail("*", 0, slow)) {
        fed.message("0");
        stuck.await();
        for (int i = 0; i < 40; i++) {
          fed.message(large);
        }
        go.countDown();
        await(() -> hits.get() + missed.get() == 41);
        assertThat(hits.get()).as("16 MiB of them, and the first").isBetween(16L, 19L);
        fed.message("after");
        await(() -> hits.get() + missed.get() == 42);
        assertThat(missed.get()).isEqualTo(42 - hits.get()).isLessThan(25);
      }
    }
  }

  @Test void livesThroughRetention() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(1)); Fed fed = new Fed(index); LogTail tail = index.tail("*", 0, receiver)) {
      for (int i = 0; i < 500; i++) {
        fed.message("x").advance(Duration.ofMinutes(3));
      }
      await(() -> given.size() == 500);
      assertThat(given).isEqualTo(numbers(0, 500));
      assertThat(index.size()).isLessThan(30);
    }
  }

  @Test void endsWithItsReceiversExceptionOrWithTheIndex() {
    LogIndex index = LogIndex.inMemory(Duration.ofHours(1));
    try (Fed fed = new Fed(index)) {
      LogTail failing = index.tail("*", 0, hit -> {
        throw new IllegalArgumentException("no");
      });
      LogTail tail = index.tail("*", 0, receiver);
      fed.message("x").message("y");
      await(() -> !failing.isOpen());
      await(() -> given.size() == 2);
      assertThat(failing.failure()).hasMessage("no");
      assertThat(tail.isOpen()).isTrue();
      index.close();
      await(() -> !tail.isOpen());
      assertThat(tail.failure()).isNull();
      assertThatIllegalStateException().isThrownBy(() -> index.tail("*", 0, receiver)).withMessage("the index is closed");
    }
  }
}
