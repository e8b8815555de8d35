package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.State;
import io.logstream.StageContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Rules at work, in their order: gives each the events that may concern it, their timers, and their part of what is saved. */
final class RulesProcessor implements Processor, RuleStage.Desk {
  private static final String SAVED_RULE = "rule/";
  private static final char PARTING = '\1';
  private static final String SAVED_SILENCE = "silence/";
  /** Times further back are as good as this one, and can be written as an instant. */
  private static final long LEAST = -Long.MAX_VALUE / 4;

  private final RuleStage stage;
  private final StageContext context;
  private final boolean several;
  private RuleRun[] runs;
  private RuleIndex index;
  /** Ends of firings of rules that are not known any more, to be told as soon as something can be told. */
  private final List<Replaced> replaced = new ArrayList<>();
  private final Set<String> gone = new LinkedHashSet<>();
  private final Set<String> savedSilences = new HashSet<>();
  private long silencesSaved = -1;
  private boolean opened;
  private final RuleLook files;
  private Instant nextLook = Instant.MIN;

  /** Which run is to be woken when; one that is not due any more by then has been woken before. */
  private final PriorityQueue<Wake> wakes = new PriorityQueue<>();
  private final List<RuleRun> due = new ArrayList<>();
  private long asked = RuleRun.NONE;

  private record Wake(long at, RuleRun run) implements Comparable<Wake> {
    @Override
    public int compareTo(Wake other) {
      return Long.compare(at, other.at);
    }
  }

  private record Replaced(Rule rule, Group group, String id) {}

  RulesProcessor(RuleStage stage, StageContext context) {
    this.stage = stage;
    this.context = context;
    several = stage.files() != null || stage.rules().size() > 1;
    runs = new RuleRun[stage.rules().size()];
    for (int i = 0; i < runs.length; i++) {
      runs[i] = open(stage.rules().get(i).rule(), stage.rules().get(i).watch());
    }
    if (stage.files() == null) {
      files = null;
    } else {
      RuleFiles.Reading reading = stage.files().reading(this::check);
      List<RuleRun> all = new ArrayList<>(List.of(runs));
      List<Rule> read = reading.changed();
      if (!reading.problems().isEmpty()) {
        throw new IllegalArgumentException(String.join("\n", reading.problems()));
      }
      files = new RuleLook(reading::look, context.pipeline());
      if (read != null) {
        read.forEach(rule -> all.add(open(rule, null)));
      }
      runs = all.toArray(RuleRun[]::new);
    }
    takePlaces();
  }

  private void takePlaces() {
    for (int i = 0; i < runs.length; i++) {
      runs[i].place = i;
    }
    index = several ? new RuleIndex(runs, new RuleContext(context, "")) : null;
  }

  /** Whether a rule that was read can work in this place. The files' thread. */
  private void check(Rule rule) {
    try {
      context.checkFields(rule.fieldUse());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("alert '" + rule.name() + "': " + e.getMessage(), e);
    }
  }

  private RuleRun open(Rule rule, AlertWatch watch) {
    if (Draft.hasRatioOfFew(rule.triggers())) {
      context.warn("alert '" + rule.name() + "' tests a part of the events whatever their number, so that one of one is all of them; test how many there are too, as in 'and count() >= 20'");
    }
    return RuleRun.of(rule, new RuleContext(context, several ? rule.name() + "." : ""), this, watch);
  }

  // ---------------------------------------------------------------- events and time

  @Override
  public void process(LogEvent event, Emitter out) throws Exception {
    begin(out);
    if (index == null) {
      runs[0].process(event, out);
    } else {
      index.process(event, out);
    }
    out.absorb(event);
  }

