package io.logstream;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A finished pipeline: a description that can be run any number of times, live, in a test, over yesterday's files, with the same
 * results. Immutable: every word that says how it is run returns a new one.
 */
public final class Pipeline {
  private static final int MOST_LANES = 256;
  /** Of 64 KiB each. */
  private static final int MOST_BATCHES = 1 << 14;

  final Plan plan;
  final RunSettings settings;

  Pipeline(Plan plan, RunSettings settings) {
    this.plan = plan;
    this.settings = settings;
  }

  /** Its name. */
  public String name() {
    return plan.name();
  }

  // ---------------------------------------------------------------- how it is run

  /**
   * Spreads the leading stateless stages over so many threads. None is the default: then they run on the trunk's own thread, which
   * is cheapest unless parsing is expensive and cores are idle. Results are the same for any number.
   */
  public Pipeline lanes(int lanes) {
    between("lanes", lanes, 0, MOST_LANES);
    return with(s -> s.lanes = lanes);
  }

  /** How many batches the ring holds, a power of two; 32 unless said. A batch takes about 64 KiB. */
  public Pipeline ring(int batches) {
    if (Integer.bitCount(between("ring", batches, 2, MOST_BATCHES)) != 1) {
      throw new IllegalArgumentException("ring must be a power of two, was " + batches);
    }
    return with(s -> s.ring = batches);
  }

  /** How the engine's threads wait; {@link Waiting#PARKING} unless said. */
  public Pipeline waiting(Waiting how) {
    Objects.requireNonNull(how, "waiting");
    return with(s -> s.waiting = how);
  }

  /**
   * Saves positions of all sources and the state of all stages in this directory, again and again and at close, and goes on from there
   * at the next start. The directory is made when missing; a second run on it at the same time is refused at start.
   */
  public Pipeline checkpointIn(Path directory) {
    Objects.requireNonNull(directory, "checkpoint directory");
    PlanCheck.checkpoint(plan, directory);
    return with(s -> s.checkpointDir = directory);
  }

  /** How often a checkpoint is taken; 5 seconds unless said. */
  public Pipeline checkpointEvery(Duration every) {
    positive("checkpointEvery", every);
    return with(s -> s.checkpointEvery = every);
  }

  /**
   * Gives every failed event to a sink, in order, with the fields {@code failure.stage}, {@code failure.cause} and, where there is more to
   * say, {@code failure.detail}. Without it failures are counted and the first few logged.
   *
   * @throws IllegalArgumentException for stages with a sink behind them: what failed there would have nowhere to go
   */
  public Pipeline failuresTo(Sink sink) {
    Sink expanded = Objects.requireNonNull(sink, "sink of Pipeline.failuresTo").expanded();
    if (expanded instanceof StageSink stages) {
      throw new IllegalArgumentException("pipeline '" + name() + "': failuresTo(..) takes a sink alone, not stage '" + stages.name()
          + "' with a sink behind it; write to a sink what failed, and work on it in another pipeline");
    }
    PlanCheck.files(plan, expanded);
    return with(s -> s.failuresTo = expanded);
  }

  /** How long {@link RunningPipeline#close} waits for what is under way; 30 seconds unless said. */
  public Pipeline closeWithin(Duration limit) {
    positive("closeWithin", limit);
    return with(s -> s.closeWithin = limit);
  }

  /** Tells a metrics system of every live run; several add up. What there is to read says {@link Metric}. */
  public Pipeline meteredBy(Metering metering) {
    Objects.requireNonNull(metering, "metering");
    return with(s -> s.meterings = Stream.concat(s.meterings.stream(), Stream.of(metering)).toList());
  }

  // ---------------------------------------------------------------- replay

