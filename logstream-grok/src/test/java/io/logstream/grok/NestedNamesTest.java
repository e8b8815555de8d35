package io.logstream.grok;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.match.Keep;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Definitions whose fields are named as Logstash's ECS dictionary names them: {@code [source][ip]}. */
class NestedNamesTest {
  private static final String DICTIONARY = """
      EMAILADDRESS [a-zA-Z0-9_.+-]+@%{HOSTNAME}
      HTTPD_USER %{EMAILADDRESS}|%{USER}
      HTTPD_COMMON %{IPORHOST:[source][address]} (?:-|%{HTTPD_USER:[apache][access][user][identity]}) (?:-|%{HTTPD_USER:[user][name]}) \\[%{HTTPDATE:timestamp}\\] \
      "(?:%{WORD:[http][request][method]} %{NOTSPACE:[url][original]}(?: HTTP/%{NUMBER:[http][version]})?|%{DATA})" \
      (?:-|%{INT:[http][response][status_code]:int}) (?:-|%{INT:[http][response][body][bytes]:int})
      HTTPD_COMBINED %{HTTPD_COMMON} "(?:-|%{DATA:[http][request][referrer]})" "(?:-|%{DATA:[user_agent][original]})"
      S3_LINE (?:%{WORD:[http][request][method]} %{NOTSPACE:[url][original]}(?: HTTP/%{NUMBER:[http][version]})?)
      S3_LOG %{WORD:[aws][s3access][bucket_owner]} %{NOTSPACE:[aws][s3access][bucket]} \\[%{HTTPDATE:timestamp}\\] (?:-|%{IP:[client][ip]}) (?:-|%{NOTSPACE:[client][user][id]}) \
      (?:"%{S3_LINE}"|-) (?:-|%{INT:[http][response][status_code]:int}) "?(?:-|%{DATA:[tls][cipher]})"?$
      ELB_LOG %{TIMESTAMP_ISO8601:timestamp} %{NOTSPACE:[aws][elb][name]} %{IP:[source][ip]}:%{INT:[source][port]:int} (?:-|(?:%{IP:[aws][elb][backend][ip]}:%{INT:[aws][elb][backend][port]:int})) \
      (?:-1|%{NUMBER:[aws][elb][request_processing_time][sec]:float}) %{GREEDYDATA:[url][original]}
      ZEEK_BOOL [TF]
      ZEEK_DATA [^\\t]+
      ZEEK_CONN %{NUMBER:timestamp}\\t%{NOTSPACE:[zeek][session_id]}\\t%{IP:[source][ip]}\\t%{INT:[source][port]:int}\\t(?:(?:-|%{ZEEK_DATA:[network][protocol]}))\\t\
      (?:-|%{NUMBER:[zeek][connection][duration]:float})\\t(?:-|%{ZEEK_BOOL:[zeek][connection][local_orig]})\\t(?:\\(empty\\)|%{ZEEK_DATA:[zeek][connection][tunnel_parents]})(?:\\t%{INT:[zeek]_extra:int})?
      ASA_LINK (?:%{NOTSPACE:[observer][ingress][interface][name]}:)?%{IP:[source][ip]}(?:/%{INT:[source][port]:int})?(?: ?\\(%{DATA:[source][user][name]}\\))?
      ASA_106 access-list %{NOTSPACE:[cisco][asa][rule_name]} (?<[event][outcome]>permitted|denied) %{WORD:[cisco][asa][network][transport]} %{ASA_LINK} -> (?<[@metadata][rest-of.it]>.*)
      DNS_QUERY client(?: @0x(?:[0-9A-Fa-f]+))? %{IP:[client][ip]}#%{INT:[client][port]:int} \\(%{NOTSPACE:[bind][log][question][name]}\\): query: \
      %{NOTSPACE:[bind][log][question][name]} (?<[bind][log][question][class]>IN) %{WORD:[bind][log][question][type]}(:? (?<[bind][log][question][flags]>[\\+\\-]))?
      REDIS_CAPS (?m)\\[%{POSINT:[process][pid]:int}\\] (?<message>[[:alnum:]ä-ü .]+)%{GREEDYDATA:[@rest]}
      """;

  @TempDir private Path dir;

  @BeforeEach
  void writesTheDictionary() throws Exception {
    Files.writeString(dir.resolve("ecs"), DICTIONARY);
  }

  private Map<String, Object> fields(String pattern, String line) {
    Grok grok = Grok.pattern(pattern).patternsFrom(dir);
    assertThat(grok.plan()).extracting(Grok.Plan::engine).containsExactly("compiled");
    return grok.match(line).orElseThrow(() -> new AssertionError(grok.explain(line)));
  }