  /** What must be done before anything else, with an emitter at hand. */
  private void begin(Emitter out) {
    if (!opened) {
      opened = true;
      if (index != null) {
        index.wake();
      }
      for (RuleRun run : runs) {
        run.opened(out);
      }
      if (stage.files() != null) {
        lookAgain(out);
      }
    }
    if (!replaced.isEmpty()) {
      List<Replaced> all = List.copyOf(replaced);
      replaced.clear();
      for (Replaced one : all) {
        long at = Math.max(one.group.since, context.watermarkMillis());
        LogEvent cause = out.create().epochMillis(at);
        tell(Firing.of(cause, one.rule, FiredAlert.State.RESOLVED, one.group.key.values(), at, one.group.since, one.id, one.group.number + 1, "replaced", 0), one.rule, out);
      }
    }
  }

  private void lookAgain(Emitter out) {
    out.atClock(context.clock().instant().plus(stage.files().every()));
  }

  @Override
  public void onOpen(Emitter out) {
    begin(out);
  }

  @Override
  public void onTimer(Instant deadline, Emitter out) throws Exception {
    begin(out);
    long upTo = deadline.toEpochMilli();
    while (!wakes.isEmpty() && wakes.peek().at <= upTo) {
      due.add(wakes.poll().run);
    }
    due.sort(Comparator.comparingInt(run -> run.place));
    try {
      for (RuleRun run : due) {
        if (run.isDue(upTo)) {
          run.timers(upTo, out);
        }
      }
    } finally {
      for (RuleRun run : due) {
        if (run.isDue(upTo)) {
          wakes.add(new Wake(upTo, run)); // one has thrown: it goes on behind what that was about, and so do the others
        }
      }
      due.clear();
      asked = RuleRun.NONE;
      ask(out);
    }
  }

  @Override
  public void wake(RuleRun run, long at, Emitter out) {
    wakes.add(new Wake(at, run));
    ask(out);
  }

  private void ask(Emitter out) {
    if (!wakes.isEmpty() && wakes.peek().at < asked) {
      asked = wakes.peek().at;
      out.at(Instant.ofEpochMilli(Math.max(asked, LEAST)));
    }
  }

  @Override
  public void onClock(Instant deadline, Emitter out) throws Exception {
    begin(out);
    for (RuleRun run : runs) {
      run.clock(deadline.toEpochMilli(), out);
    }
    if (stage.files() != null && !deadline.isBefore(nextLook)) {
      reload(out);
    }
  }

  @Override
  public void onEnd(Emitter out) throws Exception {
    begin(out);
    for (RuleRun run : runs) {
      run.end(out);
    }
  }

  // ---------------------------------------------------------------- telling

  @Override
  public Silences silences() {
    return stage.silences();
  }

  @Override
  public void tell(LogEvent firing, Rule rule, Emitter out) {
    if (stage.journal() != null) {
      try {
        stage.journal().append(Firing.read(firing));
      } catch (IOException e) {
        context.counter("journalFailed").increment();
        context.warn("cannot write to " + stage.journal() + ": " + e.getMessage());
      }
    }
    out.emit(firing);
  }

  @Override
  public void flush() throws IOException {
    if (stage.journal() != null) {
      stage.journal().force();
    }
  }

  @Override
  public void close() {
    if (files != null) {
      files.close();
    }
  }

  // ---------------------------------------------------------------- save and restore

  @Override
  public void save(State state) throws Exception {
    for (String name : gone) {
      State own = of(state, name);
      own.forEach((key, value) -> own.remove(key));
    }
    gone.clear();
    for (RuleRun run : runs) {
      run.save(of(state, run.rule.name()));
    }
    if (stage.silences() != null && stage.silences().changes() != silencesSaved) {
      silencesSaved = stage.silences().changes();
      savedSilences.forEach(state::remove);
      savedSilences.clear();
      stage.silences().all().forEach((of, until) -> {
        String key = SAVED_SILENCE + of.alert() + PARTING + (of.key() == null ? "" : "key" + PARTING + String.join("\0", of.key().values().stream().map(v -> v == null ? "-" : "+" + v).toList()));
        state.put(key, Long.toString(until.toEpochMilli()).getBytes(StandardCharsets.US_ASCII));
        savedSilences.add(key);
      });
    }
    flush();
  }