  /**
   * The same pipeline over other sources: yesterday's files, a test's lines. The stages and fields that a source had of its own stay
   * in its place, so give as many sources as it has, in order, or, where none has any of its own, as many as you like. Leaves the checkpoint aside.
   */
  public Pipeline reading(Source... sources) {
    List<Source> others = List.of(sources);
    if (others.isEmpty()) {
      throw new IllegalArgumentException("pipeline '" + name() + "' needs at least one source in reading(..)");
    }
    List<Plan.NamedSource> replaced = new ArrayList<>();
    if (others.size() == plan.sources().size()) {
      for (int i = 0; i < others.size(); i++) {
        Plan.NamedSource old = plan.sources().get(i);
        replaced.add(new Plan.NamedSource(old.name(), redressed(old, others.get(i)), old.own()));
      }
    } else {
      if (plan.sources().stream().anyMatch(s -> !s.own().isEmpty())) {
        throw new IllegalArgumentException("pipeline '" + name() + "' has " + plan.sources().size() + " sources, some with stages of their own, so reading(..) takes as many, was "
            + others.size());
      }
      PipelineBuilder names = new PipelineBuilder(name(), others);
      names.then(Stage.each(e -> { }));
      replaced.addAll(names.build().plan.sources());
    }
    Plan other = new Plan(plan.name(), List.copyOf(replaced), plan.steps(), plan.known());
    PlanCheck.files(other, settings.failuresTo);
    return new Pipeline(other, settings.with(s -> s.checkpointDir = null));
  }

  private static DressedSource redressed(Plan.NamedSource old, Source other) {
    DressedSource dressed = DressedSource.of(other);
    return new DressedSource(old.source().over(dressed.bare()), List.of(), dressed.fields());
  }

  /** Only events of this time or later; others are dropped where they get their time. */
  public Pipeline since(Instant time) {
    Objects.requireNonNull(time, "since");
    return with(s -> s.since = time).ordered();
  }

  /** Only events before this time; others are dropped where they get their time. */
  public Pipeline until(Instant time) {
    Objects.requireNonNull(time, "until");
    return with(s -> s.until = time).ordered();
  }

  private Pipeline ordered() {
    if (settings.since != null && settings.until != null && !settings.since.isBefore(settings.until)) {
      throw new IllegalArgumentException("no event is at or after since, " + settings.since + ", and before until, " + settings.until);
    }
    return this;
  }

  /** Leaves out all sinks that tell people or other systems of something, such as an alert's notifiers. */
  public Pipeline quietly() {
    return with(s -> s.quiet = true);
  }

  /**
   * The same pipeline with its sinks exchanged, for test kits: each sink is given with its name, and answered by the one to use. That
   * for failures, if there is one, is called {@code failures}.
   */
  public Pipeline exchangingSinks(SinkExchange exchange) {
    Sink failures = settings.failuresTo == null ? null : exchange.instead("failures", settings.failuresTo);
    List<Plan.NamedSource> sources = plan.sources().stream()
        .map(source -> new Plan.NamedSource(source.name(), source.source(), source.own().stream().map(own -> exchanged(own, exchange)).toList())).toList();
    return new Pipeline(new Plan(plan.name(), sources, exchanged(plan.steps(), exchange), plan.known()), settings.with(s -> s.failuresTo = failures));
  }

  /** Which sink to use in place of another. */
  @FunctionalInterface
  public interface SinkExchange {
    /** The sink to use; the given one to leave it. */
    Sink instead(String name, Sink sink);
  }

  private static List<Plan.Step> exchanged(List<Plan.Step> steps, SinkExchange exchange) {
    return steps.stream().map(step -> {
      if (step instanceof Plan.To to) {
        return new Plan.To(to.name(), exchange.instead(to.name(), to.sink()));
      }
      if (step instanceof Plan.Then then) {
        return exchanged(then, exchange);
      }
      return step instanceof Plan.Fork fork ? (Plan.Step) new Plan.Fork(fork.name(), exchanged(fork.body(), exchange)) : step;
    }).toList();
  }

  private static Plan.Then exchanged(Plan.Then then, SinkExchange exchange) {
    if (then.sides().isEmpty()) {
      return then;
    }
    Map<String, List<Plan.Step>> sides = new LinkedHashMap<>();
    then.sides().forEach((side, steps) -> sides.put(side, exchanged(steps, exchange)));
    return new Plan.Then(then.name(), then.stage(), sides);
  }

  /** The names of its sources. */
  public List<String> sources() {
    return plan.sources().stream().map(Plan.NamedSource::name).toList();
  }

  // ---------------------------------------------------------------- running it

  /**
   * Starts it: one thread for each source, one for the trunk, one for each lane and each outbox, named {@code logstream-<pipeline>-..}.
   * Returns when all of them run.
   *
   * @throws PipelineException if a stage cannot be opened, or the checkpoint directory is in use
   */
  public RunningPipeline start() {
    return new RingRun(this).start();
  }

