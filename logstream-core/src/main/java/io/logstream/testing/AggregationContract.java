package io.logstream.testing;

import io.logstream.Emitter;
import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.PipelineBuilder;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.window.Aggregation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;

/**
 * The rules that every {@link Aggregation} keeps, as a check: {@code AggregationContract.of(aggregation).behind(Json.fields()).on(lines)}. Give
 * it some twenty lines that show all that it does, such as missing, odd and equal values.
 *
 * <ol>
 *   <li>Events that are shared out to several values, which are merged in any order, give the row of all events in one value.
 *   <li>A value that is merged into another stays as it was, also when that one goes on.
 *   <li>A value that is written and read at any time goes on as the one that was written, and reads all that was written and no more.
 *   <li>Written again, a value that was read gives the same bytes.
 *   <li>It puts the fields into a row that it names and no others, and asking for a row changes nothing.
 *   <li>It keeps no event that was only lent to it.
 * </ol>
 *
 * <p>Not for input beyond which an aggregation says that it only estimates.
 */
public final class AggregationContract {
  private static final Duration COVERED = Duration.ofMinutes(5);
  private static final int TRIALS = 30;

  private final Aggregation aggregation;
  private final List<Stage> before;

  private AggregationContract(Aggregation aggregation, List<Stage> before) {
    this.aggregation = aggregation;
    this.before = before;
  }

  /** The rules for this aggregation. */
  public static AggregationContract of(Aggregation aggregation) {
    return new AggregationContract(aggregation, List.of());
  }

  /** The same, with stages in front of it that give events the fields it reads. */
  public AggregationContract behind(Stage... stages) {
    Objects.requireNonNull(stages, "stages of AggregationContract.behind");
    return new AggregationContract(aggregation, List.of(stages));
  }

  /** Checks the aggregation with these lines, as {@link #on(List)}. */
  public void on(String... lines) {
    on(Arrays.asList(lines));
  }

