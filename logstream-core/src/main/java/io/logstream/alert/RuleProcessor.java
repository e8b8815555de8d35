package io.logstream.alert;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.State;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A rule at work. A key has a {@link Group} from its first firing until it is at rest and nothing depends on its past any more: no
 * firing within {@code atMostEvery}, and the watermark is past its last one. So keys at which nothing happens cost nothing, and an
 * event for which the condition does not hold is not even asked for its key while nothing fires.
 *
 * <pre>groups   all that are remembered, by key: at most maxKeys
 * resting  those of them that do not fire, the first to be forgotten first
 * other    stands for the keys that found no room; fires until there is some</pre>
 */
final class RuleProcessor implements Processor {
  private static final String SAVED_KEY = "key/";
  private static final String SAVED_OTHER = "other";
  private static final String SAVED_BY = "by";

  private final Rule rule;
  private final StageContext context;
  private final Predicate<LogEvent> condition;
  private final FieldKey[] by;
  private final long atMostEvery;
  private final Counter suppressed;
  private final Counter overflow;

  private final GroupKey probe = new GroupKey();
  private final Map<GroupKey, Group> groups = new HashMap<>();
  private final TreeSet<Group> resting;
  private final Group other;
  private int firing;
  /** What is to be saved, by its key there; null for what is to be removed. */
  private final Map<String, Group> changed = new LinkedHashMap<>();
  private boolean savedBy;
  private boolean saidFull;

  RuleProcessor(Rule rule, StageContext context) {
    this.rule = rule;
    this.context = context;
    this.condition = rule.condition().bind(context);
    this.by = rule.by().stream().map(context::key).toArray(FieldKey[]::new);
    this.atMostEvery = rule.atMostEvery() == null ? 0 : rule.atMostEvery().toMillis();
    this.suppressed = context.counter("suppressed");
    this.overflow = context.counter("overflow");
    this.resting = new TreeSet<>(Comparator.comparingLong((Group g) -> g.forgettableAt(atMostEvery)).thenComparing(g -> g.key));
    this.other = new Group(GroupKey.other(by.length));
  }

  @Override
  public void process(LogEvent event, Emitter out) {
    boolean holds = condition.test(event);
    if (other.firing && hasRoom()) {
      end(other, event, out);
    }
    if (holds || firing > 0) {
      probe.read(event, by);
      Group group = groups.get(probe);
      if (holds) {
        holds(group == null ? admit() : group, event, out);
      } else if (group != null && group.firing) {
        end(group, event, out);
      }
    }
    out.absorb(event);
  }

  private void holds(Group group, LogEvent event, Emitter out) {
    long now = event.epochMillis();
    if (!group.firing) {
      if (group != other) {
        resting.remove(group);
        firing++;
      }
      group.begin(now);
      changed(group);
      if (!group.mayTell(now, atMostEvery)) {
        suppressed.increment();
      }
    }
    if (!group.told && group.mayTell(now, atMostEvery)) {
      group.tell(now);
      changed(group);
      out.emit(transition(group, FiredAlert.State.FIRING, event));
    }
  }

  private void end(Group group, LogEvent event, Emitter out) {
    LogEvent over = group.told ? transition(group, FiredAlert.State.RESOLVED, event) : null;
    group.end();
    changed(group);
    if (group != other) {
      firing--;
      resting.add(group);
      forget();
    }
    if (over != null) {
      out.emit(over);
    }
  }

  private LogEvent transition(Group group, FiredAlert.State state, LogEvent cause) {
    return Firing.of(cause, rule, state, group.key.values(), group.since(), group.id(rule.alert()));
  }

  // ---------------------------------------------------------------- room

  /** A group for the key just read, or the one for all that find no room. */
  private Group admit() {
    if (!hasRoom()) {
      overflow.increment();
      if (!saidFull) {
        saidFull = true;
        context.warn("has no room for more than " + rule.maxKeys() + " keys; further ones are told as " + GroupKey.OTHER);
      }
      return other;
    }
    Group group = new Group(probe.copy());
    groups.put(group.key, group);
    return group;
  }

  private boolean hasRoom() {
    forget();
    return groups.size() < rule.maxKeys();
  }

  private void forget() {
    if (resting.isEmpty()) {
      return;
    }
    Instant watermark = context.watermark();
    long complete = watermark.equals(Instant.MIN) ? Long.MIN_VALUE : watermark.toEpochMilli();
    while (!resting.isEmpty() && resting.first().forgettableAt(atMostEvery) <= complete) {
      Group gone = resting.pollFirst();
      groups.remove(gone.key);
      changed.put(savedKey(gone), null);
    }
  }

  // ---------------------------------------------------------------- save and restore

  private void changed(Group group) {
    changed.put(savedKey(group), group);
  }

  private String savedKey(Group group) {
    return group == other ? SAVED_OTHER : SAVED_KEY + new String(group.key.toBytes(), StandardCharsets.ISO_8859_1);
  }

  private byte[] byAsBytes() {
    return String.join("\0", rule.by()).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void save(State state) {
    if (!savedBy) {
      state.put(SAVED_BY, byAsBytes());
      savedBy = true;
    }
    changed.forEach((key, group) -> {
      if (group == null) {
        state.remove(key);
      } else {
        state.put(key, group.toBytes());
      }
    });
    changed.clear();
  }

  @Override
  public void restore(State state, Emitter out) {
    byte[] keyed = state.get(SAVED_BY);
    if (keyed == null || !Arrays.equals(keyed, byAsBytes())) {
      context.warn("was saved with other by(..) fields and starts anew");
      state.forEach((key, value) -> state.remove(key));
      return;
    }
    state.forEach((key, value) -> {
      if (key.equals(SAVED_OTHER)) {
        other.restore(value);
      } else if (key.startsWith(SAVED_KEY)) {
        Group group = new Group(GroupKey.ofBytes(key.substring(SAVED_KEY.length()).getBytes(StandardCharsets.ISO_8859_1)));
        group.restore(value);
        groups.put(group.key, group);
        if (group.firing) {
          firing++;
        } else {
          resting.add(group);
        }
      }
    });
  }
}
