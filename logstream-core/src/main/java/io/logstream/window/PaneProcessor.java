package io.logstream.window;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import io.logstream.State;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The running half of windows that lie on a {@link Grid}. Events are added to the pane of their time, once; a window's row is made of its
 * panes. A window of one pane has that pane's groups as its own.
 *
 * <pre>open until the watermark reaches the end     -> rows, revision 0
 * closed until end + allowed lateness          -> a late event changes its pane; rows that differ then are told again
 * forgotten                                    -> what comes for it is late</pre>
 *
 * <p>Keys are admitted window by window, in the order of events; a pane tells a key apart if one of its windows does. The others find it
 * together with those that found no room.
 */
final class PaneProcessor extends GroupingProcessor {
  /** Where a row of another window was added. */
  private record Held(Pane pane, Group group) {}

  private final Grid grid;
  private final boolean tumbling;
  private final TreeMap<Long, Pane> panes = new TreeMap<>();
  private final TreeMap<Long, OpenWindow> windows = new TreeMap<>();
  private final Map<String, Held> held = new HashMap<>();
  /** The pane that the last event was in, if it is one that takes events of any log. */
  private Pane last;

  PaneProcessor(StageContext context, Window window, Grid grid) {
    super(context, window);
    this.grid = grid;
    this.tumbling = grid.panes == 1;
  }

  // ---------------------------------------------------------------- events

  @Override
  public void process(LogEvent event, Emitter out) {
    if (refuses(event, out)) {
      return;
    }
    long time = event.epochMillis();
    Pane in = last;
    if (in == null || time < in.start || time >= in.end || context.logWatermarkMillis() >= in.until) {
      in = paneOf(time, out);
      if (in == null) {
        late(event, out);
        return;
      }
    }
    if (in.partlyLate) {
      partlyLate(event);
    }
    if (form.replacing) {
      replace(event, in, out);
      return;
    }
    Group group = groupOf(event, in);
    if (!in.closed) {
      add(group.values, event);
      touch(in, group);
    } else {
      Pane pane = in;
      revising(in, group, out, () -> {
        add(group.values, event);
        touch(pane, group);
      });
    }
    out.absorb(event);
  }

  private void touch(Pane in, Group group) {
    group.touched = period;
    group.changed = true;
    in.groups.changed = true;
  }

  /** The pane for an event of this time and log; null if it is late for all its windows. */
  private Pane paneOf(long time, Emitter out) {
    long start = grid.start(time);
    long first = grid.firstWindow(start);
    long latest = grid.lastWindow(start);
    long live = firstAfter(first, latest, complete());
    long takes = live > latest ? live : firstAfter(live, latest, context.logWatermarkMillis());
    if (takes > latest) {
      return null;
    }
    Pane pane = panes.get(start);
    while (pane != null && Math.max(pane.from, live) != takes) {
      pane = pane.next;
    }
    if (pane == null) {
      pane = open(start, takes, latest, out);
    }
    long end = grid.windowEnd(takes);
    pane.until = end + lateness;
    pane.closed = end <= complete();
    pane.partlyLate = takes > first;
    last = takes == live ? pane : null;
    return pane;
  }

  /** The first window up to the latest that is not forgotten at this watermark; one after the latest if there is none. */
  private long firstAfter(long first, long latest, long watermark) {
    long start = first;
    while (start <= latest && grid.windowEnd(start) + lateness <= watermark) {
      start = grid.nextWindow(start);
    }
    return start;
  }

  private Pane open(long paneStart, long from, long latest, Emitter out) {
    Pane pane = new Pane(paneStart, grid.end(paneStart), from);
    pane.next = panes.put(paneStart, pane);
    for (long start = pane.from; start <= latest; start = grid.nextWindow(start)) {
      if (!windows.containsKey(start)) {
        open(new OpenWindow(start, grid.windowEnd(start), tumbling ? pane.groups : new Groups()), out);
      }
    }
    return pane;
  }

