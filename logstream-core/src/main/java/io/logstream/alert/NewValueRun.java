package io.logstream.alert;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.State;
import io.logstream.match.Condition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** A field with a value that its key never had. All values are remembered, each saved once; when there is no more room, new ones are only counted. */
final class NewValueRun extends RuleRun {
  private static final int MOST = 100_000;
  private static final String SAVED_VALUE = "value/";
  private static final String SAVED_LEARNING = "learning";

  private final Condition condition;
  private final Predicate<LogEvent> on;
  private final FieldKey field;
  private final FieldKey[] keyAndValue;
  private final long learnFor;
  private final GroupKey seen = new GroupKey();
  private final Set<GroupKey> known = new HashSet<>();
  private final List<GroupKey> unsaved = new ArrayList<>();
  private final Counter forgotten;
  private long learnsUntil = NONE;
  private boolean learningSaved;

  NewValueRun(Rule rule, Trigger.NewValue fresh, RuleContext context, RuleStage.Desk desk, AlertWatch watch) {
    super(rule, context, desk, watch);
    condition = fresh.on();
    on = bound(condition, context);
    field = context.key(fresh.field());
    keyAndValue = new FieldKey[by.length + 1];
    System.arraycopy(by, 0, keyAndValue, 0, by.length);
    keyAndValue[by.length] = field;
    learnFor = fresh.learnFor().toMillis();
    forgotten = context.counter("valuesWithoutRoom");
  }

  @Override
  Condition wants() {
    return condition;
  }

  @Override
  void process(LogEvent event, Emitter out) throws Exception {
    if (on != null && !on.test(event) || !event.has(field)) {
      return;
    }
    long time = event.epochMillis();
    if (learnsUntil == NONE) {
      learnsUntil = later(time, learnFor);
    }
    seen.read(event, keyAndValue);
    if (known.contains(seen)) {
      return;
    }
    if (known.size() >= MOST) {
      forgotten.increment();
      context.warn("alert '" + rule.name() + "' remembers " + MOST + " values of '" + field + "' and takes no more");
      return;
    }
    GroupKey fresh = seen.copy();
    known.add(fresh);
    unsaved.add(fresh);
    if (time >= learnsUntil) {
      probe.read(event, by);
      Group group = rule.atMostEvery() == null ? null : admit(time, event, out);
      moment(group, time, event.id(), event, out);
      if (group != null) {
        group.latest = Math.max(group.latest, time);
        schedule(group, out);
      }
    }
  }

  @Override
  void saveMore(State state) {
    if (learnsUntil != NONE && !learningSaved) {
      learningSaved = true;
      state.put(SAVED_LEARNING, ByteBuffer.allocate(8).putLong(learnsUntil).array());
    }
    for (GroupKey one : unsaved) {
      state.put(SAVED_VALUE + new String(one.toBytes(), StandardCharsets.ISO_8859_1), new byte[0]);
    }
    unsaved.clear();
  }

  @Override
  void restoreMore(State state, Emitter out) {
    byte[] saved = state.get(SAVED_LEARNING);
    if (saved != null) {
      learnsUntil = ByteBuffer.wrap(saved).getLong();
      learningSaved = true;
    }
    state.forEach((key, value) -> {
      if (key.startsWith(SAVED_VALUE)) {
        known.add(GroupKey.ofBytes(key.substring(SAVED_VALUE.length()).getBytes(StandardCharsets.ISO_8859_1)));
      }
    });
  }
}
