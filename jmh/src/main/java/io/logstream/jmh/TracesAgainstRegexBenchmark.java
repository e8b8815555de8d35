package io.logstream.jmh;

import io.logstream.Counter;
import io.logstream.JoinerContext;
import io.logstream.LineJoiner;
import io.logstream.parse.Multiline;
import io.logstream.testing.StackTraces;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to join the lines of Java stack traces: by {@code Multiline.traces("java")}, and by the same rules as precompiled regular
 * expressions of java.util.regex, over the same bytes? Both make the same decisions over the same log; the number of records is checked.
 *
 * <pre>java -jar jmh/target/benchmarks.jar TracesAgainstRegex -prof gc</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class TracesAgainstRegexBenchmark {
  private static final int LINES = 10_000;

  private final byte[] bytes;
  private final int[] from = new int[LINES];
  private final int[] to = new int[LINES];
  private final int records;

  /** A log whose traces have messages of one line, since the peers' rules know no others. */
  public TracesAgainstRegexBenchmark() {
    List<String> lines = StackTraces.seed(42).lines(2 * LINES).stream().filter(line -> !line.startsWith("  Detail")).limit(LINES).toList();
    bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    int at = 0;
    for (int i = 0; i < LINES; i++) {
      from[i] = at;
      to[i] = at + lines.get(i).getBytes(StandardCharsets.UTF_8).length;
      at = to[i] + 1;
    }
    records = records(new Regex());
    if (records != records(ours())) {
      throw new IllegalStateException("the regular expressions make " + records + " records, the machine " + records(ours()));
    }
  }

  private static LineJoiner ours() {
    return Multiline.traces("java").openJoiner(new JoinerContext() {
      @Override
      public Counter counter(String name) {
        throw new UnsupportedOperationException(name);
      }

      @Override
      public void warn(String subject, String text) {}

      @Override
      public long now() {
        return 0;
      }
    });
  }

  private int records(LineJoiner joiner) {
    int count = 0;
    boolean open = false;
    for (int i = 0; i < LINES; i++) {
      LineJoiner.Does does = joiner.next(bytes, from[i], to[i], open);
      if (does != LineJoiner.Does.CONTINUES || !open) {
        count++;
      }
      open = does == LineJoiner.Does.CONTINUES || does == LineJoiner.Does.BEGINS;
    }
    return count;
  }

  /** The machine of {@code Multiline.traces("java")}. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public int traces() {
    return checked(records(ours()));
  }

  /** The same rules as regular expressions. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public int regex() {
    return checked(records(new Regex()));
  }

  private int checked(int count) {
    if (count != records) {
      throw new IllegalStateException("made " + count + " records instead of " + records);
    }
    return count;
  }

  /** Begin, frame, cause, rest and blank line as expressions, each tried where the state allows it. */
  private static final class Regex implements LineJoiner {
    private static final Pattern BEGIN =
        Pattern.compile("(?:Exception|Error|Throwable)(?::|$)|(?:^|\\s)(?:[\\w$]++\\.)++[A-Z][\\w$]*+(?::\\s|:?$)|^[A-Z][\\w$]*+: ");
    private static final Pattern FRAME = Pattern.compile("[\\t ]++(?:eval )?at ");
    private static final Pattern CAUSE = Pattern.compile("[\\t ]*+(?:Caused by|Suppressed|Wrapped by):");
    private static final Pattern MORE = Pattern.compile("[\\t ]*+\\.\\.\\. \\d+ (?:more|common frames omitted)");

    private final Matcher begin = BEGIN.matcher("");
    private final Matcher frame = FRAME.matcher("");
    private final Matcher cause = CAUSE.matcher("");
    private final Matcher more = MORE.matcher("");

    @Override
    public Does next(byte[] bytes, int from, int to, boolean open) {
      String line = new String(bytes, from, to - from, StandardCharsets.UTF_8);
      if (open && (frame.reset(line).lookingAt() || cause.reset(line).lookingAt() || more.reset(line).lookingAt())) {
        return Does.CONTINUES;
      }
      return begin.reset(line).find() ? Does.BEGINS : Does.STANDS_ALONE;
    }
  }
}