  /**
   * Checks the aggregation with these lines.
   *
   * @throws AssertionError if it breaks a rule; the message names the rule and shows how
   */
  public void on(List<String> lines) {
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("AggregationContract needs lines to check an aggregation with");
    }
    FedLines source = new FedLines("lines");
    lines.forEach(source::feed);
    source.end();
    List<AssertionError> broken = new ArrayList<>();
    PipelineBuilder builder = LogStream.named("contract").from(source);
    before.forEach(builder::then);
    InlineRun run = builder.then("checked", context -> new Check(context, broken)).build().inline(() -> Instant.EPOCH);
    while (run.work()) {
      // until all lines are read
    }
    run.close();
    if (!broken.isEmpty()) {
      throw broken.get(0);
    }
    if (run.ledger().stage("checked").failed() > 0) {
      throw new AssertionError(aggregation + " throws: " + run.ledger().stage("checked").failedBy());
    }
  }

  private AssertionError broken(String rule, Object wanted, Object was) {
    return new AssertionError("aggregation " + aggregation + " breaks the rule: " + rule + ".\n  wanted: " + wanted + "\n  was:    " + was);
  }

  /** One way to share events out. */
  private final class Trial {
    private final Random random;
    private final boolean saving;
    private final Aggregation.Value[] parts;

    Trial(Aggregation.Opened opened, int seed) {
      random = new Random(seed);
      saving = seed % 2 == 1;
      parts = new Aggregation.Value[1 + random.nextInt(5)];
      Arrays.setAll(parts, i -> opened.empty());
    }
  }

  private final class Check implements Processor {
    private final List<AssertionError> broken;
    private final Aggregation.Opened opened;
    private final Aggregation.Value all;
    /** Of the same events, each overwritten after it was lent. */
    private final Aggregation.Value ofLent;
    private final List<Trial> trials = new ArrayList<>();

    Check(StageContext context, List<AssertionError> broken) {
      this.broken = broken;
      opened = aggregation.open(context);
      all = opened.empty();
      ofLent = opened.empty();
      for (int seed = 0; seed < TRIALS; seed++) {
        trials.add(new Trial(opened, seed));
      }
    }

    @Override
    public void process(LogEvent event, Emitter out) throws IOException {
      all.add(event.copy());
      LogEvent lent = event.copy();
      ofLent.add(lent);
      overwrite(lent);
      for (Trial trial : trials) {
        int part = trial.random.nextInt(trial.parts.length);
        if (trial.saving) {
          trial.parts[part] = restored(trial.parts[part]);
        }
        trial.parts[part].add(event);
      }
      out.absorb(event);
    }

    private static void overwrite(LogEvent event) {
      Arrays.fill(event.bytes(), (byte) '#');
      for (String field : List.copyOf(event.fields().keySet())) {
        event.remove(field);
      }
    }

    @Override
    public void onEnd(Emitter out) throws IOException {
      try {
        check(out);
      } catch (AssertionError e) {
        broken.add(e);
      } catch (RuntimeException e) {
        broken.add(new AssertionError("aggregation " + aggregation + " throws in merge, write, read or fill", e));
      }
    }

    private void check(Emitter out) throws IOException {
      Map<String, Object> row = row(all, out);
      same("asking for a row changes nothing", row, row(all, out));
      same("it keeps no event that was only lent to it", row, row(ofLent, out));
      TreeSet<String> others = new TreeSet<>(row.keySet());
      others.removeAll(aggregation.fields());
      if (!others.isEmpty()) {
        throw broken("it puts the fields into a row that it names and no others", aggregation.fields(), "also " + others);
      }
      same("a value that is read goes on as the one that was written", row, row(restored(all), out));
      for (Trial trial : trials) {
        merged(trial, row, out);
      }
      Aggregation.Value withNothing = opened.empty();
      withNothing.merge(opened.empty());
      same("two values of no events, merged, are one of no events", row(opened.empty(), out), row(withNothing, out));
    }

    private void merged(Trial trial, Map<String, Object> row, Emitter out) throws IOException {
      List<Aggregation.Value> left = new ArrayList<>(Arrays.asList(trial.parts));
      if (trial.random.nextBoolean()) {
        left.add(trial.random.nextInt(left.size() + 1), opened.empty());
      }
      while (left.size() > 1) {
        Aggregation.Value from = left.remove(trial.random.nextInt(left.size()));
        Aggregation.Value into = left.get(trial.random.nextInt(left.size()));
        Map<String, Object> before = row(from, out);
        into.merge(from);
        same("a value that is merged into another stays as it was", before, row(from, out));
        into = trial.saving ? restored(into) : into;
        Aggregation.Value once = restored(into);
        once.merge(all);
        same("a value that is merged into another stays as it was, also when that one goes on", before, row(from, out));
      }
      same("events that are shared out to several values, which are merged in any order, give the row of all events in one value", row,
          row(left.get(0), out));
    }

    private void same(String rule, Map<String, Object> wanted, Map<String, Object> was) {
      if (!wanted.equals(was)) {
        throw broken(rule, wanted, was);
      }
    }

    private Map<String, Object> row(Aggregation.Value value, Emitter out) {
      LogEvent row = out.create();
      value.fill(row, COVERED);
      return row.fields();
    }

    private Aggregation.Value restored(Aggregation.Value value) throws IOException {
      byte[] written = written(value);
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(written));
      Aggregation.Value back = opened.empty();
      try {
        back.read(in);
      } catch (EOFException e) {
        throw broken("it reads all that was written and no more", written.length + " bytes", "more");
      }
      if (in.available() > 0) {
        throw broken("it reads all that was written and no more", written.length + " bytes", written.length - in.available() + " bytes");
      }
      byte[] again = written(back);
      if (!Arrays.equals(written, again)) {
        throw broken("written again, a value that was read gives the same bytes", Arrays.toString(written), Arrays.toString(again));
      }
      return back;
    }

    private byte[] written(Aggregation.Value value) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      value.write(new DataOutputStream(bytes));
      return bytes.toByteArray();
    }
  }
}
