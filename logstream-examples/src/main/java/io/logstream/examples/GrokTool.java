package io.logstream.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.logstream.BudgetedMatcher;
import io.logstream.grok.Grok;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tries a grok pattern on lines, from files or standard input, and prints a JSON object for each line.
 *
 * <pre>
 * GrokTool match   [--patterns DIR] PATTERN [FILE...]    the fields, or null
 * GrokTool explain [--patterns DIR] PATTERN [FILE...]    how far each line came that does not match, and why
 * GrokTool plan    [--patterns DIR] PATTERN              what matches the pattern
 * GrokTool suggest [--patterns DIR] [FILE...]            definitions of whole lines that match, by how many lines they do
 * </pre>
 */
public final class GrokTool {
  private static final String USAGE = "usage: GrokTool match|explain|plan|suggest [--patterns DIR] [PATTERN] [FILE...]";
  private static final List<String> WHOLE_LINES = List.of("COMBINEDAPACHELOG", "COMMONAPACHELOG", "SYSLOGLINE", "SYSLOGPAMSESSION", "SYSLOG5424LINE", "CRONLOG", "HAPROXYHTTP",
      "HAPROXYTCP", "NAGIOSLOGLINE", "POSTFIX_SMTPD", "JAVASTACKTRACEPART", "CATALINALOG", "TOMCATLOG", "HTTPD_ERRORLOG", "RUBY_LOGGER", "CISCOTIMESTAMP", "MONGO_LOG", "REDISLOG",
      "S3_ACCESS_LOG", "ELB_ACCESS_LOG");

  private final ObjectMapper json = new ObjectMapper();
  private final InputStream in;
  private final PrintStream out;

  GrokTool(InputStream in, PrintStream out) {
    this.in = in;
    this.out = out;
  }

  /** See the class; 2 is the exit status of wrong arguments. */
  public static void main(String[] args) throws IOException {
    try {
      new GrokTool(System.in, System.out).run(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  void run(String... args) throws IOException {
    List<String> rest = new ArrayList<>(List.of(args));
    if (rest.isEmpty()) {
      throw new IllegalArgumentException(USAGE);
    }
    String what = rest.remove(0);
    Path patterns = null;
    if (rest.size() >= 2 && rest.get(0).equals("--patterns")) {
      patterns = Path.of(rest.get(1));
      rest = rest.subList(2, rest.size());
    }
    if (what.equals("suggest")) {
      suggest(patterns, rest);
      return;
    }
    if (rest.isEmpty() || !List.of("match", "explain", "plan").contains(what)) {
      throw new IllegalArgumentException(USAGE);
    }
    Grok grok = grok(rest.get(0), patterns);
    List<String> files = rest.subList(1, rest.size());
    switch (what) {
      case "match" -> eachLine(files, line -> print(match(grok, line)));
      case "explain" -> eachLine(files, line -> print(grok.explain(line)));
      default -> print(grok.plan());
    }
  }

  private static Grok grok(String pattern, Path patterns) {
    Grok grok = Grok.pattern(pattern);
    return patterns == null ? grok : grok.patternsFrom(patterns);
  }

  private static Object match(Grok grok, String line) {
    try {
      return grok.match(line).orElse(null);
    } catch (BudgetedMatcher.BudgetExceeded e) {
      return Map.of("error", e.getMessage());
    }
  }

  private void suggest(Path patterns, List<String> files) throws IOException {
    Map<String, Grok> groks = new LinkedHashMap<>();
    for (String name : WHOLE_LINES) {
      Grok grok = grok("^%{" + name + "}$", patterns);
      try {
        grok.check();
        groks.put(name, grok);
      } catch (IllegalArgumentException e) {
        // not in this library
      }
    }
    Map<String, Integer> hits = new LinkedHashMap<>();
    int[] lines = new int[1];
    eachLine(files, line -> {
      lines[0]++;
      groks.forEach((name, grok) -> {
        if (match(grok, line) instanceof Map<?, ?> fields && !fields.containsKey("error")) {
          hits.merge(name, 1, Integer::sum);
        }
      });
    });
    hits.entrySet().stream().sorted(Map.Entry.<String, Integer>comparingByValue().reversed()).forEach(hit -> {
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("pattern", "%{" + hit.getKey() + "}");
      shown.put("matched", hit.getValue());
      shown.put("lines", lines[0]);
      print(shown);
    });
  }

  private interface LineReceiver {
    void take(String line);
  }

  private void eachLine(List<String> files, LineReceiver receiver) throws IOException {
    if (files.isEmpty()) {
      readLines(in, receiver);
    }
    for (String file : files) {
      try (InputStream stream = Files.newInputStream(Path.of(file))) {
        readLines(stream, receiver);
      }
    }
  }

  private static void readLines(InputStream stream, LineReceiver receiver) throws IOException {
    BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      receiver.take(line);
    }
  }

  private void print(Object value) {
    try {
      out.println(json.writeValueAsString(value));
    } catch (IOException e) {
      throw new IllegalStateException("a map could not be written as JSON", e);
    }
  }
}
