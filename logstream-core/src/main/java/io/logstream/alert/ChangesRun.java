package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.match.Condition;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.function.Predicate;

/** A field that has another value than in the event of its key before. The last value of every key is remembered; keys without room are left out. */
final class ChangesRun extends RuleRun {
  private final Condition condition;
  private final Predicate<LogEvent> on;
  private final FieldKey[] field;
  private final GroupKey value = new GroupKey();

  ChangesRun(Rule rule, Trigger.Changes changes, RuleContext context, RuleStage.Desk desk, AlertWatch watch) {
    super(rule, context, desk, watch);
    condition = changes.on();
    on = bound(condition, context);
    field = new FieldKey[] {context.key(changes.field())};
  }

  @Override
  Condition wants() {
    return condition;
  }

  @Override
  void process(LogEvent event, Emitter out) throws Exception {
    if (on != null && !on.test(event) || !event.has(field[0])) {
      return;
    }
    probe.read(event, by);
    Group group = admit(event.epochMillis(), event, out);
    if (group == other) {
      return;
    }
    value.read(event, field);
    GroupKey before = group.data.length == 0 ? null : (GroupKey) group.data[0];
    if (!value.equals(before)) {
      long time = event.epochMillis();
      touch(group, time);
      group.data = new Object[] {value.copy()};
      if (before != null) {
        LogEvent cause = event.copy().put(field[0].name() + ".before", (Object) before.values().get(0));
        moment(group, time, event.id(), cause, out);
      }
    }
  }

  @Override
  long forgettable(Group group) {
    return NONE;
  }

  @Override
  void write(Group group, DataOutput out) throws IOException {
    byte[] bytes = ((GroupKey) group.data[0]).toBytes();
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  @Override
  void read(Group group, DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    group.data = new Object[] {GroupKey.ofBytes(bytes)};
  }
}
