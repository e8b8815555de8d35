package io.logstream.alert;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.State;
import io.logstream.match.Condition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/**
 * One rule at work: its keys, their states, and what is told of them. How it comes to a verdict is its kind's.
 *
 * <p>A key has a {@link Group} for as long as anything depends on its past; then a deadline comes at which it is forgotten. Each group stands in
 * {@link #queue} with the earliest deadline that it had when it was put there; deadlines that have moved on are found out when they come.
 */
abstract class RuleRun {
  /** What a test says. */
  static final byte FALSE = 0;
  static final byte TRUE = 1;
  /** There are no data to tell. */
  static final byte UNKNOWN = 2;

  static final long NONE = Long.MAX_VALUE;

  private static final String SAVED_KEY = "key/";
  private static final String SAVED_VERSION = "version";
  private static final String SAVED_RULE = "rule";
  private static final String SAVED_WHOM = "whom";
  private static final String SAVED_FULL = "full";
  private static final String NO_ROOM = "no room for more keys";
  private static final int FORM = 2;

  Rule rule;
  final RuleContext context;
  final FieldKey[] by;
  final GroupKey probe = new GroupKey();
  final Group other;
  private final Map<GroupKey, Group> groups = new HashMap<>();
  /** The one group of a rule without keys, while there is one. */
  private Group only;

  private final RuleStage.Desk desk;
  private final AlertWatch watch;
  private final long lasting;
  private final long clearAfter;
  private final long noDataAfter;
  private long atMostEvery;
  private long backingOffTo;
  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private long asked = NONE;
  private final Counter suppressed;
  private final Counter silenced;
  private final Counter overflow;
  private final Counter nearMisses;
  private boolean saidFull;
  private int unwell;
  /** When firings were told, as far as the rule's limit looks back, and how many it has held back since. */
  private final ArrayDeque<Long> toldTimes = new ArrayDeque<>();
  private int heldBack;
  private final Map<String, Group> changed = new LinkedHashMap<>();
  private boolean ruleChanged = true;

  /** The run that is woken for it, and its place among all runs. */
  RuleRun woken = this;
  int place;

  private Identity identity;

  /** What tells the rule and its firings from others. Of a rule that is never told nor saved it is not worked out. */
  private static final class Identity {
    final String version;
    final byte[] ofRule;
    final MessageDigest digest = Rule.sha256();

    Identity(Rule rule) {
      version = rule.version();
      ofRule = Group.ofRule(rule.name(), version);
    }
  }

