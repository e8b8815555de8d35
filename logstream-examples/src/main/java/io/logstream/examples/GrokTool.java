package io.logstream.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.logstream.BudgetedMatcher;
import io.logstream.grok.Grok;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
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
 * GrokTool suggest [--patterns DIR] PATTERN [FILE...]    for what fails in lines that do not match, what would match there instead
 * GrokTool suggest [--patterns DIR] [FILE...]            definitions of whole lines that match, by how many lines they do; else one made up
 * </pre>
 *
 * <p>For {@code suggest}, the first argument is a pattern if there is a percent sign in it.
 */
public final class GrokTool {
  private static final String ARGUMENTS = "match|explain|plan|suggest [--patterns DIR] [PATTERN] [FILE...]";
  private static final List<String> WHOLE_LINES = List.of("COMBINEDAPACHELOG", "KONG_ACCESSLOG", "COMMONAPACHELOG", "NGINX_ERRORLOG", "HAPROXY_HTTPLOG", "HAPROXY_TCPLOG", "POSTGRESQL_LOG",
      "SPRINGBOOT", "TOMCAT_LOG", "LOGBACK_DEFAULT", "LOG4J2_DEFAULT", "JUL_DEFAULT", "KLOG", "PROTONLOG", "WEBLOGIC_SERVERLOG", "JOURNAL_EXPORT", "SYSLOGLINE", "SYSLOGPAMSESSION", "SYSLOG5424LINE", "CRONLOG", "HAPROXYHTTP",
      "HAPROXYTCP", "NAGIOSLOGLINE", "POSTFIX_SMTPD", "JAVASTACKTRACEPART", "CATALINALOG", "TOMCATLOG", "HTTPD_ERRORLOG", "RUBY_LOGGER", "CISCOTIMESTAMP", "MONGO_LOG", "REDISLOG",
      "S3_ACCESS_LOG", "ELB_ACCESS_LOG");

  /** What a pattern is made up of, the most telling first, each with a name for its field. */
  private static final Map<String, String> PIECES = new LinkedHashMap<>();

  static {
    String[] pieces = {"TIMESTAMP_ISO8601", "timestamp", "HTTPDATE", "timestamp", "SYSLOGTIMESTAMP", "timestamp", "DATESTAMP", "timestamp", "TIME", "time", "UUID", "id", "MAC", "mac", "URI", "uri",
        "IP", "ip", "LOGLEVEL", "level", "QUOTEDSTRING", "quoted", "PATH", "path", "NUMBER", "number", "WORD", "word"};
    for (int i = 0; i < pieces.length; i += 2) {
      PIECES.put(pieces[i], pieces[i + 1]);
    }
  }

  private final ObjectMapper json = new ObjectMapper();
  private final InputStream in;
  private final PrintStream out;

  GrokTool(InputStream in, PrintStream out) {
    this.in = in;
    this.out = out;
  }