  /**
   * Starts it and waits for its end, which comes when all its sources are at theirs, as {@code FileTail.once(..)} is: for a job over files.
   * If the thread is interrupted meanwhile, it is closed.
   *
   * @return what became of every record
   * @throws PipelineException as {@link #start} does, or if an error ended it
   */
  public Ledger run() throws InterruptedException {
    RunningPipeline running = start();
    try (running) {
      running.await();
    }
    return running.ledger();
  }

  /** Opens it to be run on the caller's thread, with a clock that the caller moves. */
  public InlineRun inline(InstantSource clock) {
    return new InlineRun(this, clock, Map.of());
  }

  /** As {@link #inline(InstantSource)}, going on from what {@link InlineRun#save} gave. */
  public InlineRun inline(InstantSource clock, byte[] saved) {
    return new InlineRun(this, clock, CheckpointFile.decode(saved));
  }

  /**
   * As {@link #inline(InstantSource)}, going on from what the state holds, which {@link InlineRun#keep} brings up to date.
   *
   * @param state of this pipeline alone; used by the thread of the run
   */
  public InlineRun inline(InstantSource clock, State state) {
    return new InlineRun(this, clock, state);
  }

  // ---------------------------------------------------------------- taken apart

  /**
   * The pipeline in parts, each a pipeline of its own, cut where a stage with state needs all events with the same values of some fields
   * together: for runners that spread it over machines. The first part reads what the pipeline reads; each other one what an earlier part gives
   * it. A pipeline without such a stage is one part.
   *
   * @param gathered names of stages with state that do not say {@link Stage#stateBy by which fields}, and whose part gets all events
   * @throws IllegalArgumentException if it cannot be taken apart, with the stage that is in the way
   */
  public List<PipelinePart> parts(Set<String> gathered) {
    return new Parts(this, gathered).all();
  }

  // ---------------------------------------------------------------- description

  /** The topology, for people: sources, stages in order, branches, sinks, where each runs. */
  public String describe() {
    StringBuilder text = new StringBuilder("pipeline '").append(name()).append("'\n");
    Layout layout = Layout.of(plan);
    for (Plan.NamedSource source : plan.sources()) {
      text.append("  from ").append(source.name());
      source.source().fields().forEach((k, v) -> text.append("  ").append(k).append('=').append(v));
      text.append('\n');
      source.own().forEach(own -> describe(text, own, "    ", layout));
    }
    plan.steps().forEach(step -> describe(text, step, "  ", layout));
    if (settings.failuresTo != null) {
      text.append("  failures to ").append(settings.failuresTo.name()).append('\n');
    }
    return text.toString();
  }

  private void describe(StringBuilder text, Plan.Step step, String indent, Layout layout) {
    if (step instanceof Plan.Then then) {
      text.append(indent).append("then ").append(then.name());
      String shown = then.stage().toString();
      if (!shown.contains("@") && !shown.contains("$$Lambda") && !shown.equals(then.name()) && !(then.stage() instanceof EachStage)) {
        text.append("  ").append(shown);
      }
      text.append(layout.hoisted(then) ? "  [joined while reading]" : layout.inPass(then) ? (settings.lanes > 0 ? "  [lanes]" : "  [pass]") : "").append('\n');
      then.sides().values().forEach(side -> side.forEach(inner -> describe(text, inner, indent + "  ", layout)));
    } else if (step instanceof Plan.To to) {
      text.append(indent).append("to ").append(to.name()).append(to.sink().blocks() ? "  [outbox]" : "").append('\n');
    } else if (step instanceof Plan.Fork fork) {
      text.append(indent).append("branch ").append(fork.name()).append('\n');
      fork.body().forEach(inner -> describe(text, inner, indent + "  ", layout));
    }
  }

  @Override
  public String toString() {
    return "pipeline '" + name() + "'";
  }

  private Pipeline with(Consumer<RunSettings> change) {
    return new Pipeline(plan, settings.with(change));
  }

  private static int between(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(what + " must be from " + least + " to " + most + ", was " + value);
    }
    return value;
  }

  private static Duration positive(String what, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(what + " must be positive, was " + value);
    }
    return value;
  }
}
