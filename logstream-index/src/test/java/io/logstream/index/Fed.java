package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Stage;
import io.logstream.match.Condition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A pipeline into an index, on the caller's thread, with a clock moved by hand. Its books must balance when it is closed. */
final class Fed implements AutoCloseable, InstantSource {
  static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

  final LogIndex index;
  private final Given source = new Given();
  private final InlineRun run;
  private Instant now = NOON;

  Fed(LogIndex index) {
    this(index, e -> { });
  }

  Fed(LogIndex index, Consumer<io.logstream.LogEvent> step) {
    this.index = index;
    this.run = LogStream.named("fed").from(source).then("step", Stage.each(step)).to("index", index).build().inline(this);
  }

  Fed message(String message) {
    return event(now, message, Map.of());
  }

  Fed fields(Map<String, Object> fields) {
    return event(now, "", fields);
  }

  Fed event(Instant time, String message, Map<String, Object> fields) {
    source.add(new Given.Event(time, message, fields));
    run.work();
    return this;
  }

  Fed events(List<Given.Event> events) {
    events.forEach(source::add);
    run.work();
    return this;
  }

  Fed advance(Duration by) {
    now = now.plus(by);
    run.work();
    return this;
  }

  List<String> found(LogQuery query) {
    LogHits hits = index.search(query);
    assertThat(hits.isExact() ? hits.total() : index.count(query)).isEqualTo(index.count(query));
    return hits.hits().stream().map(LogHit::message).toList();
  }

  List<String> found(Condition condition) {
    return found(LogQuery.of(condition));
  }

  List<String> found(String query) {
    return found(LogQuery.parse(query));
  }

  long counter(String name) {
    return run.metrics().getOrDefault("index." + name, 0L);
  }

  InlineRun run() {
    return run;
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public void close() {
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
  }
}
