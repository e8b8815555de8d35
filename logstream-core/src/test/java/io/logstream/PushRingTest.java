package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PushRingTest {
  private static final class Number extends PushRing.Slot {
    private long value;

    @Override
    protected void putInto(LogEvent event) {
      if (value == 13) {
        throw new IllegalStateException("unlucky");
      }
      event.put("n", value);
    }

    @Override
    protected void clear() {}
  }

  private final PushRing<Number> ring = new PushRing<>(4, Number::new);
  private final List<Long> seen = Collections.synchronizedList(new ArrayList<>());
  private final List<PushRing.Caller> callers = Collections.synchronizedList(new ArrayList<>());

  private boolean put(long value) {
    Number slot = ring.claim(0);
    if (slot == null) {
      ring.dropped(ring.closed() ? "closed" : "full");
      return false;
    }
    try {
      slot.value = value;
      slot.keep();
    } finally {
      ring.publish(slot);
    }
    return true;
  }

  private Pipeline pipeline(Source source) {
    return LogStream.named("p").from(source).then("calls", Stage.inOrder(e -> callers.add(PushRing.Caller.now()))).to(Sink.each(e -> seen.add(e.number("n", -1)))).build();
  }

  private Ledger closed(InlineRun run) {
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
    return run.ledger();
  }

  @Test
  void takesInOrderAndDropsWhatFindsNoRoom() {
    InlineRun run = pipeline(context -> ring.reader(context, "ring")).inline(InstantSource.system());
    for (long n = 0; n < 6; n++) {
      assertThat(put(n)).isEqualTo(n < 4);
    }
    run.work();
    assertThat(put(6)).isTrue();
    run.work();
    assertThat(closed(run).entries().get(0).droppedBy()).isEqualTo(Map.of("full", 2L));
    assertThat(seen).containsExactly(0L, 1L, 2L, 3L, 6L);
    assertThat(ring.dropped()).isEqualTo(2);
  }

  @Test
  void aSlotThatWasNotFilledInIsPassedOver() {
    InlineRun run = pipeline(context -> ring.reader(context, "ring")).inline(InstantSource.system());
    put(1);
    ring.publish(ring.claim(0));
    put(2);
    run.work();
    closed(run);
    assertThat(seen).containsExactly(1L, 2L);
  }

  @Test
  void aSlotThatCannotBeReadHarmsNoOther() {
    InlineRun run = pipeline(context -> ring.reader(context, "ring")).inline(InstantSource.system());
    put(1);
    put(13);
    put(2);
    run.work();
    closed(run);
    assertThat(seen).containsExactly(1L, -1L, 2L);
  }

  @Test
  void whatIsThereAtTheCloseIsTakenWithTheProcessesOwnLogAndLeftOtherwise() {
    InlineRun own = pipeline(context -> ring.readerOfOwnLog(context, "ring")).inline(InstantSource.system());
    put(1);
    closed(own);
    assertThat(seen).containsExactly(1L);
    InlineRun other = pipeline(context -> ring.reader(context, "ring")).inline(InstantSource.system());
    put(2);
    closed(other);
    assertThat(seen).containsExactly(1L);
    assertThat(ring.held()).isEqualTo(1);
  }

  @Test
  void servesOneRunAtATime() {
    InlineRun run = pipeline(context -> ring.reader(context, "the ring")).inline(InstantSource.system());
    assertThat(ring.read()).isTrue();
    assertThatThrownBy(() -> pipeline(context -> ring.reader(context, "the ring")).inline(InstantSource.system())).hasMessageContaining("the ring is being read by another run");
    closed(run);
    assertThat(ring.read()).isFalse();
  }

  @Test
  void knowsWhoseThreadItIs() throws InterruptedException {
    assertThat(PushRing.Caller.now()).isEqualTo(PushRing.Caller.APPLICATION);
    InlineRun inline = pipeline(context -> ring.readerOfOwnLog(context, "ring")).inline(InstantSource.system());
    put(1);
    inline.work();
    closed(inline);
    assertThat(PushRing.Caller.now()).isEqualTo(PushRing.Caller.APPLICATION);
    put(2);
    ring.close();
    RunningPipeline live = pipeline(context -> ring.reader(context, "ring")).start();
    live.await();
    live.close();
    Thread handsOn = new Thread(() -> {
      PushRing.Caller.handsOnOwnLog();
      callers.add(PushRing.Caller.now());
    });
    handsOn.start();
    handsOn.join();
    assertThat(callers).containsExactly(PushRing.Caller.READER_OF_OWN_LOG, PushRing.Caller.RUN, PushRing.Caller.READER_OF_OWN_LOG);
  }

  @Test
  void refusesASizeThatIsNoPowerOfTwo() {
    assertThatThrownBy(() -> new PushRing<>(1000, Number::new)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("power of two").hasMessageContaining("1000");
  }
}
