package io.logstream.examples;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertNotifier;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.index.LogHits;
import io.logstream.index.LogIndex;
import io.logstream.index.LogQuery;
import io.logstream.parse.EventTime;
import io.logstream.sink.JsonLines;
import io.logstream.window.Window;
import java.nio.file.Path;

/**
 * Logs of several clients in one stream, forked to a store, an index and alerts, where a gateway, a message queue, an event processor, a
 * search cluster and a wide-column store were. Every event says whose it is, from which source and of which stream.
 *
 * <pre>TenantFork STORE STATE_DIR (TENANT SOURCE STREAM LOG)...</pre>
 */
public final class TenantFork {
  private TenantFork() {}

  // tag::pipeline[]
  static Source labelled(String tenant, String source, String stream, Path log) {
    return FileTail.of(log).field("tenant", tenant).field("source", source).field("stream", stream);
  }

  static Pipeline pipeline(Sink store, Sink index, AlertNotifier subscriber, Source... logs) {
    return LogStream.named("tenants")
        .from(logs)
        .to("store", store)
        .then(Grok.pattern("%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level} %{GREEDYDATA:message}"))
        .then(EventTime.from("time", "ISO8601"))
        .to("index", index)
        .to(errorBurst(subscriber))
        .build();
  }

  static Sink errorBurst(AlertNotifier subscriber) {
    return Alert.named("error burst").on(field("level").is("ERROR")).by("tenant", "stream")
        .over(Window.sliding(ofMinutes(1)).aggregate(count())).when(field("count").atLeast(5)).notify(subscriber);
  }
  // end::pipeline[]

  // tag::search[]
  /** What a client's user typed, among the client's own events only. */
  static LogHits search(LogIndex index, String tenant, String typed) {
    return index.search(LogQuery.parse(typed).and(field("tenant").is(tenant)));
  }
  // end::search[]

  /** Runs it until the process is stopped. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length < 6 || args.length % 4 != 2) {
      System.err.println("usage: TenantFork STORE STATE_DIR (TENANT SOURCE STREAM LOG)...");
      System.exit(2);
    }
    Source[] logs = new Source[args.length / 4];
    for (int i = 0; i < logs.length; i++) {
      int at = 2 + 4 * i;
      logs[i] = labelled(args[at], args[at + 1], args[at + 2], Path.of(args[at + 3]));
    }
    // tag::run[]
    Sink store = JsonLines.to(Path.of(args[0])).rollEvery(ofHours(1)).gzip();
    AlertNotifier subscriber = alert -> System.out.println("ALERT " + alert.name() + " " + alert.key());
    try (LogIndex index = LogIndex.keyword("tenant", "source", "stream").inMemory(ofDays(1));
        RunningPipeline tenants = pipeline(store, index, subscriber, logs).checkpointIn(Path.of(args[1])).start()) {
      tenants.await();
    }
    // end::run[]
  }
}