  private void open(OpenWindow window, Emitter out) {
    windows.put(window.start, window);
    if (window.closedBy == null && window.end <= complete()) {
      window.closedBy = rows.closedBy();
    }
    if (window.closedBy == null) {
      out.at(Instant.ofEpochMilli(window.end));
      askForEarly(window.start, out);
    } else {
      out.at(Instant.ofEpochMilli(window.end + lateness));
    }
  }

  // ---------------------------------------------------------------- keys

  private Group groupOf(LogEvent event, Pane in) {
    codec.encode(event);
    int hash = codec.hash();
    Group group = in.groups.find(codec.bytes, codec.length, hash);
    return group != null ? group : admit(in, hash);
  }

  private Group admit(Pane in, int hash) {
    byte[] key = null;
    if (tumbling) {
      if (hasRoom(in.groups.size())) {
        return group(in.groups, codec.copy(), hash, false);
      }
    } else {
      boolean admitted = false;
      for (OpenWindow window : windows.subMap(in.from, true, grid.lastWindow(in.start), true).values()) {
        if (window.groups.find(codec.bytes, codec.length, hash) != null) {
          admitted = true;
        } else if (hasRoom(window.groups.size())) {
          key = key == null ? codec.copy() : key;
          window.groups.add(key, hash, false);
          admitted = true;
        } else if (window.groups.other() == null) {
          window.groups.add(null, 0, true);
        }
      }
      if (admitted) {
        return group(in.groups, key == null ? codec.copy() : key, hash, false);
      }
    }
    countOverflow();
    return in.groups.other() != null ? in.groups.other() : group(in.groups, otherKey(), 0, true);
  }

  private Group group(Groups groups, byte[] key, int hash, boolean overflow) {
    Group group = groups.add(key, hash, overflow);
    if (form.replacing) {
      group.rows = new TreeMap<>();
    } else {
      group.values = empty();
    }
    return group;
  }

  // ---------------------------------------------------------------- values of windows

  /** What all events of a key in a window come to; null for none. */
  private Aggregation.Value[] valuesOf(OpenWindow window, Group entry) {
    if (tumbling) {
      return valuesOf(entry);
    }
    Aggregation.Value[] values = null;
    for (Pane main : panes.subMap(window.start, window.end).values()) {
      for (Pane pane = main; pane != null; pane = pane.next) {
        if (pane.from <= window.start) {
          values = entry.overflow ? mergedWithoutRoom(values, window, pane) : merged(values, pane.groups.find(entry));
        }
      }
    }
    return values;
  }

  private Aggregation.Value[] mergedWithoutRoom(Aggregation.Value[] values, OpenWindow window, Pane pane) {
    Aggregation.Value[] into = values;
    for (Group group : pane.groups.all()) {
      if (group.overflow || window.groups.find(group) == null) {
        into = merged(into, group);
      }
    }
    return into;
  }

  private Aggregation.Value[] merged(Aggregation.Value[] values, Group group) {
    Aggregation.Value[] more = group == null ? null : valuesOf(group);
    if (more == null) {
      return values;
    }
    Aggregation.Value[] into = values == null ? empty() : values;
    merge(into, more);
    return into;
  }

  private Aggregation.Value[] valuesOf(Group group) {
    if (group.rows == null) {
      return group.values;
    }
    if (group.rows.isEmpty()) {
      return null;
    }
    Aggregation.Value[] values = empty();
    group.rows.values().forEach(row -> add(values, row));
    return values;
  }

  // ---------------------------------------------------------------- closing

  @Override
  public void onTimer(Instant deadline, Emitter out) {
    long upTo = deadline.toEpochMilli();
    closedUpTo = Math.max(closedUpTo, upTo);
    for (OpenWindow window : List.copyOf(windows.values())) {
      if (window.end > upTo) {
        break;
      }
      if (window.closedBy == null) {
        close(window, out, Long.MAX_VALUE);
        if (lateness > 0) {
          out.at(Instant.ofEpochMilli(window.end + lateness));
        }
      }
      if (window.end + lateness <= upTo) {
        forget(window, out);
      }
    }
    if (isEarly(upTo)) {
      tellEarly(upTo, out);
    }
  }

