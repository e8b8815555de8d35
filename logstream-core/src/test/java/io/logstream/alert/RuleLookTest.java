package io.logstream.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Looking at files on a disk that may be slow. */
class RuleLookTest {
  private static final RuleLook.Seen QUICK = new RuleLook.Seen(null, List.of("quick"), null, 1_000);
  private static final RuleLook.Seen SLOW = new RuleLook.Seen(null, List.of("slow"), null, Duration.ofSeconds(3).toNanos());

  @Test void waitsForADiskInOrder() {
    try (RuleLook look = new RuleLook(() -> QUICK, "p")) {
      for (int i = 0; i < 50; i++) {
        assertThat(look.seen()).isSameAs(QUICK);
      }
    }
  }

  @Test void givesUpWaitingForADiskThatHangsAndTakesWhatItSaysInTheEnd() {
    CountDownLatch hangs = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    try (RuleLook look = new RuleLook(() -> {
      looks.incrementAndGet();
      while (hangs.getCount() > 0) {
        LockSupport.parkNanos(1_000_000);
      }
      return SLOW;
    }, "p")) {
      assertThat(look.seen()).isNull();
      for (int i = 0; i < 1_000; i++) {
        assertThat(look.seen()).as("it is not waited for again, or these would take a quarter of an hour").isNull();
      }
      assertThat(looks).hasValue(1);
      hangs.countDown();
      RuleLook.Seen seen = null;
      for (long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos(); seen == null && System.nanoTime() < deadline; ) {
        seen = look.seen();
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(seen).isSameAs(SLOW);
    }
  }
}