  private static State of(State whole, String rule) {
    return whole.under(SAVED_RULE + rule + PARTING);
  }

  @Override
  public void restore(State state, Emitter out) throws Exception {
    Set<String> saved = new LinkedHashSet<>();
    Map<Silences.Of, Instant> silences = new LinkedHashMap<>();
    state.forEach((key, value) -> {
      if (key.startsWith(SAVED_RULE)) {
        saved.add(key.substring(SAVED_RULE.length(), key.indexOf(PARTING)));
      } else if (key.startsWith(SAVED_SILENCE)) {
        savedSilences.add(key);
        String[] parts = key.substring(SAVED_SILENCE.length()).split(String.valueOf(PARTING), 3);
        List<String> values = new ArrayList<>();
        if (parts[1].equals("key")) {
          for (String one : parts[2].isEmpty() ? new String[0] : parts[2].split("\0", -1)) {
            values.add(one.startsWith("+") ? one.substring(1) : null);
          }
        }
        silences.put(new Silences.Of(parts[0], parts[1].isEmpty() ? null : new AlertKey(values)), Instant.ofEpochMilli(Long.parseLong(new String(value, StandardCharsets.US_ASCII))));
      }
    });
    if (stage.silences() != null) {
      stage.silences().restore(silences);
    }
    for (RuleRun run : runs) {
      State own = of(state, run.rule.name());
      if (run.isOf(own)) {
        run.restore(own, out);
        saved.remove(run.rule.name());
      }
    }
    for (String name : saved) {
      State own = of(state, name);
      Rule was = RuleRun.saved(own, name);
      if (was == null) {
        context.warn("alert '" + name + "' was saved in a form that is not known any more, and starts anew");
      } else {
        context.warn("alert '" + name + "' has changed since it was saved, and starts anew");
        RuleRun.told(own, name).forEach((group, id) -> replaced.add(new Replaced(was, group, id)));
      }
      own.forEach((key, value) -> own.remove(key));
    }
    if (!replaced.isEmpty()) {
      out.atClock(context.clock().instant());
    }
  }

  // ---------------------------------------------------------------- rules that are read again

  private void reload(Emitter out) {
    nextLook = context.clock().instant().plus(stage.files().every());
    lookAgain(out);
    RuleLook.Seen seen = files.seen();
    if (seen == null) {
      context.warn(stage.files() + " take long to read; what has changed counts when they are");
      return;
    }
    if (seen.failure() != null) {
      context.counter("reloadFailed").increment();
      context.warn(seen.failure().getMessage() + "; the rules stay as they are");
      return;
    }
    for (String problem : seen.problems()) {
      context.counter("refusedFiles").increment();
      context.warn(problem);
    }
    List<Rule> read = seen.rules();
    if (read == null) {
      return;
    }
    context.counter("reloads").increment();
    Map<String, RuleRun> before = new LinkedHashMap<>();
    List<RuleRun> after = new ArrayList<>();
    for (int i = 0; i < runs.length; i++) {
      if (i < stage.rules().size()) {
        after.add(runs[i]);
      } else {
        before.put(runs[i].rule.name(), runs[i]);
      }
    }
    for (Rule rule : read) {
      RuleRun same = before.get(rule.name());
      if (same != null && same.version().equals(rule.version())) {
        before.remove(rule.name());
        same.tellsBy(rule);
        after.add(same);
      } else {
        RuleRun fresh = open(rule, null);
        fresh.opened(out);
        after.add(fresh);
      }
    }
    for (RuleRun old : before.values()) {
      old.replaced(Math.max(Long.MIN_VALUE, context.watermarkMillis()), out);
      gone.add(old.rule.name());
    }
    Set<RuleRun> old = Set.copyOf(before.values());
    wakes.removeIf(wake -> old.contains(wake.run));
    runs = after.toArray(RuleRun[]::new);
    takePlaces();
  }

}