  /**
   * Closes a window.
   *
   * @param reached the greatest event time if the input has ended
   */
  private void close(OpenWindow window, Emitter out, long reached) {
    last = null;
    window.closedBy = rows.closedBy();
    window.changed = true;
    boolean partial = reached < window.end;
    long covered = (partial ? reached + 1 : window.end) - window.start;
    for (Group entry : window.groups.sorted()) {
      tell(window, entry, partial ? Rows.Kind.PARTIAL : Rows.Kind.FINAL, covered, out);
    }
  }

  /** Tells the first or the next row of a key in a window; that it is withdrawn if nothing is left of it. */
  private void tell(OpenWindow window, Group entry, Rows.Kind kind, long covered, Emitter out) {
    Aggregation.Value[] values = valuesOf(window, entry);
    if (values == null && entry.revision == Group.NEVER_TOLD) {
      return;
    }
    entry.revision++;
    entry.changed = true;
    window.groups.changed = true;
    rows.emit(new Rows.Of(window.start, window.end, shown(entry), entry.revision, values == null ? Rows.Kind.WITHDRAWN : kind, window.closedBy), values, covered, out);
  }

  /** With the key by which it is shown. */
  private Group shown(Group entry) {
    return entry.key != null ? entry : new Group(otherKey(), 0, true, 0);
  }

  /** Makes a change to a pane of which windows are closed already, and tells their rows again where they differ. */
  private void revising(Pane pane, Group group, Emitter out, Runnable change) {
    List<OpenWindow> closed = new ArrayList<>();
    for (OpenWindow window : windows.subMap(pane.from, true, grid.lastWindow(pane.start), true).values()) {
      if (window.closedBy != null) {
        closed.add(window);
      }
    }
    List<Map<String, Object>> before = closed.stream().map(window -> content(window, entryOf(window, group), out)).toList();
    change.run();
    for (int i = 0; i < closed.size(); i++) {
      OpenWindow window = closed.get(i);
      Group entry = entryOf(window, group);
      if (entry.revision == Group.NEVER_TOLD || !content(window, entry, out).equals(before.get(i))) {
        tell(window, entry, Rows.Kind.FINAL, window.end - window.start, out);
      }
    }
  }

  private Group entryOf(OpenWindow window, Group group) {
    Group entry = tumbling ? group : window.groups.find(group);
    return entry != null ? entry : window.groups.other();
  }

  private Map<String, Object> content(OpenWindow window, Group entry, Emitter out) {
    Aggregation.Value[] values = valuesOf(window, entry);
    return values == null ? Map.of() : rows.content(values, window.end - window.start, out);
  }

  /** Lets go of a window, and of panes that no other one needs. */
  private void forget(OpenWindow window, Emitter out) {
    last = null;
    windows.remove(window.start);
    forgotten.add(windowKey(window));
    if (!tumbling) {
      forgetGroups(window.groups, entriesOf(window));
    }
    Map<Long, Pane> gone = panes.headMap(grid.nextWindow(window.start));
    for (Pane main : gone.values()) {
      for (Pane pane = main; pane != null; pane = pane.next) {
        forgetGroups(pane.groups, groupsOf(pane));
        if (form.replacing) {
          letGo(pane, out);
        }
      }
    }
    gone.clear();
  }

  private void forgetGroups(Groups groups, String prefix) {
    for (int ordinal = 0; ordinal < groups.saved; ordinal++) {
      forgotten.add(prefix + ordinal);
    }
  }

