package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.testing.RecordingSink;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest extends EveryWay {
  private static final int LINES = 4_000;
  private static final String LONG_LINE = "x".repeat(1_000);

  private static GrowingLog wideLog() {
    String[] lines = new String[LINES];
    for (int i = 0; i < LINES; i++) {
      lines[i] = i + " " + LONG_LINE;
    }
    return new GrowingLog("log").perBatch(50).add(lines).end();
  }

  private static List<String> heads(RecordingSink sink) {
    return sink.messages().stream().map(m -> m.substring(0, m.indexOf(' '))).toList();
  }

  @Test
  void slowsNobodyUntilItIsFullThenEverythingAndLosesNothing() throws Exception {
    RecordingSink stalled = RecordingSink.blocking().hold();
    RecordingSink other = RecordingSink.blocking();
    RecordingSink near = new RecordingSink();
    RunningPipeline run = LogStream.named("p").from(wideLog()).to("stalled", Outboxed.sink(stalled).holding(1 << 20)).to("other", other).to("near", near).build()
        .ring(2).start();
    assertThat(stalled.awaitHeld(LONG)).isTrue();
    assertThat(near.await(900, LONG)).as("goes on while there is room").isTrue();
    assertThat(other.await(500, LONG)).isTrue();

    awaitStandstill(run);
    assertThat(near.size()).isBetween(900, LINES - 1_000);
    assertThat(stalled.size()).isZero();
    Ledger full = run.ledger();
    assertBalanced(full);
    assertThat(full.stage("stalled").held()).isGreaterThan(900);

    stalled.release();
    assertThat(run.await(LONG)).isTrue();
    List<String> numbers = java.util.stream.IntStream.range(0, LINES).mapToObj(Integer::toString).toList();
    assertThat(heads(stalled)).isEqualTo(numbers);
    assertThat(heads(other)).isEqualTo(numbers);
    assertThat(heads(near)).isEqualTo(numbers);
    assertBalanced(run.ledger());
    assertThat(run.ledger().stage("stalled").held()).isZero();
  }

  /** Waits until the trunk waits for room: it says so in its stack. */
  private static void awaitStandstill(RunningPipeline run) {
    Thread trunk = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("logstream-p-trunk")).findFirst().orElseThrow();
    long deadline = System.nanoTime() + LONG.toNanos();
    while (System.nanoTime() < deadline) {
      if (Arrays.stream(trunk.getStackTrace()).anyMatch(f -> f.getMethodName().equals("whileWaiting"))) {
        return;
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("the trunk never waits: " + run.ledger());
  }

  @Test
  void holdsNoMoreBytesOfLongRecordsThanOfShortOnes() throws Exception {
    String[] lines = new String[40];
    Arrays.setAll(lines, i -> i + " " + "x".repeat(500_000));
    RecordingSink stalled = RecordingSink.blocking().hold();
    RecordingSink near = new RecordingSink();
    RunningPipeline run = LogStream.named("p").from(new GrowingLog("log").perBatch(1).add(lines).end())
        .to("stalled", Outboxed.sink(stalled).holding(1 << 22)).to("near", near).build().start();
    assertThat(stalled.awaitHeld(LONG)).isTrue();
    awaitStandstill(run);
    assertThat(run.ledger().stage("stalled").held()).as("of 500 KB each in 4 MiB, and one that wants in").isBetween(6L, 10L);
    assertBalanced(run.ledger());
    stalled.release();
    assertThat(run.await(LONG)).isTrue();
    assertThat(heads(stalled)).isEqualTo(java.util.stream.IntStream.range(0, 40).mapToObj(Integer::toString).toList());
    assertBalanced(run.ledger());
  }

  @Test
  void dropsTheNewestAndCountsItWhereToldTo() throws Exception {
    RecordingSink stalled = RecordingSink.blocking().hold();
    RecordingSink near = new RecordingSink();
    RunningPipeline run = LogStream.named("p").from(wideLog())
        .to("stalled", Outboxed.sink(stalled).holding(1 << 17).whenFull(Outboxed.WhenFull.DROP_NEWEST)).to("near", near).build().start();
    assertThat(near.await(LINES, LONG)).as("nobody waits").isTrue();
    assertThat(stalled.size()).isZero();
    stalled.release();
    assertThat(run.await(LONG)).isTrue();

    Ledger.Entry entry = run.ledger().stage("stalled");
    assertThat(entry.dropped("outbox full")).isPositive().isEqualTo(LINES - stalled.size());
    assertThat(entry.absorbed()).isEqualTo(stalled.size()).isPositive();
    List<String> heads = heads(stalled);
    assertThat(heads).startsWith("0", "1", "2").doesNotHaveDuplicates();
    List<Integer> numbers = heads.stream().map(Integer::valueOf).toList();
    assertThat(numbers).isSorted();
    assertBalanced(run.ledger());
  }

  @Test
  void deliversEventsAsTheyWereAtItsPlace() {
    List<String> remote = Collections.synchronizedList(new java.util.ArrayList<>());
    RunningPipeline run = LogStream.named("p").from(lines(300, 7).field("env", "test"))
        .then("declares", new Stage() {
          @Override
          public Processor open(StageContext context) {
            FieldKey key = context.key("part");
            FieldKey real = context.key("real");
            return (e, out) -> out.emit(e.put(key, e.from(), e.from() + 4).put(real, 0.5).put("list", List.of(1, "a")).put("yes", true)
                .time(java.time.Instant.ofEpochSecond(9)));
          }

          @Override
          public boolean stateless() {
            return true;
          }
        })
        .to("remote", blocking(Sink.each(e -> remote.add(shown(e) + " " + e.time() + " " + e.position() + " " + e.text("file") + " " + e.value("part")))))
        .then("later", Stage.each(e -> e.message("changed").put("part", "changed").put("real", 1).put("list", "changed"))).build().start();
    assertThat(run.await(LONG)).isTrue();

    assertThat(remote).hasSize(300);
    assertThat(remote.get(299)).isEqualTo("line 299 {env=test, list=[1, a], part=line, real=0.5, yes=true} 1970-01-01T00:00:09Z lines@299 lines.log line");
    assertBalanced(run.ledger());
  }

  @Test
  void passesEventsOnAtOnceWhenTheSinkIsIdle() throws Exception {
    GrowingLog log = GrowingLog.of("a");
    RecordingSink sink = RecordingSink.blocking();
    RunningPipeline run = LogStream.named("p").from(log).to(sink).build().start();
    assertThat(sink.await(1, LONG)).isTrue();
    log.add("b");
    assertThat(sink.await(2, LONG)).isTrue();
    run.close();
    assertThat(sink.messages()).containsExactly("a", "b");
    assertBalanced(run.ledger());
  }

  @Test
  void refusesWordsForASinkWithoutAnOutbox() {
    assertThatThrownBy(() -> Outboxed.sink(new RecordingSink())).hasMessageContaining("does not block");
    assertThatThrownBy(() -> Outboxed.sink(RecordingSink.blocking()).holding(1)).hasMessageContaining("at least 131072");
  }
}