  @Test
  void readsAnAccessLine() {
    assertThat(fields("%{HTTPD_COMBINED}", "83.149.9.216 - frank [24/Feb/2015:23:13:42 +0000] \"GET /a?b=c HTTP/1.1\" 200 203023 \"-\" \"Mozilla/5.0\"")).isEqualTo(Map.of(
        "[source][address]", "83.149.9.216", "[user][name]", "frank", "timestamp", "24/Feb/2015:23:13:42 +0000", "[http][request][method]", "GET", "[url][original]", "/a?b=c",
        "[http][version]", "1.1", "[http][response][status_code]", 200L, "[http][response][body][bytes]", 203023L, "[user_agent][original]", "Mozilla/5.0"));
    assertThat(fields("%{HTTPD_COMBINED}", "::1 - - [24/Feb/2015:23:13:42 +0000] \"-\" 408 - \"-\" \"-\""))
        .containsOnlyKeys("[source][address]", "timestamp", "[http][response][status_code]");
  }

  @Test
  void readsLinesOfClouds() {
    assertThat(fields("%{S3_LOG}", "31d89f mybucket [06/Feb/2015:00:00:38 +0000] 192.0.2.3 - \"GET /b?versioning HTTP/1.1\" 200 \"-\"")).containsOnlyKeys("[aws][s3access][bucket_owner]",
        "[aws][s3access][bucket]", "timestamp", "[client][ip]", "[http][request][method]", "[url][original]", "[http][version]", "[http][response][status_code]");
    assertThat(fields("%{ELB_LOG}", "2014-02-15T23:39:43.945958Z my-lb 192.168.131.39:2817 - 0.000073 GET /")).containsEntry("[aws][elb][request_processing_time][sec]", 0.000073)
        .containsEntry("[source][port]", 2817L).doesNotContainKey("[aws][elb][backend][ip]");
    assertThat(fields("%{ELB_LOG}", "2014-02-15T23:39:43.945958Z my-lb 192.168.131.39:2817 10.0.0.1:80 -1 GET /")).containsEntry("[aws][elb][backend][port]", 80L)
        .doesNotContainKey("[aws][elb][request_processing_time][sec]");
  }

  @Test
  void readsLinesWithTabs() {
    assertThat(fields("^%{ZEEK_CONN}$", "1300475168.855330\tCdfHBz20HFehBTLFJj\t10.0.0.1\t5353\tdns\t-\tT\t(empty)\t7")).isEqualTo(Map.of("timestamp", "1300475168.855330",
        "[zeek][session_id]", "CdfHBz20HFehBTLFJj", "[source][ip]", "10.0.0.1", "[source][port]", 5353L, "[network][protocol]", "dns", "[zeek][connection][local_orig]", "T", "[zeek]_extra", 7L));
  }

  @Test
  void takesSuchNamesInGroupsToo() {
    assertThat(fields("%{ASA_106}", "access-list inside denied tcp eth0:10.1.1.1/1234(joe) -> out")).isEqualTo(Map.of("[cisco][asa][rule_name]", "inside", "[event][outcome]", "denied",
        "[cisco][asa][network][transport]", "tcp", "[observer][ingress][interface][name]", "eth0", "[source][ip]", "10.1.1.1", "[source][port]", 1234L, "[source][user][name]", "joe",
        "[@metadata][rest-of.it]", "out"));
    assertThat(fields("%{REDIS_CAPS}", "[17] größe 7\nand more")).isEqualTo(Map.of("[process][pid]", 17L, "message", "größe 7", "[@rest]", "\nand more"));
  }

  @Test
  void makesAListOfANameCapturedTwice() {
    assertThat(fields("%{DNS_QUERY}", "client @0x7f64f4 172.26.0.1#12345 (test.example.com): query: test.example.com IN A +")).isEqualTo(Map.of("[client][ip]", "172.26.0.1",
        "[client][port]", 12345L, "[bind][log][question][name]", List.of("test.example.com", "test.example.com"), "[bind][log][question][class]", "IN", "[bind][log][question][type]", "A",
        "[bind][log][question][flags]", "+"));
  }

  @Test
  void keepsTheNamesInAPipeline() {
    RecordingSink found = new RecordingSink();
    Pipeline pipeline = LogStream.named("ecs").from(Lines.of()).then(Grok.pattern("%{HTTPD_COMMON}").patternsFrom(dir))
        .then(Keep.when(field("[http][response][status_code]").atLeast(500))).to(found).build();
    try (PipelineTester tester = PipelineTester.of(pipeline)) {
      tester.feed("10.0.0.1 - - [24/Feb/2015:23:13:42 +0000] \"GET / HTTP/1.1\" 503 7", "10.0.0.1 - - [24/Feb/2015:23:13:42 +0000] \"GET / HTTP/1.1\" 200 7");
      assertThat(found.events()).singleElement().satisfies(event -> assertThat(event.text("[source][address]")).isEqualTo("10.0.0.1"));
      assertThat(tester.ledger().balances()).isTrue();
    }
  }
}
