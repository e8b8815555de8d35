package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.TooLong;
import io.logstream.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever bytes come, every parser gives fields or a failure under one of its causes, and the ledger balances. */
class ParserFuzzTest {
  private static final long SHORT = 140_000;
  private static final long LONG = 10_000_000;

  private static final String[] SEEDS = {
      "{\"ts\":\"2024-05-01T12:00:00Z\",\"http\":{\"status\":200,\"took\":1.5e-3},\"tags\":[\"a\",{\"b\":[null,true]}],\"msg\":\"\\u00e9\\n\\ud83d\\ude00 ok\"}",
      "{\"@timestamp\":\"2023-11-23T00:41:56.655Z\",\"message\":\"m\",\"host\":{\"name\":\"h\"},\"log\":{\"file\":{\"path\":\"/var/log/x\"},\"offset\":1268}}",
      "ts=2024-05-01T12:00:00Z level=info msg=\"it \\\"is\\\" well\" path=/a/b?c=d n=42 'x y'=z", "id,\"na\"\"me\",\"two\nlines\",,5.5",
      "2024-05-01 12:00:00,123 [main] INFO   a.b.C: all well - x=1", "<34>Oct 11 22:14:15 mymachine su[123]: 'su root' failed",
      "<165>1 2003-10-11T22:14:15.003Z web evntslog 8710 ID47 [ex@32473 iut=\"3\" a=\"x\\\"y\\]\"][two b=\"\"] \uFEFFAn event",
      "https://bob:pw@shop.example:8443/orders/123/bob@x.org/0189f7ea-ae2c-7a5f-8d0c-1f2e3d4c5b6a.png?q=red+hat&p=%C3%A9%2&p=2#top",
      "2026-03-04T05:06:07.123456789Z stdout P the text \uFFFD of a piece", "{\"log\":\"a \\\"b\\\" \\u00e9\\ud83d\\ude00\\r\\n\",\"stream\":\"stderr\",\"attrs\":{\"x\":[1,\"}\"]},\"time\":\"2026-03-04T05:06:08Z\"}",
      "2024-02-29T23:59:60,123456+05:30"};

  /** Which of these a parser is made for. */
  private static final Map<String, Integer> OWN = Map.ofEntries(Map.entry("json", 0), Map.entry("json list", 0), Map.entry("filebeat", 1), Map.entry("key=value", 2),
      Map.entry("key:value", 2), Map.entry("csv", 3), Map.entry("csv header", 3), Map.entry("dissect", 4), Map.entry("syslog", 5), Map.entry("syslog old", 5),
      Map.entry("syslog new", 6), Map.entry("url", 7), Map.entry("query", 7), Map.entry("path", 7), Map.entry("container cri", 8), Map.entry("container docker", 9), Map.entry("time", 10));

  private static final Set<String> CAUSES = Set.of("bad JSON", "too much JSON", "no key=value pair", "quote not closed", "too many fields", "bad CSV",
      "wrong number of columns", "no header", "bad header", "dissect: no match", "not syslog", "bad time", "no time");

  private static Map<String, Stage> parsers() {
    Map<String, Stage> all = new LinkedHashMap<>();
    all.put("json", Json.fields());
    all.put("json list", Json.fields().repeatedAsList().under("j").depth(3).most(20));
    all.put("filebeat", Filebeat.envelope().readTimeInto("event.created"));
    all.put("key=value", KeyValue.fields());
    all.put("key:value", KeyValue.fields().pairsAt(';').valuesAt(':').bareWordsTrue().repeatedAsList().most(20));
    all.put("csv", Csv.columns("a", "b", "c", "d", "e"));
    all.put("csv header", Csv.header());
    all.put("dissect", Dissect.pattern("%{d} %{+d} [%{?t}] %{level->} %{logger}: %{*k}=%{&k} %{+d/1}"));
    all.put("syslog", Syslog.any());
    all.put("syslog old", Syslog.rfc3164());
    all.put("syslog new", Syslog.rfc5424());
    all.put("url", UrlParts.of("message"));
    all.put("query", QueryString.of("message").most(5));
    all.put("path", NormalizePath.of("message"));
    all.put("container cri", ContainerLines.any().maxBytes(300));
    all.put("container docker", ContainerLines.any().tooLong(TooLong.TRUNCATE).maxBytes(50));
    all.put("time", EventTime.from("message", "ISO8601").orElse("message", "UNIX").orElse("message", "yyyy-MM-dd'T'HH:mm:ss,SSSSSSXXX"));
    return all;
  }

