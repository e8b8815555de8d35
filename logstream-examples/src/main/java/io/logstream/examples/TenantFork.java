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
  public static void main(String[] args) {
    Program.of("TenantFork STORE STATE_DIR (TENANT SOURCE STREAM LOG)...").run(args, 6, Integer.MAX_VALUE, given -> {
      if (given.size() % 4 != 2) {
        throw new Program.WrongUsage("behind STORE and STATE_DIR every log takes four arguments, the last has " + (given.size() - 2) % 4);
      }
      Source[] logs = new Source[given.size() / 4];
      for (int i = 0; i < logs.length; i++) {
        int at = 2 + 4 * i;
        logs[i] = labelled(given.get(at), given.get(at + 1), given.get(at + 2), Path.of(given.get(at + 3)));
      }
      follow(Path.of(given.get(0)), Path.of(given.get(1)), logs);
    });
  }

  // tag::run[]
  private static void follow(Path storeFile, Path state, Source... logs) throws InterruptedException {
    Sink store = JsonLines.to(storeFile).rollEvery(ofHours(1)).gzip();
    AlertNotifier subscriber = alert -> System.out.println("ALERT " + alert.name() + " " + alert.key());
    try (LogIndex index = LogIndex.keyword("tenant", "source", "stream").inMemory(ofDays(1));
        RunningPipeline tenants = pipeline(store, index, subscriber, logs).checkpointIn(state).start()) {
      Runtime.getRuntime().addShutdownHook(new Thread(tenants::close));
      tenants.await();
    }
  }
  // end::run[]
}
