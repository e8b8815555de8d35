package io.logstream.grok;

import io.logstream.BudgetedMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** One pattern, ready to be matched: its regular expression, and its fields with the captures that fill them. Immutable. */
record Compiled(Pattern regex, List<Field> fields) {

  /** Patterns of Logstash's own dictionary with several GREEDYDATA take millions of steps on lines that they match. */
  private static final long STEPS = 8_000_000;

  /** A field and its captures, in the order of the pattern. */
  record Field(String name, List<Translation.Capture> captures) {}

  static Compiled of(String pattern, Library library) {
    Translation translation = Translation.of(pattern, library);
    Map<String, List<Translation.Capture>> byName = new LinkedHashMap<>();
    for (Translation.Capture capture : translation.captures()) {
      byName.computeIfAbsent(capture.field(), name -> new ArrayList<>()).add(capture);
    }
    List<Field> fields = new ArrayList<>();
    byName.forEach((name, captures) -> fields.add(new Field(name, List.copyOf(captures))));
    return new Compiled(translation.regex(), List.copyOf(fields));
  }

  /** For one thread. */
  BudgetedMatcher matcher() {
    return new BudgetedMatcher(regex, STEPS);
  }

  /** Whether a capture of the last match is there to become a value. */
  static boolean present(BudgetedMatcher matcher, int group, boolean keepEmpty) {
    int start = matcher.start(group);
    return start >= 0 && (keepEmpty || matcher.end(group) > start);
  }
}