  private record Due(long deadline, Group group) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return deadline == other.deadline ? group.key.compareTo(other.group.key) : Long.compare(deadline, other.deadline);
    }
  }

  RuleRun(Rule rule, RuleContext context, RuleStage.Desk desk, AlertWatch watch) {
    this.rule = rule;
    this.context = context;
    this.desk = desk;
    this.watch = watch;
    by = new FieldKey[rule.by().size()];
    for (int i = 0; i < by.length; i++) {
      by[i] = context.key(rule.by().get(i));
    }
    other = new Group(GroupKey.other(Math.max(1, by.length)));
    lasting = millis(rule.lasting());
    clearAfter = millis(rule.clearAfter());
    noDataAfter = millis(rule.noDataAfter());
    tellsBy(rule);
    suppressed = context.counter("suppressed");
    silenced = context.counter("silenced");
    overflow = context.counter("overflow");
    nearMisses = context.counter("nearMisses");
  }

  /** How often and whom it tells may change while it runs; what it watches for is the same. */
  final void tellsBy(Rule changed) {
    rule = changed;
    atMostEvery = millis(rule.atMostEvery());
    backingOffTo = millis(rule.backingOffTo());
  }

  private Identity identity() {
    if (identity == null) {
      identity = new Identity(rule);
    }
    return identity;
  }

  /** As {@link Rule#version}. */
  String version() {
    return identity().version;
  }

  static RuleRun of(Rule rule, RuleContext context, RuleStage.Desk desk, AlertWatch watch) {
    Trigger first = rule.triggers().get(0);
    if (!rule.steps().isEmpty()) {
      return new SequenceRun(rule, context, desk, watch);
    }
    if (first instanceof Trigger.Matches matches) {
      return new MatchRun(rule, matches, context, desk, watch);
    }
    if (first instanceof Trigger.Silent silent) {
      return new SilentRun(rule, silent, context, desk, watch);
    }
    if (first instanceof Trigger.Changes changes) {
      return new ChangesRun(rule, changes, context, desk, watch);
    }
    if (first instanceof Trigger.NewValue fresh) {
      return new NewValueRun(rule, fresh, context, desk, watch);
    }
    return new WindowRun(rule, context, desk, watch);
  }

  static long millis(Duration time) {
    return time == null ? 0 : time.toMillis();
  }

  static long later(long time, long by) {
    return time > Long.MAX_VALUE - 1 - by ? Long.MAX_VALUE - 1 : time + by;
  }

  static Predicate<LogEvent> bound(Condition condition, RuleContext context) {
    return condition instanceof io.logstream.match.Clause.All ? null : condition.bind(context);
  }

  // ---------------------------------------------------------------- what kinds do

  /** Looks at an event. */
  abstract void process(LogEvent event, Emitter out) throws Exception;

  /** Whether an event can only concern it if it meets this; null for all. */
  Condition wants() {
    return null;
  }

  /** Whether it must also be shown events that its condition does not hold for, such as the end of a firing. */
  boolean needsAll() {
    return false;
  }

  void opened(Emitter out) {}

  void clock(long now, Emitter out) throws Exception {}

  void end(Emitter out) throws Exception {}

  /** A time has come at which the tests of a key may say something else. */
  void due(Group group, long time, Emitter out) throws Exception {}

  /** When that is next. */
  long nextDue(Group group) {
    return NONE;
  }

  /** When nothing that the tests know of the key matters any more; {@link Long#MIN_VALUE} for at once, {@link #NONE} for never. */
  long forgettable(Group group) {
    return Long.MIN_VALUE;
  }

  /** Puts what the tests know of the key into an event. */
  void describe(Group group, long time, LogEvent cause) {}

  void write(Group group, DataOutput out) throws IOException {}

  void read(Group group, DataInput in) throws IOException {}

  void saveMore(State state) throws Exception {}

  void restoreMore(State state, Emitter out) throws Exception {}

  // ---------------------------------------------------------------- keys

  /**
   * A group for the key just read, or the one for all that find no room. The first time it is needed, that is told.
   *
   * @param cause what the key stands in; null for the passing of time
   */
  Group admit(long time, LogEvent cause, Emitter out) {
    Group known = known(probe);
    if (known != null) {
      return known;
    }
    if (groups.size() >= rule.maxKeys()) {
      overflow.increment();
      noRoom(time, cause, out);
      return other;
    }
    Group group = new Group(probe.copy());
    group.saved = changed.containsKey(savedKey(group)); // it is to be removed from what was saved, unless it is saved again
    add(group);
    return group;
  }

  /** The group of a key; null for none. */
  final Group known(GroupKey key) {
    return by.length == 0 ? only : groups.get(key);
  }

  private void add(Group group) {
    groups.put(group.key, group);
    only = by.length == 0 ? group : null;
  }

  private void forget(Group group) {
    groups.remove(group.key);
    only = null;
    if (group.saved) {
      changed.put(savedKey(group), null);
    } else {
      changed.remove(savedKey(group));
    }
  }

  /** Says once that there is no room. */
  void noRoom(long time, LogEvent cause, Emitter out) {
    if (saidFull) {
      return;
    }
    saidFull = true;
    ruleChanged = true;
    context.warn("alert '" + rule.name() + "' has no room for more than " + rule.maxKeys() + " keys; further ones are told as " + AlertKey.OTHER);
    if (desk.silences() != null && desk.silences().silences(rule, key(other), time)) {
      silenced.increment();
      return;
    }
    LogEvent own = cause == null ? out.create().epochMillis(time) : cause.copy();
    String id = Rule.hash(rule.name() + "\0" + version() + "\0" + NO_ROOM);
    desk.tell(Firing.of(own, rule, FiredAlert.State.FIRING, other.key.values(), time, time, id, 1, NO_ROOM, 0), rule, out);
  }

  boolean hasRoom() {
    return groups.size() < rule.maxKeys();
  }

  private boolean isForgettable(Group group, long time) {
    return group.state == Group.State.OK && forgetAt(group) <= time;
  }

  private long forgetAt(Group group) {
    long at = forgettable(group);
    if (at == NONE) {
      return NONE;
    }
    if (group.latest != Group.NEVER) {
      at = Math.max(at, later(group.latest, 1));
    }
    if (group.toldAt != Group.NEVER && atMostEvery > 0) {
      at = Math.max(at, later(group.toldAt, rule.backingOffTo() == null ? atMostEvery : 2 * interval(group)));
    }
    return at;
  }

  void touch(Group group, long time) {
    group.lastEvent = Math.max(group.lastEvent, time);
    group.noData = false;
    changed(group);
  }

  // ---------------------------------------------------------------- deadlines

  /** Takes note of the next time at which something happens to the key without an event. */
  void schedule(Group group, Emitter out) {
    long next = Math.min(nextDue(group), stateDue(group));
    if (group.state == Group.State.OK && group != other) {
      next = Math.min(next, Math.max(forgetAt(group), Long.MIN_VALUE + 1));
    }
    if (next < group.scheduled) {
      group.scheduled = next;
      queue.add(new Due(next, group));
      ask(out);
    }
  }

  /** When something is to be done that is not a key's. */
  long nextOwn() {
    return NONE;
  }

  /** Sees to it that {@link #timers} is called at the next deadline. */
  final void ask(Emitter out) {
    long next = Math.min(queue.isEmpty() ? NONE : queue.peek().deadline, nextOwn());
    if (next < asked) {
      asked = next;
      desk.wake(woken, next, out);
    }
  }

  /** Whether {@link #timers} has anything to do. */
  boolean isDue(long upTo) {
    return asked <= upTo;
  }

  /** Runs all that is due up to this time. */
  void timers(long upTo, Emitter out) throws Exception {
    while (!queue.isEmpty() && queue.peek().deadline <= upTo) {
      Due due = queue.poll();
      Group group = due.group;
      if (group.scheduled == due.deadline) {
        group.scheduled = NONE;
        run(group, upTo, out);
        if (group != other && isForgettable(group, upTo)) {
          forget(group);
        } else {
          schedule(group, out);
        }
      }
    }
    asked = asked <= upTo ? NONE : asked;
    ask(out);
  }

  /** What happens to a key without an event up to this time, in order. */
  void run(Group group, long upTo, Emitter out) throws Exception {
    for (;;) {
      long byTest = nextDue(group);
      long byState = stateDue(group);
      if (Math.min(byTest, byState) > upTo) {
        return;
      }
      changed(group);
      if (byState <= byTest) {
        stateDue(group, byState, out);
      } else {
        due(group, byTest, out);
      }
    }
  }

  private long stateDue(Group group) {
    long due = switch (group.state) {
      case PENDING -> group.unknownSince == Group.NEVER ? later(group.since, lasting + group.lost) : NONE;
      case RECOVERING -> later(group.clearSince, clearAfter);
      case NO_DATA -> group.number == 0 && !group.told && group.unknownSince == Group.NEVER ? later(group.since, lasting) : NONE;
      default -> NONE;
    };
    return noDataAfter > 0 && !group.noData && group.lastEvent != Group.NEVER ? Math.min(due, later(group.lastEvent, noDataAfter)) : due;
  }

  private void stateDue(Group group, long time, Emitter out) {
    if (noDataAfter > 0 && !group.noData && later(group.lastEvent, noDataAfter) == time) {
      noData(group, time, out);
    } else if (group.state == Group.State.PENDING) {
      fire(group, time, null, "", out);
    } else if (group.state == Group.State.RECOVERING) {
      resolve(group, time, null, "", out);
    } else {
      group.unknownSince = time; // marks that it has fired
      tell(group, time, null, "no data", out);
    }
  }

  private void noData(Group group, long time, Emitter out) {
    group.noData = true;
    switch (rule.noData()) {
      case KEEP -> {
        if (group.state == Group.State.PENDING && group.unknownSince == Group.NEVER) {
          group.unknownSince = time;
        }
      }
      case OK -> {
        if (group.isFiring()) {
          resolve(group, time, null, "no data", out);
        }
        move(group, Group.State.OK, time, "no data");
      }
      case ALERT -> {
        if (group.isFiring()) {
          resolve(group, time, null, "no data", out);
        }
        move(group, Group.State.NO_DATA, time, "no data");
        group.begin(time);
        group.number = 0;
      }
    }
  }

  // ---------------------------------------------------------------- states

  /**
   * A verdict on a key.
   *
   * @param clear whether what clears it holds; counts only if the rule says what that is
   * @param cause what brought it about; null for the passing of time
   */
  void judge(Group group, long time, byte outcome, boolean clear, LogEvent cause, Emitter out) {
    if (watch != null && watch.wantsVerdicts()) {
      LogEvent seen = cause == null ? out.create().epochMillis(time) : cause.copy();
      describe(group, time, seen);
      watch.judged(rule.name(), key(group), Instant.ofEpochMilli(time), seen.fields(), outcome == UNKNOWN ? null : outcome == TRUE);
    }
    if (group.state == Group.State.NO_DATA) {
      resolve(group, time, cause, "data again", out);
    }
    if (outcome == UNKNOWN) {
      if (group.state == Group.State.PENDING && group.unknownSince == Group.NEVER) {
        group.unknownSince = time;
      }
      return;
    }
    if (group.unknownSince != Group.NEVER) {
      group.lost += Math.max(0, time - group.unknownSince);
      group.unknownSince = Group.NEVER;
    }
    boolean clears = rule.clearWhen() == null ? outcome == FALSE : clear;
    switch (group.state) {
      case OK -> {
        if (outcome == TRUE) {
          group.begin(time);
          if (lasting > 0) {
            move(group, Group.State.PENDING, time, "holds");
          } else {
            fire(group, time, cause, "", out);
          }
        }
      }
      case PENDING -> {
        if (outcome == FALSE) {
          nearMisses.increment();
          move(group, Group.State.OK, time, "holds no longer");
        } else if (time >= later(group.since, lasting + group.lost)) {
          fire(group, time, cause, "", out);
        }
      }
      case FIRING -> {
        if (clears) {
          if (clearAfter > 0) {
            group.clearSince = time;
            move(group, Group.State.RECOVERING, time, "clear");
          } else {
            resolve(group, time, cause, "", out);
          }
        } else if (!group.told && outcome == TRUE) {
          tell(group, time, cause, "", out);
        }
      }
      case RECOVERING -> {
        if (!clears) {
          move(group, Group.State.FIRING, time, "holds again");
        } else if (time >= later(group.clearSince, clearAfter)) {
          resolve(group, time, cause, "", out);
        }
      }
      default -> throw new IllegalStateException("a key without data was judged");
    }
    changed(group);
  }

  private void fire(Group group, long time, LogEvent cause, String reason, Emitter out) {
    group.told = false;
    group.number = 0;
    move(group, Group.State.FIRING, time, "fires");
    if (!tell(group, time, cause, reason, out)) {
      suppressed.increment();
    }
  }

  void resolve(Group group, long time, LogEvent cause, String reason, Emitter out) {
    boolean told = group.told;
    if (told) {
      emit(group, FiredAlert.State.RESOLVED, time, cause, reason, 0, out);
    }
    group.told = false;
    group.unknownSince = Group.NEVER;
    move(group, Group.State.OK, time, reason.isEmpty() ? "over" : reason);
  }

  private void move(Group group, Group.State to, long time, String why) {
    if (watch != null && group.state != to) {
      watch.moved(rule.name(), key(group), group.state.name(), to.name(), Instant.ofEpochMilli(time), why);
    }
    unwell += (to == Group.State.OK ? 0 : 1) - (group.state == Group.State.OK ? 0 : 1);
    group.state = to;
    changed(group);
  }

  /** How many keys are in another state than OK. */
  int unwell() {
    return unwell;
  }

  /** The values of a key, in the order of the fields. */
  AlertKey key(Group group) {
    return new AlertKey(group.key.values());
  }

  // ---------------------------------------------------------------- telling

  private long interval(Group group) {
    long doubled = group.doublings > 40 ? Long.MAX_VALUE / 4 : Math.min(Long.MAX_VALUE / 4, atMostEvery << Math.min(40, group.doublings));
    return backingOffTo == 0 ? atMostEvery : Math.min(doubled, backingOffTo);
  }

  private boolean tell(Group group, long time, LogEvent cause, String reason, Emitter out) {
    if (!mayTell(group, time)) {
      return false;
    }
    tellNow(group, time);
    int more = heldBack;
    heldBack = 0;
    group.told = true;
    emit(group, FiredAlert.State.FIRING, time, cause, reason, more, out);
    return true;
  }

  private boolean mayTell(Group group, long time) {
    if (desk.silences() != null && desk.silences().silences(rule, key(group), time)) {
      silenced.increment();
      return false;
    }
    if (atMostEvery > 0 && group.toldAt != Group.NEVER && time < later(group.toldAt, interval(group))) {
      return false;
    }
    Limit limit = rule.limit();
    if (limit != null) {
      long gone = time - limit.in().toMillis();
      while (!toldTimes.isEmpty() && toldTimes.peekFirst() <= gone) {
        toldTimes.removeFirst();
      }
      if (toldTimes.size() >= limit.most()) {
        heldBack++;
        ruleChanged = true;
        return false;
      }
    }
    return true;
  }

  private void tellNow(Group group, long time) {
    if (atMostEvery > 0) {
      boolean soon = group.toldAt != Group.NEVER && time < later(group.toldAt, 2 * interval(group));
      group.doublings = soon && backingOffTo > 0 ? Math.min(62, group.doublings + 1) : 0;
      group.toldAt = Math.max(group.toldAt, time);
    }
    if (rule.limit() != null) {
      toldTimes.addLast(time);
    }
    ruleChanged = true;
    changed(group);
  }

  /**
   * A firing that stands by itself.
   *
   * @param group remembers when it was told; null where nothing depends on that, then the key is the one just read
   */
  void moment(Group group, long time, String of, LogEvent cause, Emitter out) {
    Group told = group == null ? new Group(probe) : group;
    if (watch != null) {
      if (watch.wantsVerdicts()) {
        watch.judged(rule.name(), key(told), Instant.ofEpochMilli(time), cause.fields(), true);
      }
      watch.moved(rule.name(), key(told), Group.State.OK.name(), "FIRED", Instant.ofEpochMilli(time), "matches");
    }
    if (!mayTell(told, time)) {
      suppressed.increment();
      return;
    }
    tellNow(told, time);
    int more = heldBack;
    heldBack = 0;
    identity().digest.update(identity().ofRule);
    String id = Rule.hex(identity().digest, (told.key.values() + "\0" + time + "\0" + of).getBytes(StandardCharsets.UTF_8));
    desk.tell(Firing.of(cause.copy(), rule, FiredAlert.State.FIRING, told.key.values(), time, time, id, 1, "", more), rule, out);
  }

  private void emit(Group group, FiredAlert.State state, long time, LogEvent cause, String reason, int more, Emitter out) {
    LogEvent told = cause == null ? out.create().epochMillis(time) : cause.copy();
    if (cause == null) {
      List<String> values = group.key.values();
      for (int i = 0; i < by.length; i++) {
        told.put(by[i].name(), (Object) values.get(i));
      }
    }
    describe(group, time, told);
    group.number++;
    desk.tell(Firing.of(told, rule, state, group.key.values(), Math.max(time, group.since), group.since, group.id(identity().digest, identity().ofRule), group.number, reason, more), rule, out);
  }

  /** Tells the end of all that fires, because the rule is gone. */
  void replaced(long time, Emitter out) {
    List<Group> all = new ArrayList<>(groups.values());
    all.sort(Comparator.comparing(group -> group.key));
    all.add(other);
    for (Group group : all) {
      if (group.told) {
        resolve(group, Math.max(time, group.since), null, "replaced", out);
      }
    }
  }

  // ---------------------------------------------------------------- save and restore

  void changed(Group group) {
    if (!group.changed) {
      group.changed = true;
      changed.put(savedKey(group), group);
    }
  }

  private static String savedKey(Group group) {
    return SAVED_KEY + new String(group.key.toBytes(), StandardCharsets.ISO_8859_1);
  }

  void save(State state) throws Exception {
    state.put(SAVED_VERSION, (FORM + " " + version()).getBytes(StandardCharsets.US_ASCII));
    state.put(SAVED_WHOM, (rule.severity() + "\n" + String.join("\0", rule.by()) + "\n" + String.join("\0", rule.to())).getBytes(StandardCharsets.UTF_8));
    if (ruleChanged) {
      ByteBuffer bytes = ByteBuffer.allocate(8 + 8 * toldTimes.size()).putInt(heldBack).putInt(toldTimes.size());
      toldTimes.forEach(bytes::putLong);
      state.put(SAVED_RULE, bytes.array());
      if (saidFull) {
        state.put(SAVED_FULL, new byte[] {1});
      }
      ruleChanged = false;
    }
    for (Map.Entry<String, Group> entry : changed.entrySet()) {
      Group group = entry.getValue();
      if (group == null) {
        state.remove(entry.getKey());
      } else {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
          group.write(out);
          write(group, out);
        }
        state.put(entry.getKey(), bytes.toByteArray());
        group.changed = false;
        group.saved = true;
      }
    }
    changed.clear();
    saveMore(state);
  }

  /** Of a rule that was saved, what is needed to tell the end of its firings; null if it cannot be read. */
  static Rule saved(State state, String name) {
    byte[] version = state.get(SAVED_VERSION);
    byte[] whom = state.get(SAVED_WHOM);
    if (version == null || whom == null || !new String(version, StandardCharsets.US_ASCII).startsWith(FORM + " ")) {
      return null;
    }
    String[] parts = new String(whom, StandardCharsets.UTF_8).split("\n", -1);
    return new Rule(name, List.of(), List.of(), null, list(parts[1]), Rule.MAX_KEYS, null, null, null, null, null, null, null, null, Severity.valueOf(parts[0]), list(parts[2]));
  }

  private static List<String> list(String joined) {
    return joined.isEmpty() ? List.of() : List.of(joined.split("\0", -1));
  }

  /** What was saved of a rule's keys: enough to tell the end of its firings when the rule itself is not known any more. */
  static Map<Group, String> told(State state, String rule) throws IOException {
    Map<Group, String> told = new LinkedHashMap<>();
    byte[] version = state.get(SAVED_VERSION);
    String of = version == null ? "" : new String(version, StandardCharsets.US_ASCII);
    if (!of.startsWith(FORM + " ")) {
      return told;
    }
    List<IOException> broken = new ArrayList<>();
    state.forEach((key, value) -> {
      if (key.startsWith(SAVED_KEY)) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
          Group group = new Group(GroupKey.ofBytes(key.substring(SAVED_KEY.length()).getBytes(StandardCharsets.ISO_8859_1)));
          group.read(in);
          if (group.told) {
            told.put(group, group.id(Rule.sha256(), Group.ofRule(rule, of.substring(of.indexOf(' ') + 1))));
          }
        } catch (IOException e) {
          broken.add(e);
        }
      }
    });
    if (!broken.isEmpty()) {
      throw broken.get(0);
    }
    return told;
  }

  /** Whether what was saved is of this very rule. */
  boolean isOf(State state) {
    byte[] bytes = state.get(SAVED_VERSION);
    return bytes != null && new String(bytes, StandardCharsets.US_ASCII).equals(FORM + " " + version());
  }

  void restore(State state, Emitter out) throws Exception {
    byte[] ofRule = state.get(SAVED_RULE);
    if (ofRule != null) {
      ByteBuffer bytes = ByteBuffer.wrap(ofRule);
      heldBack = bytes.getInt();
      for (int n = bytes.getInt(); n > 0; n--) {
        toldTimes.addLast(bytes.getLong());
      }
    }
    saidFull = state.get(SAVED_FULL) != null;
    List<String> keys = new ArrayList<>();
    state.forEach((key, value) -> {
      if (key.startsWith(SAVED_KEY)) {
        keys.add(key);
      }
    });
    for (String key : keys) {
      GroupKey of = GroupKey.ofBytes(key.substring(SAVED_KEY.length()).getBytes(StandardCharsets.ISO_8859_1));
      Group group = of.equals(other.key) ? other : known(of);
      if (group == null) {
        group = new Group(of);
        add(group);
      }
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state.get(key)))) {
        group.read(in);
        group.saved = true;
        read(group, in);
        unwell += group.state == Group.State.OK ? 0 : 1;
      }
    }
    restoreMore(state, out);
    for (Group group : groups.values()) {
      schedule(group, out);
    }
    schedule(other, out);
  }
}
