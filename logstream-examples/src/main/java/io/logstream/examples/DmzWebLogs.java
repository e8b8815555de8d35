package io.logstream.examples;

import static io.logstream.match.Field.field;
import static java.time.Duration.ofDays;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertNotifier;
import io.logstream.alert.Zabbix;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.index.LogIndex;
import io.logstream.match.Drop;
import io.logstream.parse.EventTime;
import io.logstream.sink.Print;
import java.nio.file.Path;

/**
 * Web logs of a DMZ, where forwarders, a queue, Logstash, Elasticsearch and Kibana were: the pattern as it stands in the configuration of
 * Logstash, probes of the load balancer dropped, 503s tagged and sent to Zabbix, everything searchable.
 *
 * <pre>DmzWebLogs APP ACCESS_LOG STATE_DIR ZABBIX_SERVER</pre>
 */
public final class DmzWebLogs {
  private DmzWebLogs() {}

  // tag::pipeline[]
  static final String ACCESS = "%{IPORHOST:clientip} %{USER:ident} %{USER:auth} \\[%{HTTPDATE:timestamp}\\]"
      + " \\\"(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})\\\""
      + " %{NUMBER:response:int} (?:%{NUMBER:bytes}|-) %{QS:referrer} %{QS:agent} %{QS:jsessionid} %{QS:bigippool}"
      + " %{NUMBER:reqtimes:int}/%{NUMBER:reqtimems:int}";

  static Pipeline pipeline(Source log, Sink console, Sink index, AlertNotifier zabbix) {
    return LogStream.named("web-dmz")
        .from(log)
        .then(Grok.pattern(ACCESS))
        .then(EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z"))
        .then("f5-health", Drop.when(field("request").is("/f5.txt")))
        .then("tag", Stage.each(DmzWebLogs::tag))
        .to("console", console)
        .to("index", index)
        .to(Alert.named("zabbix-sender").when(field("tags").is("zabbix-sender")).notify(zabbix))
        .build();
  }

  private static void tag(LogEvent event) {
    if (event.number("response", 0) == 503) {
      event.tag("zabbix-sender");
    }
  }
  // end::pipeline[]

  /** Runs it until the process is stopped. */
  public static void main(String[] args) {
    Program.of("DmzWebLogs APP ACCESS_LOG STATE_DIR ZABBIX_SERVER").run(args, 4, 4, given -> follow(given.get(0), Path.of(given.get(1)), Path.of(given.get(2)), given.get(3)));
  }

  // tag::run[]
  private static void follow(String app, Path accessLog, Path state, String zabbixServer) throws InterruptedException {
    Source log = FileTail.of(accessLog).field("type", "apache").field("app", app);
    AlertNotifier zabbix = Zabbix.server(zabbixServer).host("web-dmz").item("web.503").value("{{message}}");
    try (LogIndex index = LogIndex.keyword("app", "clientip").inMemory(ofDays(1));
        RunningPipeline running = pipeline(log, Print.toStdout(), index, zabbix).checkpointIn(state).start()) {
      Runtime.getRuntime().addShutdownHook(new Thread(running::close));
      running.await();
    }
  }
  // end::run[]
}
