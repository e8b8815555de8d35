package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SmokeTest {
  private final List<String> seen = java.util.Collections.synchronizedList(new ArrayList<>());
  private final List<String> inBranch = new ArrayList<>();

  private Pipeline pipeline(int lines, int perBatch) {
    List<String> text = new ArrayList<>();
    for (int i = 0; i < lines; i++) {
      text.add("line " + i);
    }
    return LogStream.named("smoke")
        .from(new TestLines("lines", text, perBatch))
        .then(Stage.each(e -> e.put("n", e.message().length())))
        .then("odd", new Stage() {
          @Override public Processor open(StageContext c) {
            return (e, out) -> { if (e.message().endsWith("7")) out.drop(e, "seven"); else if (e.message().endsWith("13")) throw new IllegalStateException("13!"); else out.emit(e); };
          }
        })
        .branch("b", b -> b.then(Stage.each(e -> e.message("changed").put("x", "y"))).to(Sink.each(e -> inBranch.add(e.message() + e.text("x")))))
        .to(Sink.each(e -> seen.add(e.message() + e.text("n") + e.has("x") + e.text("file") + e.number("line", 0))))
        .to("slow", new Sink() {
          @Override public Processor open(StageContext c) { return (e, out) -> { }; }
          @Override public boolean blocks() { return true; }
        })
        .build();
  }

  @Test void runsInline() {
    Pipeline p = pipeline(100, 3);
    InlineRun run = p.inline(InstantSource.fixed(Instant.EPOCH));
    run.work();
    run.close();
    
    System.err.println(run.ledger());
    assertThat(run.ledger().balances()).isTrue();
    assertThat(seen).hasSize(89).startsWith("line 06falselines.log1");
  }

  @Test void runsOnTheRing() throws Exception {
    for (int lanes : new int[] {0, 1, 2, 4}) {
      seen.clear();
      inBranch.clear();
      RunningPipeline run = pipeline(100_000, 100).lanes(lanes).start();
      run.await();
      run.close();
      System.err.println(run.ledger());
      assertThat(run.ledger().balances()).isTrue();
      assertThat(seen.size()).isEqualTo(inBranch.size());
    }
    for (int i = 0; i < 300; i++) {
      RunningPipeline run = pipeline(100, 3).start();
      if (i % 2 == 0) run.await(Duration.ofSeconds(5));
      run.close();
      assertThat(run.ledger().balances()).isTrue();
    }
  }
}
