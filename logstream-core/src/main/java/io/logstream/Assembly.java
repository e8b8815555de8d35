package io.logstream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Opens a plan: makes the places of a run from the descriptions and ties them together. */
final class Assembly {
  private final Engine engine;
  private final RunSettings settings;
  private final boolean live;
  private final Map<Sink, Outbox> outboxes = new IdentityHashMap<>();

  private Assembly(Engine engine, RunSettings settings, boolean live) {
    this.engine = engine;
    this.settings = settings;
    this.live = live;
  }

  /**
   * Opens everything into the engine.
   *
   * @param checkpoint the number of the checkpoint that it goes on from, 0 for none; empty in a run without
   * @param live whether sinks that block get a thread of their own
   * @param saved what an earlier run saved; empty for none
   */
  static Engine open(Pipeline pipeline, RunClock clock, OptionalLong checkpoint, boolean live, Map<String, byte[]> saved) {
    return open(pipeline, clock, checkpoint, live, saved, null);
  }

  /** As above, with a state in which the run is kept; null for a memory of its own. */
  static Engine open(Pipeline pipeline, RunClock clock, OptionalLong checkpoint, boolean live, Map<String, byte[]> saved, State keptIn) {
    Engine engine = new Engine(pipeline.name(), clock, checkpoint);
    engine.known = pipeline.plan.known();
    Assembly assembly = new Assembly(engine, pipeline.settings, live);
    try {
      assembly.build(RangeStage.into(pipeline.plan, pipeline.settings.since, pipeline.settings.until), saved, keptIn);
    } catch (RuntimeException | Error e) {
      engine.places.forEach(Place::close);
      engine.outboxes.forEach(outbox -> outbox.sink.close());
      engine.sources.forEach(SourceRun::closeAfterFailure);
      throw e;
    }
    return engine;
  }

  private void build(Plan plan, Map<String, byte[]> saved, State keptIn) {
    Layout layout = Layout.of(plan);
    Map<Plan.Then, Account> joinerAccounts = new IdentityHashMap<>();
    for (int i = 0; i < plan.sources().size(); i++) {
      Plan.NamedSource source = plan.sources().get(i);
      Plan.Then joiner = layout.source(i).joiner();
      SourceRun run = new SourceRun(engine, i, source.name(), source.source(), joiner == null ? null : (Joiner) joiner.stage(), timeGiver(plan, source));
      if (joiner != null) {
        run.joinedIn(joinerAccounts.computeIfAbsent(joiner, j -> engine.account(j.name(), List.of())));
      }
      run.stagesWithState(withState(source.own(), plan.steps()));
      engine.sources.add(run);
    }
    engine.restoreLogs(saved);

    int lanes = live ? Math.max(1, settings.lanes) : 1;
    List<List<StageNode>> pass = new ArrayList<>();
    List<Account> intoCommon = new ArrayList<>();
    for (int i = 0; i < engine.sources.size(); i++) {
      SourceRun run = engine.sources.get(i);
      pass.add(nodes(layout.source(i).pass(), run.tail, lanes));
      run.tail = last(pass.get(i), run.tail);
    }
    List<StageNode> common = List.of();
    if (!layout.commonPass().isEmpty()) {
      common = nodes(layout.commonPass(), null, lanes);
      for (SourceRun run : engine.sources) {
        common.get(0).account.feeders.add(run.tail);
      }
    }
    for (int i = 0; i < engine.sources.size(); i++) {
      SourceRun run = engine.sources.get(i);
      run.pass = passes(pass.get(i), common, lanes);
      run.tail = common.isEmpty() ? run.tail : common.get(common.size() / lanes - 1).account;
    }

    // the trunk: sources' own rest first, then the common chain
    List<Chained> ownRests = new ArrayList<>();
    for (int i = 0; i < engine.sources.size(); i++) {
      SourceRun run = engine.sources.get(i);
      List<Account> feeders = new ArrayList<>(List.of(run.tail));
      Chained own = chain(new ArrayList<>(layout.source(i).trunk()), feeders, true);
      ownRests.add(own);
      for (Account feeder : feeders) {
        if (!intoCommon.contains(feeder)) {
          intoCommon.add(feeder);
        }
      }
    }
    Chained trunk = chain(layout.trunk(), intoCommon, true);
    for (int i = 0; i < engine.sources.size(); i++) {
      engine.sources.get(i).head = ownRests.get(i).followedBy(trunk.head);
    }
    if (settings.failuresTo != null) {
      openFailures(settings.failuresTo);
    }
    for (SourceRun run : engine.sources) {
      run.open();
    }
    engine.opened();
    engine.restorePlaces(saved, keptIn);
  }

  private static List<String> withState(List<Plan.Then> own, List<Plan.Step> steps) {
    List<String> names = new ArrayList<>();
    addWithState(own, names);
    addWithState(steps, names);
    return List.copyOf(names);
  }

  private static void addWithState(List<? extends Plan.Step> steps, List<String> names) {
    for (Plan.Step step : steps) {
      if (step instanceof Plan.Then then && !then.stage().stateless()) {
        names.add(then.name());
      }
      if (step instanceof Plan.Then then) {
        for (List<Plan.Step> side : then.sides().values()) {
          addWithState(side, names);
        }
      } else if (step instanceof Plan.Fork fork) {
        addWithState(fork.body(), names);
      }
    }
  }

