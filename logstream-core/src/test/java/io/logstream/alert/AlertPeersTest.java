package io.logstream.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.testing.TestClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * The example rules beside the programs they are taken from. Each program is a model of a few lines after its documentation: when it looks, what it looks at,
 * and when it tells; both get the same lines. A program that looks every so often tells up to that much later.
 */
class AlertPeersTest {
  private static final long SECOND = 1_000;
  private static final long MINUTE = 60_000;
  /** How often Prometheus, Loki and Grafana look. */
  private static final long EVALUATION = 15 * SECOND;

  private record Line(long at, Map<String, Object> fields) {
    String key(String field) {
      return String.valueOf(fields.get(field));
    }

    double number(String field) {
      return ((Number) fields.get(field)).doubleValue();
    }
  }

  /** Something told: that it fires, or is over. */
  private record Tell(String key, long at, boolean fires) {}

  private final List<Line> lines = new ArrayList<>();
  private final Random random = new Random(11);

  private void at(long millis, Object... fields) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      map.put((String) fields[i], fields[i + 1]);
    }
    lines.add(new Line(millis, map));
  }

  private List<Tell> ours(String rule) {
    lines.sort(Comparator.comparingLong(Line::at));
    MadeRows rows = MadeRows.records().perBatch(64).ends();
    for (Line line : lines) {
      rows.atMillis(line.at, line.fields.entrySet().stream().flatMap(e -> java.util.stream.Stream.of(e.getKey(), e.getValue())).toArray());
    }
    Told told = new Told();
    try (InlineRun run = LogStream.named("p").from(rows).then(new GivenTime(Duration.ZERO)).to(AlertRules.of(Alert.parse(rule)).notifier("email", told).notifier("zabbix", told)).build()
        .inline(TestClock.at(MadeRows.START))) {
      while (run.work()) {
        // until all is read
      }
      run.close();
      assertThat(run.ledger().imbalances()).isEmpty();
    }
    Set<String> seen = new HashSet<>();
    List<Tell> tells = new ArrayList<>();
    for (FiredAlert alert : told.all) {
      if (seen.add(alert.id() + alert.number())) {
        tells.add(new Tell(String.join(",", alert.key().values()), Duration.between(MadeRows.START, alert.at()).toMillis(), alert.state() == FiredAlert.State.FIRING));
      }
    }
    return tells;
  }

  private static List<Tell> beginnings(List<Tell> tells) {
    return tells.stream().filter(Tell::fires).toList();
  }

  private static void assertSame(List<Tell> ours, List<Tell> peers, long later) {
    assertSame(ours, peers, 0, later);
  }

  /** Both tell the same of each key, the peer not much before us, and not much later. */
  private static void assertSame(List<Tell> ours, List<Tell> peers, long before, long later) {
    Comparator<Tell> order = Comparator.comparing(Tell::key).thenComparingLong(Tell::at);
    List<Tell> a = ours.stream().sorted(order).toList();
    List<Tell> b = peers.stream().sorted(order).toList();
    assertThat(a).isNotEmpty();
    assertThat(a).as("ours %s, theirs %s", a, b).hasSameSizeAs(b);
    for (int i = 0; i < a.size(); i++) {
      assertThat(b.get(i).key).isEqualTo(a.get(i).key);
      assertThat(b.get(i).fires).isEqualTo(a.get(i).fires);
      assertThat(b.get(i).at - a.get(i).at).as("theirs %s, ours %s", b.get(i), a.get(i)).isBetween(-before, later);
    }
  }

  // ---------------------------------------------------------------- the peers

  /** Prometheus, Loki's ruler, Grafana: look at every key's last lines at fixed times; pending for {@code lasting}; over when it has not held for {@code keep}. */
  private List<Tell> evaluated(String key, long window, Predicate<List<Line>> holds, Predicate<List<Line>> clear, long lasting, long keep) {
    List<Tell> tells = new ArrayList<>();
    Map<String, List<Line>> byKey = new LinkedHashMap<>();
    lines.forEach(line -> byKey.computeIfAbsent(key == null ? "" : line.key(key), k -> new ArrayList<>()).add(line));
    long last = lines.get(lines.size() - 1).at;
    byKey.forEach((of, all) -> {
      long pending = -1;
      long clears = -1;
      boolean fires = false;
      for (long now = EVALUATION; now <= last + EVALUATION; now += EVALUATION) {
        long from = now - window;
        long to = now;
        List<Line> seen = all.stream().filter(line -> line.at > from && line.at <= to).toList();
        if (!fires) {
          pending = holds.test(seen) ? pending < 0 ? now : pending : -1;
          fires = pending >= 0 && now - pending >= lasting;
          if (fires) {
            tells.add(new Tell(of, now, true));
            clears = -1;
          }
        } else {
          clears = clear.test(seen) ? clears < 0 ? now : clears : -1;
          if (clears >= 0 && now - clears >= keep) {
            fires = false;
            pending = -1;
            tells.add(new Tell(of, now, false));
          }
        }
      }
    });
    return tells;
  }

  /** ElastAlert's frequency: so many of a key in a time are a match, and counting begins anew; a match soon after one that was told is not told. */
  private List<Tell> elastAlertFrequency(String key, Predicate<Line> filter, int events, long timeframe, long realert) {
    List<Tell> tells = new ArrayList<>();
    Map<String, ArrayDeque<Long>> occurrences = new HashMap<>();
    Map<String, Long> silentUntil = new HashMap<>();
    for (Line line : lines) {
      if (filter.test(line)) {
        ArrayDeque<Long> of = occurrences.computeIfAbsent(line.key(key), k -> new ArrayDeque<>());
        of.add(line.at);
        while (of.peek() <= line.at - timeframe) {
          of.remove();
        }
        if (of.size() >= events) {
          of.clear();
          if (silentUntil.getOrDefault(line.key(key), Long.MIN_VALUE) <= line.at) {
            tells.add(new Tell(line.key(key), line.at, true));
            silentUntil.put(line.key(key), line.at + realert);
          }
        }
      }
    }
    return tells;
  }

  /** A correlation of Sigma's: in each time of that length there are so many of a group, or so many different values; told when that begins. */
  private List<Tell> sigmaCorrelation(String group, Predicate<Line> filter, ToDoubleFunction<List<Line>> measure, double atLeast, long timespan) {
    List<Tell> tells = new ArrayList<>();
    Map<String, ArrayDeque<Line>> windows = new HashMap<>();
    Set<String> holding = new HashSet<>();
    for (Line line : lines) {
      if (filter.test(line)) {
        String key = line.key(group);
        ArrayDeque<Line> window = windows.computeIfAbsent(key, k -> new ArrayDeque<>());
        while (!window.isEmpty() && window.peek().at <= line.at - timespan) {
          window.remove();
          if (measure.applyAsDouble(List.copyOf(window)) < atLeast) {
            holding.remove(key);
          }
        }
        window.add(line);
        if (measure.applyAsDouble(List.copyOf(window)) >= atLeast && holding.add(key)) {
          tells.add(new Tell(key, line.at, true));
        }
      }
    }
    return tells;
  }

  // ---------------------------------------------------------------- the rules

  @Test void prometheusErrorRatio() {
    for (long t = 0; t < 3 * 60 * MINUTE; t += 2 * SECOND) {
      boolean bad = t > 30 * MINUTE && t < 65 * MINUTE || t > 100 * MINUTE && t < 106 * MINUTE; // the second time for too short
      at(t, "job", "shop", "status", bad && t / 2_000 % 4 == 0 ? 503 : 200);
      at(t, "job", "cart", "status", 200);
    }
    Predicate<List<Line>> holds = seen -> seen.stream().filter(line -> line.number("status") >= 500).count() > 0.05 * seen.size();
    assertSame(ours("alert high-error-ratio: ratio(status >= 500) by job over 5m > 5% for 10m severity page"), evaluated("job", 5 * MINUTE, holds, holds.negate(), 10 * MINUTE, 0), EVALUATION);
  }

  @Test void prometheusHistogramQuantile() {
    for (long t = 0; t < 100 * MINUTE; t += SECOND) {
      boolean slow = t > 20 * MINUTE && t < 50 * MINUTE;
      at(t, "endpoint", "/search", "duration", slow && t / 1_000 % 2 == 0 ? 2_000 : 100);
      at(t, "endpoint", "/cart", "duration", 300);
    }
    Predicate<List<Line>> holds = seen -> seen.size() >= 50 && seen.stream().mapToDouble(line -> line.number("duration")).sorted().skip((long) (0.99 * (seen.size() - 1))).findFirst().orElse(0) > 800;
    assertSame(ours("alert slow-p99: p99(duration) by endpoint over 5m > 800ms and count() by endpoint over 5m >= 50 for 10m"),
        evaluated("endpoint", 5 * MINUTE, holds, holds.negate(), 10 * MINUTE, 0), 10 * SECOND, EVALUATION + 10 * SECOND); // our window moves on by a sixtieth
  }

  @Test void lokiRate() {
    for (long t = 0; t < 100 * MINUTE; t += 5 * SECOND) {
      boolean bad = t > 20 * MINUTE && t < 50 * MINUTE;
      at(t, "app", "foo", "env", "production", "job", "a", "text", bad ? "an error" : "all well");
      at(t, "app", "foo", "env", "test", "job", "b", "text", "an error");
    }
    Predicate<List<Line>> holds = seen -> seen.stream().filter(line -> line.key("env").equals("production") && line.key("text").contains("error")).count() / 300.0 > 0.05;
    assertSame(ours("alert error-lines: rate(app == \"foo\" and env == \"production\" and text contains \"error\") by job over 5m > 0.05 for 10m"),
        evaluated("job", 5 * MINUTE, holds, holds.negate(), 10 * MINUTE, 0), EVALUATION);
  }

  @Test void elastAlertFrequencyWithRealert() {
    for (long t = 0; t < 10 * 60 * MINUTE; t += 10 * SECOND) {
      boolean burst = t / MINUTE % 40 < 12;
      at(t, "host", "web-" + random.nextInt(2), "status", burst && random.nextInt(10) > 0 ? 500 : 200);
    }
    List<Tell> ours = ours("alert too-many-500: count(status == 500) by host over 5m >= 4 limit 1 per 5m to email");
    List<Tell> peers = elastAlertFrequency("host", line -> line.number("status") == 500, 4, 5 * MINUTE, 5 * MINUTE);
    List<Tell> unmatched = new ArrayList<>(peers);
    for (Tell begins : beginnings(ours)) {
      long ends = ours.stream().filter(t -> !t.fires && t.key.equals(begins.key) && t.at > begins.at).mapToLong(Tell::at).min().orElse(Long.MAX_VALUE);
      assertThat(peers).contains(begins);
      unmatched.removeIf(t -> t.key.equals(begins.key) && t.at >= begins.at && t.at < ends);
    }
    assertThat(beginnings(ours)).hasSizeGreaterThan(10);
    assertThat(unmatched).as("what else the peer tells is told again in the middle of a firing").isEmpty();
    assertThat(peers).hasSizeGreaterThan(beginnings(ours).size());
  }

  @Test void elastAlertFlatline() {
    for (long t = 0; t < 60 * MINUTE; t += 30 * SECOND) {
      at(t, "plugin", "memory", "host", "web-1");
      at(t, "plugin", "cpu", "host", "web-2");
      if (t < 15 * MINUTE || t > 40 * MINUTE) {
        at(t, "plugin", "memory", "host", "web-2");
      }
    }
    List<Tell> peers = new ArrayList<>();
    Map<String, Long> lastSeen = new LinkedHashMap<>();
    Set<String> silent = new HashSet<>();
    for (long now = MINUTE; now <= 60 * MINUTE; now += MINUTE) { // it looks once a minute
      long to = now;
      lines.stream().filter(line -> line.at <= to && line.at > to - MINUTE && line.key("plugin").equals("memory")).forEach(line -> lastSeen.put(line.key("host"), line.at));
      lastSeen.forEach((host, seen) -> {
        if (to - seen < 10 * MINUTE) {
          silent.remove(host);
        } else if (silent.add(host)) {
          peers.add(new Tell(host, to, true));
        }
      });
    }
    assertSame(beginnings(ours("alert memory-silent: no events where plugin == \"memory\" by host over 10m")), peers, MINUTE);
  }

  @Test void elastAlertSpike() {
    for (long t = 0; t < 120 * MINUTE; t += 10 * SECOND) {
      boolean spike = t >= 60 * MINUTE && t < 70 * MINUTE;
      for (int i = 0; i < (spike ? 8 : 2); i++) {
        at(t, "level", i % 2 == 0 ? "ERROR" : "INFO");
      }
    }
    List<Tell> peers = new ArrayList<>();
    boolean holds = false;
    for (Line line : lines) { // it compares the last ten minutes with the ten before, with each event
      long now = line.at;
      long current = lines.stream().filter(one -> one.at > now - 10 * MINUTE && one.at <= now && one.key("level").equals("ERROR")).count();
      long reference = lines.stream().filter(one -> one.at > now - 20 * MINUTE && one.at <= now - 10 * MINUTE && one.key("level").equals("ERROR")).count();
      boolean is = now >= 20 * MINUTE && reference > 0 && current > 3 * reference;
      if (is && !holds) {
        peers.add(new Tell("", now, true));
      }
      holds = is;
    }
    List<Tell> ours = beginnings(ours("alert spike: count(level == ERROR) over 10m > 3 x previous"));
    assertThat(peers).hasSize(1);
    assertThat(ours).hasSize(1);
    assertThat(ours.get(0).at - peers.get(0).at).as("ours when the window closes that the peer's firing lies in").isBetween(0L, 10 * MINUTE);
  }

  @Test void sigmaDetection() {
    for (long t = 0; t < 60 * MINUTE; t += SECOND) {
      at(t, "cs-uri-query", random.nextInt(40) == 0 ? "x=getRuntime().exec(ls)" : random.nextInt(40) == 0 ? "${@java.lang" : "q=java");
    }
    List<Tell> matches = lines.stream().filter(line -> line.key("cs-uri-query").contains("getRuntime().exec(") || line.key("cs-uri-query").contains("${@java"))
        .map(line -> new Tell("", line.at, true)).toList();
    assertThat(ours("alert java-payload: any where cs-uri-query contains \"getRuntime().exec(\" or cs-uri-query contains \"${@java\" severity high")).isEqualTo(matches);
    List<Tell> limited = new ArrayList<>();
    for (Tell match : matches) {
      if (limited.isEmpty() || match.at - limited.get(limited.size() - 1).at >= MINUTE) {
        limited.add(match);
      }
    }
    assertThat(ours("alert java-payload: any where cs-uri-query contains \"getRuntime().exec(\" or cs-uri-query contains \"${@java\" limit 1 per 1m severity high")).isEqualTo(limited);
  }

  @Test void sigmaEventCount() {
    for (long t = 0; t < 300 * MINUTE; t += 20 * SECOND) {
      at(t, "eventtype", random.nextInt(3) == 0 ? "session" : "mfa", "outcome.result", random.nextInt(3) == 0 ? "SUCCESS" : "FAILURE", "actor.alternateId", "user" + random.nextInt(2 + (int) (t / MINUTE % 3)));
    }
    List<Tell> ours = ours("alert mfa-bruteforce: count(eventtype == \"mfa\" and outcome.result == \"FAILURE\") by actor.alternateId over 15m >= 8");
    assertSame(beginnings(ours), sigmaCorrelation("actor.alternateId", line -> line.key("eventtype").equals("mfa") && line.key("outcome.result").equals("FAILURE"), List::size, 8, 15 * MINUTE), 0);
  }

  @Test void esperEveryFollowedByWithin() {
    for (long t = 0; t < 600 * MINUTE; t += 30 * SECOND) {
      at(t, "user", "u" + random.nextInt(2), "event", random.nextInt(12) == 0 ? "login_ok" : t / MINUTE % 30 < 9 ? "login_failed" : "logout");
    }
    List<Tell> peers = new ArrayList<>();
    Map<String, ArrayDeque<Long>> failed = new HashMap<>();
    Map<String, ArrayDeque<Long>> open = new HashMap<>();
    for (Line line : lines) { // every fifth failure in ten minutes, or later one -> login_ok of the same user where timer:within(5 min)
      ArrayDeque<Long> waiting = open.computeIfAbsent(line.key("user"), k -> new ArrayDeque<>());
      if (line.key("event").equals("login_failed")) {
        ArrayDeque<Long> window = failed.computeIfAbsent(line.key("user"), k -> new ArrayDeque<>());
        window.add(line.at);
        window.removeIf(one -> one <= line.at - 10 * MINUTE);
        if (window.size() >= 5) {
          waiting.add(line.at);
        }
      } else if (line.key("event").equals("login_ok")) {
        if (waiting.stream().anyMatch(one -> one >= line.at - 5 * MINUTE)) {
          peers.add(new Tell(line.key("user"), line.at, true)); // the peer once for each that waits, we once
        }
        waiting.clear();
      }
    }
    assertThat(peers).hasSizeGreaterThan(10);
    assertSame(ours("alert cracked: count(event == login_failed) by user over 10m >= 5 then event == login_ok within 5m"), peers, 0);
  }

  @Test void logstashTagAndZabbixOutput() {
    for (long t = 0; t < 10 * MINUTE; t += SECOND) {
      at(t, "status", random.nextInt(5) == 0 ? 503 : 200);
    }
    assertThat(ours("alert http-503: any where status == 503 to zabbix")).isEqualTo(lines.stream().filter(line -> line.number("status") == 503).map(line -> new Tell("", line.at, true)).toList());
  }

  @Test void sigmaValueCount() {
    for (long t = 0; t < 200 * MINUTE; t += 10 * SECOND) {
      boolean spray = t / MINUTE % 25 < 6;
      at(t, "ip", "10.0.0." + random.nextInt(2), "user", "user" + random.nextInt(spray ? 40 : 3), "event", random.nextInt(4) == 0 ? "login_ok" : "login_failed");
    }
    List<Tell> ours = ours("alert spray: distinct(user) where event == login_failed by ip over 5m > 5");
    assertSame(beginnings(ours), sigmaCorrelation("ip", line -> line.key("event").equals("login_failed"),
        seen -> seen.stream().map(line -> line.key("user")).collect(java.util.stream.Collectors.toCollection(TreeSet::new)).size(), 6, 5 * MINUTE), 0);
  }

  @Test void grafanaRecoveryThreshold() {
    double[] levels = {0.5, 0.95, 0.8, 0.92, 0.85, 0.6, 0.8, 0.5, 0.4, 0.5, 0.95, 0.3, 0.3, 0.3};
    for (int i = 0; i < levels.length; i++) {
      for (long t = 0; t < 4 * MINUTE; t += SECOND) {
        at(i * 4 * MINUTE + t, "queue", levels[i]);
      }
    }
    Predicate<List<Line>> above = seen -> seen.stream().mapToDouble(line -> line.number("queue")).max().orElse(0) > 0.9;
    Predicate<List<Line>> below = seen -> seen.stream().mapToDouble(line -> line.number("queue")).max().orElse(0) < 0.7;
    assertSame(ours("alert queue-high: max(queue) over 1m > 90% clear < 70% after 5m"), evaluated(null, MINUTE, above, below, 0, 5 * MINUTE), 2 * SECOND, EVALUATION + 2 * SECOND); // our window moves on by a sixtieth
  }
}