  private static void run(Seed random, long lines) {
    Map<String, Stage> parsers = parsers();
    long each = lines / parsers.size();
    parsers.forEach((name, parser) -> {
      long[] looked = {0};
      Iterable<byte[]> made = () -> new Iterator<>() {
        private long left = each;

        @Override
        public boolean hasNext() {
          return left > 0;
        }

        @Override
        public byte[] next() {
          return left-- == each ? "a,b,c,d,e".getBytes(StandardCharsets.UTF_8) : line(random, OWN.get(name));
        }
      };
      Ledger ledger = Bytewise.run(LogStream.named("fuzz").from(new Bytewise(made)).then("parser", parser)
          .to(Sink.each(event -> {
            if ((++looked[0] & 15) == 0) {
              readAll(event);
            }
          })).build());
      assertThat(ledger.stage("parser").in()).as(name).isEqualTo(each);
      assertThat(CAUSES).as(name).containsAll(ledger.stage("parser").failedBy().keySet());
      assertThat(ledger.stage("parser").droppedBy().keySet()).as(name).isSubsetOf("header");
      assertThat(ledger.stage("parser").passed()).as(name).isPositive();
    });
  }

  private static byte[] line(Random random, int own) {
    int kind = random.nextInt(10);
    if (kind == 0) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      return bytes;
    }
    byte[] seed = SEEDS[kind < 7 ? own : random.nextInt(SEEDS.length)].getBytes(StandardCharsets.UTF_8);
    return kind == 1 ? seed : Mutated.bytes(random, seed, false);
  }

  /** Every field can be read, and the event copied. */
  private static void readAll(LogEvent event) {
    LogEvent copy = event.copy();
    assertThat(copy.fields()).isEqualTo(event.fields());
    assertThat(copy.message()).isEqualTo(event.message());
  }

  @Test void givesFieldsOrFailuresForAnyBytes() throws Exception {
    Seed.random(random -> run(random, SHORT));
  }

  @Tag("fuzz")
  @Test void givesFieldsOrFailuresForTenMillionLines() throws Exception {
    Seed.random(random -> run(random, LONG));
  }

  @Test void boundsWhatIsKeptOfNamesInTheData() {
    Iterable<byte[]> made = () -> new Iterator<>() {
      private int n;

      @Override
      public boolean hasNext() {
        return n < 30_000;
      }

      @Override
      public byte[] next() {
        n++;
        return ("{\"" + "k".repeat(n % 300) + n + "\":{\"x\":" + n + "}}").getBytes(StandardCharsets.UTF_8);
      }
    };
    long[] sum = {0};
    Bytewise.run(LogStream.named("names").from(new Bytewise(made)).then(Json.fields()).to(Sink.each(e -> sum[0] += (Long) e.fields().values().iterator().next())).build());
    assertThat(sum[0]).isEqualTo(30_000L * 30_001 / 2);
    FieldNames names = new FieldNames("");
    for (int n = 0; n < 100_000; n++) {
      names.begin();
      byte[] name = ("a".repeat(1000) + n).getBytes(StandardCharsets.US_ASCII);
      assertThat(names.under(names.root(), name, 0, name.length).full).hasSize(name.length);
      assertThat(names.held()).isLessThan(1_000);
    }
  }
}