  @Override
  public void onEnd(Emitter out) {
    long greatest = out.create().epochMillis();
    for (OpenWindow window : List.copyOf(windows.values())) {
      closedUpTo = Math.max(closedUpTo, window.end);
      if (window.closedBy == null) {
        close(window, out, greatest);
      }
      forget(window, out);
    }
  }

  // ---------------------------------------------------------------- early rows

  private void tellEarly(long now, Emitter out) {
    for (OpenWindow window : windows.values()) {
      if (window.closedBy == null && window.start < now) {
        for (Group entry : touched(window)) {
          Aggregation.Value[] values = valuesOf(window, entry);
          if (values != null) {
            rows.emit(new Rows.Of(window.start, window.end, shown(entry), 0, Rows.Kind.EARLY, null), values, now - window.start, out);
          }
        }
      }
    }
    endPeriod(now);
    windows.values().stream().filter(window -> window.closedBy == null).findFirst().ifPresent(first -> askForEarly(first.start, out));
  }

  /** What changed in a period is saved once more, as not changed in the next. */
  private void endPeriod(long now) {
    for (Pane main : panes.values()) {
      for (Pane pane = main; pane != null; pane = pane.next) {
        for (Group group : pane.groups.all()) {
          if (group.touched == period && pane.start >= now) {
            group.touched++; // its own window has not begun: still to be told
          } else if (group.touched == period) {
            group.changed = true;
            pane.groups.changed = true;
          }
        }
      }
    }
    period++;
  }

  /** The entries of a window that changed in the period under way, by key. */
  private Iterable<Group> touched(OpenWindow window) {
    TreeSet<Group> touched = new TreeSet<>(Groups.BY_KEY);
    for (Pane main : panes.subMap(window.start, window.end).values()) {
      for (Pane pane = main; pane != null; pane = pane.next) {
        if (pane.from <= window.start) {
          for (Group group : pane.groups.all()) {
            if (group.touched == period) {
              touched.add(entryOf(window, group));
            }
          }
        }
      }
    }
    return touched;
  }

  // ---------------------------------------------------------------- rows that replace others

  /** Takes a row of another window in, in place of what that window said before of the same key. */
  private void replace(LogEvent row, Pane in, Emitter out) {
    if (!row.isDerived() || !isRow(row)) {
      out.fail(row, "not a row of a window");
      return;
    }
    String id = row.id();
    String same = id.substring(0, id.lastIndexOf('|'));
    boolean withdrawn = row.has("withdrawn");
    Group group = withdrawn ? null : groupOf(row, in);
    Held before = held.remove(same);
    if (before != null && before.group != group) {
      revising(before.pane, before.group, out, () -> {
        out.drop(before.group.rows.remove(same), "replaced");
        touch(before.pane, before.group);
      });
    }
    if (withdrawn) {
      out.drop(row, "withdrawn");
      return;
    }
    LogEvent kept = out.hold(row);
    held.put(same, new Held(in, group));
    revising(in, group, out, () -> {
      LogEvent replaced = group.rows.put(same, kept);
      if (replaced != null) {
        out.drop(replaced, "replaced");
      }
      touch(in, group);
    });
  }

  private void letGo(Pane pane, Emitter out) {
    for (Group group : pane.groups.all()) {
      group.rows.forEach((same, row) -> {
        held.remove(same);
        out.absorb(row);
      });
      group.rows.clear();
    }
  }

  // ---------------------------------------------------------------- state

  private static String windowKey(OpenWindow window) {
    return "window/" + window.start;
  }

  private static String entriesOf(OpenWindow window) {
    return "entry/" + window.start + "/";
  }

  private static String groupsOf(Pane pane) {
    return "group/" + pane.start + "/" + pane.from + "/";
  }

  @Override
  public void save(State state) throws IOException {
    saveFrame(state);
    for (Pane main : panes.values()) {
      for (Pane pane = main; pane != null; pane = pane.next) {
        save(pane.groups, groupsOf(pane), state);
      }
    }
    for (OpenWindow window : windows.values()) {
      if (!tumbling) {
        save(window.groups, entriesOf(window), state);
      }
      if (window.changed) {
        state.put(windowKey(window), (window.closedBy == null ? "" : window.closedBy).getBytes(StandardCharsets.US_ASCII));
        window.changed = false;
      }
    }
  }

