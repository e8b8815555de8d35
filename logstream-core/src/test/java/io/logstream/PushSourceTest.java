package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PushSourceTest {
  private final List<LogEvent> seen = Collections.synchronizedList(new ArrayList<>());

  private Pipeline reading(Source source) {
    return LogStream.named("push").from(source).to(Sink.each(e -> seen.add(e.copy()))).build();
  }

  private static Ledger balanced(Ledger ledger) {
    assertThat(ledger.imbalances()).isEmpty();
    return ledger;
  }

  private InlineRun inline(Source source) {
    InlineRun run = reading(source).inline(InstantSource.fixed(Instant.ofEpochMilli(77)));
    run.work();
    return run;
  }

  private List<String> messages() {
    return seen.stream().map(LogEvent::message).toList();
  }

  @Test
  void manyThreadsLoseNothingAndKeepTheirOrder() throws InterruptedException {
    int threads = 8;
    int each = 20_000;
    PushSource source = PushSource.named("events").holding(64).waitingAtMost(Duration.ofSeconds(50));
    RunningPipeline run = reading(source).start();
    List<Thread> pushing = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int me = t;
      Thread thread = new Thread(() -> {
        for (int i = 0; i < each; i++) {
          assertThat(source.push(null, me + ":" + i, Map.of("thread", me, "n", i))).isTrue();
        }
      });
      thread.start();
      pushing.add(thread);
    }
    for (Thread thread : pushing) {
      thread.join();
    }
    source.close();
    run.await();
    run.close();
    assertThat(balanced(run.ledger()).stage("events").passed()).isEqualTo((long) threads * each);
    assertThat(seen).hasSize(threads * each);
    long[] next = new long[threads];
    for (LogEvent event : seen) {
      int thread = (int) event.number("thread", -1);
      if (event.number("n", -1) != next[thread] || !event.message().equals(thread + ":" + next[thread])) {
        assertThat(event.toString()).isEqualTo(thread + ":" + next[thread]);
      }
      next[thread]++;
    }
    assertThat(source.dropped()).isZero();
  }

  @Test
  void whatIsPutBeforeTheStartArrives() {
    PushSource source = PushSource.named("early");
    source.push("one");
    source.push(Instant.ofEpochMilli(5), "two", Map.of("a", "b"));
    InlineRun run = inline(source);
    run.close();
    assertThat(messages()).containsExactly("one", "two");
    assertThat(seen.get(0).epochMillis()).isEqualTo(77);
    assertThat(seen.get(1).epochMillis()).isEqualTo(5);
    assertThat(seen.get(1).fields()).isEqualTo(Map.of("a", "b"));
    balanced(run.ledger());
  }

  @Test
  void aFullRingWithoutAReaderDropsAfterItsPatienceAndTheLedgerSaysSo() {
    PushSource source = PushSource.named("full").holding(4).waitingAtMost(Duration.ofMillis(20));
    for (int i = 0; i < 4; i++) {
      assertThat(source.push("x" + i)).isTrue();
    }
    long before = System.nanoTime();
    assertThat(source.push("y")).isFalse();
    assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(20_000_000);
    assertThat(source.push("z")).isFalse();
    assertThat(source.dropped()).isEqualTo(2);
    InlineRun first = inline(source);
    first.close();
    assertThat(balanced(first.ledger()).stage("full").dropped("full")).isEqualTo(2);
    assertThat(first.ledger().stage("full").in()).isEqualTo(6);
    source.push("later");
    InlineRun second = inline(source);
    second.close();
    assertThat(balanced(second.ledger()).stage("full").dropped()).as("told once").isZero();
    assertThat(messages()).containsExactly("x0", "x1", "x2", "x3", "later");
  }

  @Test
  void doesNotWaitWhereItIsToldSoOrIsInterrupted() {
    PushSource hasty = PushSource.named("hasty").holding(2).waitingAtMost(Duration.ZERO);
    assertThat(hasty.push("a") && hasty.push("b")).isTrue();
    assertThat(hasty.push("c")).isFalse();
    PushSource patient = PushSource.named("patient").holding(2).waitingAtMost(Duration.ofHours(1));
    assertThat(patient.push("a") && patient.push("b")).isTrue();
    Thread.currentThread().interrupt();
    assertThat(patient.push("c")).isFalse();
    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
  }

  @Test
  void closingEndsTheRunAndRefusesWhatComesAfter() throws InterruptedException {
    PushSource source = PushSource.named("ending");
    RunningPipeline run = reading(source).start();
    source.push("last");
    source.close();
    assertThat(source.push("too late")).isFalse();
    assertThat(source.dropped()).isEqualTo(1);
    run.await();
    run.close();
    assertThat(messages()).containsExactly("last");
    balanced(run.ledger());
  }

  @Test
  void everyEventThatWasTakenArrivesHoweverClosingRaces() throws InterruptedException {
    for (int round = 0; round < 300; round++) {
      seen.clear();
      PushSource source = PushSource.named("racing").holding(16).waitingAtMost(Duration.ofSeconds(10));
      AtomicLong taken = new AtomicLong();
      AtomicBoolean stop = new AtomicBoolean();
      CountDownLatch going = new CountDownLatch(2);
      Runnable push = () -> {
        going.countDown();
        while (!stop.get() && source.push("x")) {
          taken.incrementAndGet();
        }
      };
      Thread one = new Thread(push);
      Thread two = new Thread(push);
      RunningPipeline run = reading(source).start();
      one.start();
      two.start();
      going.await();
      source.close();
      run.await();
      stop.set(true);
      one.join();
      two.join();
      run.close();
      balanced(run.ledger());
      assertThat(seen).hasSize((int) taken.get());
    }
  }

  @Test
  void servesOneRunAtATime() {
    PushSource source = PushSource.named("one");
    InlineRun first = inline(source);
    assertThatThrownBy(() -> inline(source)).hasMessageContaining("push source 'one' is being read by another run");
    first.close();
    InlineRun second = inline(source);
    source.push("for the second");
    second.work();
    second.close();
    assertThat(messages()).containsExactly("for the second");
  }

  @Test
  void aStartThatFailsLetsGoOfTheSource() {
    PushSource source = PushSource.named("free");
    Source broken = context -> {
      throw new IllegalStateException("broken on purpose");
    };
    assertThatThrownBy(() -> LogStream.named("p").from(source, broken).to(Sink.each(e -> { })).build().inline(InstantSource.system())).hasMessageContaining("on purpose");
    inline(source).close();
  }

  @Test
  void takesAllTextThereIs() {
    PushSource source = PushSource.named("text");
    String large = "\u00e9\u20ac\ud83d\ude00x".repeat(100_000);
    source.push("");
    source.push("a\u0000b\u00e9\ud83d\ude00");
    source.push("\ud800 alone, \udc00 too \ud83d");
    source.push(new StringBuilder("built"));
    source.push(large);
    source.push("after");
    InlineRun run = inline(source);
    run.close();
    balanced(run.ledger());
    assertThat(messages()).containsExactly("", "a\u0000b\u00e9\ud83d\ude00", "? alone, ? too ?", "built", large, "after");
  }

  private enum Level { WARN }

  @Test
  void fieldsAreCopiedAndOfAnyTypeAFieldHas() {
    PushSource source = PushSource.named("fields");
    Map<String, Object> fields = new HashMap<>();
    List<Object> list = new ArrayList<>(List.of("a", 1, 2.5f));
    fields.put("text", new StringBuilder("built"));
    fields.put("int", 5);
    fields.put("float", 0.5f);
    fields.put("truth", true);
    fields.put("level", Level.WARN);
    fields.put("list", list);
    fields.put("none", null);
    source.push(null, "m", fields);
    list.clear();
    fields.clear();
    InlineRun run = inline(source);
    run.close();
    assertThat(seen.get(0).fields()).isEqualTo(Map.of("text", "built", "int", 5L, "float", 0.5, "truth", true, "level", "WARN", "list", List.of("a", 1L, 2.5)));
  }

  @Test
  void refusesAtTheCallerWhatTheReaderCouldNotPut() {
    PushSource source = PushSource.named("strict");
    assertThatThrownBy(() -> source.push(null, "m", Map.of("bad", new Object()))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("field 'bad' takes text")
        .hasMessageContaining("java.lang.Object");
    assertThatThrownBy(() -> source.push(null, "m", Map.of("bad", List.of(Map.of())))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("a list in field 'bad'");
    assertThatThrownBy(() -> source.push(Instant.MAX, "m", Map.of())).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("milliseconds");
    assertThatThrownBy(() -> source.push(null, "m", null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> source.push(null)).isInstanceOf(NullPointerException.class).hasMessageContaining("message");
    source.push("good");
    InlineRun run = inline(source);
    run.close();
    assertThat(messages()).containsExactly("good");
    assertThat(balanced(run.ledger()).read()).isEqualTo(1);
    assertThatThrownBy(() -> source.holding(3)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("power of two");
    assertThatThrownBy(() -> source.waitingAtMost(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class);
  }
}
