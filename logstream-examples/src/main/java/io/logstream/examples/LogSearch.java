package io.logstream.examples;

import static io.logstream.match.Condition.all;
import static io.logstream.match.Condition.phrase;
import static io.logstream.match.Field.field;

import io.logstream.Ledger;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Source;
import io.logstream.file.FileTail;
import io.logstream.index.IndexSettings;
import io.logstream.index.LogCursor;
import io.logstream.index.LogHits;
import io.logstream.index.LogIndex;
import io.logstream.index.LogQuery;
import io.logstream.match.Condition;
import io.logstream.parse.EventTime;
import io.logstream.parse.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The filters of a log search page, all of which must hold: level, message, resource, trace, span, commit, parent resource, and the time from and to.
 * What the page leaves empty is null here and filters nothing. Every filter says what it finds; the events are JSON objects whose fields the
 * {@code Json} stage has read, nested ones with dots in their names.
 *
 * <pre>LogSearch [--level L] [--message WORDS] [--resource R] [--trace T] [--span S] [--commit C] [--parent P] [--from TIME] [--to TIME] FILE...</pre>
 *
 * @param level equal, in whatever case: {@code error} finds ERROR
 * @param message these words one after the other, in whatever case
 * @param resourceId equal as a whole: {@code server-1234} finds that server only
 * @param traceId equal as a whole
 * @param spanId equal as a whole
 * @param commit equal as a whole
 * @param parentResourceId equal as a whole
 * @param from events of this time or later
 * @param to events before this time
 */
public record LogSearch(String level, String message, String resourceId, String traceId, String spanId, String commit, String parentResourceId, Instant from, Instant to) {
  /** Without any filter. */
  public static final LogSearch EVERYTHING = new LogSearch(null, null, null, null, null, null, null, null, null);

  /** Reads files of JSON lines and prints the newest events that all filters let through. */
  public static void main(String[] args) {
    Program.of("LogSearch [--level L] [--message WORDS] [--resource R] [--trace T] [--span S] [--commit C] [--parent P] [--from TIME] [--to TIME] FILE...").run(args, given -> print(given, System.out));
  }

  static void print(List<String> args, PrintStream out) throws InterruptedException {
    Program.Given given = Program.Given.of(args, "--level", "--message", "--resource", "--trace", "--span", "--commit", "--parent", "--from", "--to");
    if (given.rest().isEmpty()) {
      throw new Program.WrongUsage("say which files to search");
    }
    Map<String, String> is = given.options();
    LogSearch search = new LogSearch(is.get("--level"), is.get("--message"), is.get("--resource"), is.get("--trace"), is.get("--span"), is.get("--commit"), is.get("--parent"),
        given.time("--from"), given.time("--to"));
    try (LogIndex index = settings().inMemory(Duration.ofDays(1))) {
      Ledger ledger = pipeline(FileTail.once(given.rest().stream().map(Path::of).toArray(Path[]::new)), index).run();
      index.refresh();
      LogHits newest = search.page(index, 100, null);
      newest.forEach(hit -> out.println(hit.time() + " " + hit.message()));
      System.err.printf(Locale.ROOT, "%,d of %,d events%s%n", newest.total(), index.size(), newest.total() > 100 ? ", the newest 100 shown" : "");
      ledger.stage("Json").failedBy().forEach((cause, lines) -> System.err.println(cause + ": " + lines));
      Program.checkBalance(ledger);
    }
  }

  // tag::pipeline[]
  static Pipeline pipeline(Source ingested, LogIndex index) {
    return LogStream.named("ingest")
        .from(ingested)
        .then(Json.fields())
        .then(EventTime.from("timestamp", "ISO8601"))
        .to(index)
        .build();
  }

  static IndexSettings settings() {
    return LogIndex.keyword("traceId", "spanId", "commit");
  }
  // end::pipeline[]

  // tag::query[]
  /** The question that the page asks: filters that are set, each as its kind demands. */
  public LogQuery query() {
    Condition every = equal("level", level)
        .and(message == null ? all() : phrase(message))
        .and(equal("resourceId", resourceId))
        .and(equal("traceId", traceId))
        .and(equal("spanId", spanId))
        .and(equal("commit", commit))
        .and(equal("metadata.parentResourceId", parentResourceId));
    LogQuery query = LogQuery.of(every);
    query = from == null ? query : query.since(from);
    return to == null ? query : query.until(to);
  }

  private static Condition equal(String name, String value) {
    return value == null ? all() : field(name).is(value);
  }
  // end::query[]

  // tag::page[]
  /** One page of hits, newest first: the first one, or the one behind the last hit of the page before. */
  public LogHits page(LogIndex index, int size, LogCursor behind) {
    LogQuery query = query().limit(size);
    return index.search(behind == null ? query : query.after(behind));
  }
  // end::page[]
}