  private static TimeGiver timeGiver(Plan plan, Plan.NamedSource source) {
    List<Plan.Step> way = new ArrayList<>(source.own());
    way.addAll(plan.steps());
    for (Plan.Step step : way) {
      if (step instanceof Plan.Then then && then.stage() instanceof TimeGiver giver) {
        return giver;
      }
    }
    return null;
  }

  /** The nodes of a part of the pass, lane by lane; all lanes of a stage share its account. */
  private List<StageNode> nodes(List<Plan.Then> stages, Account feeder, int lanes) {
    List<Account> accounts = new ArrayList<>();
    Account before = feeder;
    for (Plan.Then then : stages) {
      Account account = engine.account(then.name(), before == null ? List.of() : List.of(before));
      accounts.add(account);
      before = account;
    }
    List<StageNode> nodes = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      for (int s = 0; s < stages.size(); s++) {
        StageNode node = new StageNode(engine, accounts.get(s), stages.get(s).stage(), true);
        nodes.add(node);
        engine.places.add(node);
      }
    }
    return nodes;
  }

  private static Account last(List<StageNode> nodes, Account otherwise) {
    return nodes.isEmpty() ? otherwise : nodes.get(nodes.size() - 1).account;
  }

  private static Pass[] passes(List<StageNode> own, List<StageNode> common, int lanes) {
    Pass[] passes = new Pass[lanes];
    for (int lane = 0; lane < lanes; lane++) {
      List<StageNode> stages = new ArrayList<>(own.subList(lane * own.size() / lanes, (lane + 1) * own.size() / lanes));
      stages.addAll(common.subList(lane * common.size() / lanes, (lane + 1) * common.size() / lanes));
      passes[lane] = new Pass(stages);
    }
    return passes;
  }

  /** Nodes one after the other; what follows the last is told later. */
  private record Chained(Node head, List<StageNode> openEnds) {
    Node followedBy(Node next) {
      for (StageNode end : openEnds) {
        end.next = next;
      }
      return head == Node.END ? next : head;
    }
  }

  /**
   * Makes the nodes of a chain, first to last, and ties them.
   *
   * @param feeders the accounts that feed the chain; afterwards those that feed what follows it
   */
  private Chained chain(List<? extends Plan.Step> steps, List<Account> feeders, boolean movesTime) {
    List<Node> made = new ArrayList<>();
    for (Plan.Step step : steps) {
      if (step instanceof Plan.Then then) {
        Account account = engine.account(then.name(), feeders);
        StageNode node = new StageNode(engine, account, then.stage(), movesTime);
        engine.places.add(node);
        node.sides = sides(then);
        made.add(node);
        feeders.clear();
        feeders.add(account);
      } else if (step instanceof Plan.To to) {
        made.add(sink(to.name(), to.sink(), feeders));
      } else if (step instanceof Plan.Fork fork) {
        Node body = chain(fork.body(), new ArrayList<>(feeders), false).followedBy(Node.END);
        made.add(new ForkNode(body, Node.END));
      }
    }
    Node next = Node.END;
    List<StageNode> ends = new ArrayList<>();
    for (int i = made.size() - 1; i >= 0; i--) {
      Node node = made.get(i);
      if (node instanceof StageNode stage) {
        if (i == made.size() - 1) {
          ends.add(stage);
        }
        stage.next = next;
      } else if (node instanceof SinkNode sink) {
        sink.next = next;
      } else if (node instanceof ForkNode fork) {
        node = new ForkNode(fork.body(), next);
      } else {
        node = new OutboxNode(((OutboxNode) node).outbox(), next);
      }
      next = node;
    }
    return new Chained(next, ends);
  }

  private Map<String, Node> sides(Plan.Then then) {
    Map<String, Node> sides = new HashMap<>();
    for (Map.Entry<String, List<Plan.Step>> side : then.sides().entrySet()) {
      sides.put(side.getKey(), chain(side.getValue(), new ArrayList<>(), false).followedBy(Node.END));
    }
    return sides;
  }

  private Node sink(String name, Sink sink, List<Account> feeders) {
    if (settings.quiet && sink.notifies()) {
      return sink(name, new QuietSink(), feeders);
    }
    if (live && sink.blocks()) {
      Outbox outbox = outboxes.get(sink);
      if (outbox == null) {
        outbox = new Outbox(engine, engine.account(name, List.of()), sink);
        outboxes.put(sink, outbox);
        engine.outboxes.add(outbox);
      }
      outbox.account.feeders.addAll(feeders);
      return new OutboxNode(outbox, Node.END);
    }
    SinkNode node = new SinkNode(engine, engine.account(name, feeders), sink, false);
    engine.places.add(node);
    return node;
  }

  private void openFailures(Sink sink) {
    Node node = sink("failures", sink, List.of());
    engine.failures = node;
    engine.failurePlace = node instanceof OutboxNode outbox ? outbox.outbox().sink : (SinkNode) node;
  }

  /** Stands in for a sink that notifies, in a run made quiet. */
  private static final class QuietSink implements Sink {
    @Override
    public Processor open(StageContext context) {
      return (event, out) -> out.drop(event, "quiet");
    }
  }
}
