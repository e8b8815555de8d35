package io.logstream.jmh;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs benchmarks in rounds, contenders in turns, each round a JVM of its own, and writes what came out as {@link Results}.
 *
 * <pre>java -Dlogstream.results=jmh/results -cp jmh/target/benchmarks.jar io.logstream.jmh.Measure [rounds, 3] [grok | json | dissect]..</pre>
 */
public final class Measure {
  /** What is compared: benchmarks by class and method, with the names that a picture shows; ours is the first. */
  private enum Comparison {
    GROK("grok", "An access-log line, its fields found by a pattern", GrokAgainstRegexBenchmark.class,
        "oursInPipeline", "logstream grok, in a pipeline", "regexByHand", "java.util.regex, written by hand", "expandedRegex", "java.util.regex, as Java Grok has it", "javaGrokWithMap", "Java Grok"),
    JSON("json", "A line of JSON, its fields found", ParsersBenchmark.class, "jsonStage", "logstream Json, in a pipeline", "jacksonTreeIntoMap", "Jackson's tree, into a map"),
    DISSECT("dissect", "An access-log line, taken apart without types", ParsersBenchmark.class,
        "dissectStage", "logstream Dissect, in a pipeline", "accessRegexAlone", "a regular expression", "accessRegexIntoMap", "the same, into a map");

    private final String file;
    private final String title;
    private final Class<?> benchmark;
    private final Map<String, String> names = new LinkedHashMap<>();

    Comparison(String file, String title, Class<?> benchmark, String... names) {
      this.file = file;
      this.title = title;
      this.benchmark = benchmark;
      for (int i = 0; i < names.length; i += 2) {
        this.names.put(names[i], names[i + 1]);
      }
    }
  }

  private Measure() {}

  /** Runs them. */
  public static void main(String[] args) throws RunnerException, IOException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    List<String> wanted = args.length > 1 ? List.of(args).subList(1, args.length) : List.of();
    for (Comparison comparison : Comparison.values()) {
      if (wanted.isEmpty() || wanted.contains(comparison.file)) {
        measure(comparison, rounds);
      }
    }
  }

  private static void measure(Comparison comparison, int rounds) throws RunnerException, IOException {
    Map<String, List<Double>> found = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (String method : comparison.names.keySet()) {
        OptionsBuilder options = new OptionsBuilder();
        options.include("\\b" + comparison.benchmark.getSimpleName() + "\\." + method + "$").forks(1).warmupIterations(4).measurementIterations(4)
            .warmupTime(TimeValue.seconds(1)).measurementTime(TimeValue.seconds(1));
        for (RunResult result : new Runner(options.build()).run()) {
          found.computeIfAbsent(method, m -> new ArrayList<>()).add(result.getPrimaryResult().getScore());
        }
      }
    }
    Results results = Results.of(comparison.title, "nanoseconds a line", "java -cp jmh/target/benchmarks.jar io.logstream.jmh.Measure " + rounds + " " + comparison.file);
    for (Map.Entry<String, String> name : comparison.names.entrySet()) {
      results.bar(name.getValue(), results.bars().isEmpty(), found.get(name.getKey()).stream().mapToDouble(d -> d).toArray());
    }
    results.write(comparison.file);
  }
}