  /** See the class. */
  public static void main(String[] args) {
    Program.of("GrokTool " + ARGUMENTS).run(args, given -> {
      try (PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8)) {
        new GrokTool(System.in, out).run(given.toArray(String[]::new));
      }
    });
  }

  void run(String... args) throws IOException {
    Program.Given given = Program.Given.of(List.of(args), "--patterns");
    String what = given.rest().isEmpty() ? "" : given.rest().get(0);
    if (!List.of("match", "explain", "plan", "suggest").contains(what)) {
      throw new Program.WrongUsage("say what to do: match, explain, plan or suggest" + (what.isEmpty() ? "" : ", was " + what));
    }
    List<String> rest = given.rest().subList(1, given.rest().size());
    Path patterns = given.options().containsKey("--patterns") ? Path.of(given.options().get("--patterns")) : null;
    if (what.equals("suggest") && (rest.isEmpty() || rest.get(0).indexOf('%') < 0)) {
      suggest(patterns, rest);
      return;
    }
    if (rest.isEmpty()) {
      throw new Program.WrongUsage(what + " wants a pattern");
    }
    if (what.equals("plan") && rest.size() > 1) {
      throw new Program.WrongUsage("plan wants a pattern and nothing else, was given " + String.join(" ", rest));
    }
    Grok grok = grok(rest.get(0), patterns);
    grok.check();
    List<String> files = rest.subList(1, rest.size());
    switch (what) {
      case "match" -> eachLine(files, line -> print(match(grok, line)));
      case "suggest" -> suggest(grok, files);
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

  /** What fails in lines that do not match, the most frequent first. */
  private void suggest(Grok grok, List<String> files) throws IOException {
    Map<String, Map<String, Object>> failures = new LinkedHashMap<>();
    eachLine(files, line -> {
      Grok.Explanation why = grok.explain(line);
      if (!why.matched()) {
        Map<String, Object> failure = failures.computeIfAbsent(why.definition() + " " + why.element(), key -> new LinkedHashMap<>());
        failure.merge("lines", 1, (a, more) -> (int) a + 1);
        failure.putIfAbsent("element", why.element());
        failure.putIfAbsent("definition", why.definition());
        failure.putIfAbsent("wanted", why.wanted());
        failure.putIfAbsent("found", why.found());
        failure.putIfAbsent("instead", why.near().stream().map(name -> "%{" + name + "}").toList());
        failure.putIfAbsent("line", line);
      }
    });
    failures.values().stream().sorted(Comparator.comparing(failure -> -(int) failure.get("lines"))).forEach(this::print);
  }

  /** Definitions that match whole lines, by how many they do; for the first line that none matches, a pattern made up for it. */
  private void suggest(Path patterns, List<String> files) throws IOException {
    Map<String, Grok> groks = groks(WHOLE_LINES, "%{", "}", patterns);
    Map<String, Integer> hits = new LinkedHashMap<>();
    Map<String, Object> fields = new HashMap<>();
    List<String> unmatched = new ArrayList<>();
    int[] lines = new int[1];
    eachLine(files, line -> {
      lines[0]++;
      int before = hits.values().stream().mapToInt(i -> i).sum();
      groks.forEach((name, grok) -> {
        if (match(grok, line) instanceof Map<?, ?> found && !found.containsKey("error")) {
          hits.merge(name, 1, Integer::sum);
          fields.putIfAbsent(name, found.keySet());
        }
      });
      if (!line.isBlank() && unmatched.isEmpty() && before == hits.values().stream().mapToInt(i -> i).sum()) {
        unmatched.add(line);
      }
    });
    hits.entrySet().stream().sorted(Map.Entry.<String, Integer>comparingByValue().reversed()).forEach(hit ->
        print(suggestion("%{" + hit.getKey() + "}", hit.getValue(), lines[0], fields.get(hit.getKey()))));
    if (!unmatched.isEmpty()) {
      List<String> pieces = new ArrayList<>(PIECES.keySet());
      String made = madeFor(unmatched.get(0), groks(pieces, "\\A(?<piece>%{", "})(?![A-Za-z0-9_])", patterns),
          groks(pieces, "\\A(?s:.)(?<piece>%{", "})(?![A-Za-z0-9_])", patterns));
      Grok grok = grok(made, patterns);
      int[] matched = new int[1];
      if (!files.isEmpty()) {
        eachLine(files, line -> matched[0] += match(grok, line) == null ? 0 : 1);
      }
      Object names = match(grok, unmatched.get(0)) instanceof Map<?, ?> found && !found.containsKey("error") ? found.keySet() : List.of();
      print(suggestion(made, files.isEmpty() ? 1 : matched[0], lines[0], names));
    }
  }

  private static Map<String, Object> suggestion(String pattern, int matched, int lines, Object fields) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("pattern", pattern);
    shown.put("matched", matched);
    shown.put("lines", lines);
    shown.put("fields", fields);
    return shown;
  }

  /** Those of these definitions that there are, each in a pattern. */
  private static Map<String, Grok> groks(List<String> names, String before, String behind, Path patterns) {
    Map<String, Grok> groks = new LinkedHashMap<>();
    for (String name : names) {
      try {
        Grok grok = grok(before + name + behind, patterns);
        grok.check();
        groks.put(name, grok);
      } catch (IllegalArgumentException e) {
        // not in this library
      }
    }
    return groks;
  }

  /**
   * A pattern for this line: definitions for what they match, and the characters between. What a definition matches at the beginning of a text
   * it need not match behind a certain character (a number behind a dash): so there is a second set, which skips the one character before.
   */
  private static String madeFor(String line, Map<String, Grok> first, Map<String, Grok> behindOne) {
    StringBuilder pattern = new StringBuilder("^");
    Map<String, Integer> used = new HashMap<>();
    int at = 0;
    while (at < line.length()) {
      boolean begins = at == 0 || !Character.isLetterOrDigit(line.charAt(at - 1));
      Map.Entry<String, Integer> piece = !begins ? null : at == 0 ? longest(line, first) : longest(line.substring(at - 1), behindOne);
      if (piece == null) {
        char c = line.charAt(at++);
        pattern.append("\\^$.|?*+()[]{}".indexOf(c) >= 0 ? "\\" : "").append(c);
      } else {
        String field = PIECES.get(piece.getKey());
        int number = used.merge(field, 1, Integer::sum);
        pattern.append("%{").append(piece.getKey()).append(':').append(field).append(number == 1 ? "" : number).append('}');
        at += piece.getValue();
      }
    }
    return pattern.append('$').toString();
  }

  /** The definition that matches most of the beginning, of equals the first, and how much that is; or null. */
  private static Map.Entry<String, Integer> longest(String text, Map<String, Grok> pieces) {
    Map.Entry<String, Integer> best = null;
    for (Map.Entry<String, Grok> piece : pieces.entrySet()) {
      int length = match(piece.getValue(), text) instanceof Map<?, ?> found && found.get("piece") instanceof String matched ? matched.length() : 0;
      if (length > (best == null ? 0 : best.getValue())) {
        best = Map.entry(piece.getKey(), length);
      }
    }
    return best;
  }

  private interface LineReceiver {
    void take(String line);
  }

  private void eachLine(List<String> files, LineReceiver receiver) throws IOException {
    if (files.isEmpty()) {
      readLines(in, receiver);
    }
    for (String file : files) {
      if (Files.isDirectory(Path.of(file))) {
        throw new IllegalArgumentException(file + " is a directory; name the files in it");
      }
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