  private void save(Groups groups, String prefix, State state) throws IOException {
    if (!groups.changed) {
      return;
    }
    for (Group group : groups.all()) {
      if (group.changed) {
        state.put(prefix + group.ordinal, bytes(out -> write(group, out)));
        group.changed = false;
      }
    }
    groups.changed = false;
    groups.saved = groups.ordinals();
  }

  private void write(Group group, DataOutput out) throws IOException {
    out.writeBoolean(group.overflow);
    out.writeInt(group.key == null ? -1 : group.key.length);
    if (group.key != null) {
      out.write(group.key);
    }
    out.writeInt(group.revision);
    out.writeBoolean(group.touched == period);
    out.writeBoolean(group.values != null);
    if (group.values != null) {
      write(group.values, out);
    }
    out.writeInt(group.rows == null ? -1 : group.rows.size());
    if (group.rows != null) {
      for (Map.Entry<String, LogEvent> row : group.rows.entrySet()) {
        byte[] saved = row.getValue().toBytes();
        out.writeUTF(row.getKey());
        out.writeInt(saved.length);
        out.write(saved);
      }
    }
  }

  @Override
  public void restore(State state, Emitter out) throws IOException {
    List<String> keys = restoreFrame(state);
    keys.sort((a, b) -> Long.compare(ordinal(a), ordinal(b)));
    for (String key : keys) {
      if (key.startsWith("group/")) {
        String[] parts = key.split("/");
        Pane pane = restored(Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        restore(pane, pane.groups, key, state, out);
      }
    }
    for (String key : keys) {
      if (key.startsWith("window/")) {
        long start = Long.parseLong(key.substring("window/".length()));
        OpenWindow window = new OpenWindow(start, grid.windowEnd(start), tumbling ? panes.get(start).groups : new Groups());
        String closedBy = new String(state.get(key), StandardCharsets.US_ASCII);
        window.closedBy = closedBy.isEmpty() ? null : closedBy;
        window.changed = false;
        open(window, out);
      }
    }
    for (String key : keys) {
      if (key.startsWith("entry/")) {
        restore(null, windows.get(Long.parseLong(key.split("/")[1])).groups, key, state, out);
      }
    }
  }

  private static long ordinal(String key) {
    return Long.parseLong(key.substring(key.lastIndexOf('/') + 1));
  }

  private Pane restored(long start, long from) {
    Pane pane = panes.get(start);
    while (pane != null && pane.from != from) {
      pane = pane.next;
    }
    if (pane == null) {
      pane = new Pane(start, grid.end(start), from);
      pane.next = panes.put(start, pane);
    }
    return pane;
  }

  private void restore(Pane pane, Groups groups, String stateKey, State state, Emitter out) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state.get(stateKey)))) {
      boolean overflow = in.readBoolean();
      int length = in.readInt();
      byte[] key = length < 0 ? null : in.readNBytes(length);
      Group group = new Group(key, overflow ? 0 : KeyCodec.hash(key, length), overflow, (int) ordinal(stateKey));
      group.revision = in.readInt();
      group.touched = in.readBoolean() ? period : period - 1;
      if (in.readBoolean()) {
        group.values = read(in);
      }
      int held = in.readInt();
      if (held >= 0) {
        group.rows = new TreeMap<>();
        for (int n = 0; n < held; n++) {
          String same = in.readUTF();
          group.rows.put(same, out.restoreHeld(in.readNBytes(in.readInt())));
          this.held.put(same, new Held(pane, group));
        }
      }
      group.changed = false;
      groups.add(group);
      groups.saved = groups.ordinals();
      groups.changed = false;
    }
  }
}
