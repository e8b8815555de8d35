package io.logstream.window;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import io.logstream.State;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The running half of session windows. An event extends the session of its key that it is less than the gap away from, joins two, or
 * begins one. A session is told under its start: where that moves, or the session is joined to an earlier one, what was told before is
 * withdrawn.
 *
 * <pre>open until the watermark reaches last event + gap   -> a row
 * closed until that + allowed lateness                -> a late event changes it: told again, or open again
 * forgotten                                           -> what would have extended it begins a session, or is late</pre>
 */
final class SessionProcessor extends GroupingProcessor {
  private static final String SESSION = "session/";
  private static final Comparator<Session> IN_ORDER = Comparator.<Session>comparingLong(s -> s.last).thenComparingLong(s -> s.start)
      .thenComparing((a, b) -> Groups.BY_KEY.compare(a.group, b.group));

  /** When a session was to be looked at; it stands only while the session still says so. */
  private record Due(long at, Session session) {}

  private final long gap;
  private final Groups groups = new Groups();
  private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::at));
  private final Set<Session> changed = new LinkedHashSet<>();
  private long ids;

  SessionProcessor(StageContext context, Window window) {
    super(context, window);
    gap = form.size.toMillis();
  }

  private long end(Session session) {
    return session.last + gap;
  }

  // ---------------------------------------------------------------- events

  @Override
  public void process(LogEvent event, Emitter out) {
    if (refuses(event, out)) {
      return;
    }
    long time = event.epochMillis();
    codec.encode(event);
    int hash = codec.hash();
    Group group = groups.find(codec.bytes, codec.length, hash);
    boolean overflow = group == null && !hasRoom(groups.size());
    if (overflow) {
      group = groups.other();
    }
    Session earlier = null;
    Session later = null;
    if (group != null) {
      for (Session session : group.sessions) {
        if (time > session.start - gap && time < end(session)) {
          if (earlier == null || session.start < earlier.start) {
            later = earlier;
            earlier = session;
          } else {
            later = session;
          }
        }
      }
    }
    long last = Math.max(time, later != null ? later.last : earlier != null ? earlier.last : time);
    if (last + gap + lateness <= Math.max(complete(), context.logWatermarkMillis())) {
      late(event, out);
      return;
    }
    if (overflow) {
      countOverflow();
    }
    if (earlier == null) {
      Aggregation.Value[] values = empty();
      add(values, event);
      if (group == null) {
        group = groups.add(overflow ? otherKey() : codec.copy(), overflow ? 0 : hash, overflow);
      }
      begin(new Session(ids++, group, time, values), out);
    } else if (earlier.closedBy == null && (later == null || later.closedBy == null) && !isMoved(earlier, later, time)) {
      add(earlier.values, event);
      earlier.last = last;
      touch(earlier);
    } else {
      change(earlier, later, event, out);
    }
    out.absorb(event);
  }

  /** Whether what was told of sessions under their starts no longer stands. */
  private static boolean isMoved(Session earlier, Session later, long time) {
    return later != null || time < earlier.start;
  }

  private void begin(Session session, Emitter out) {
    session.group.sessions.add(session);
    touch(session);
    settle(session, out);
  }

  /** Extends a session, and joins it to the one behind it if there is one. */
  private void change(Session session, Session joined, LogEvent event, Emitter out) {
    long start = session.start;
    long end = end(session);
    boolean told = session.revision != Group.NEVER_TOLD;
    Map<String, Object> before = told ? rows.content(session.values, end - start, out) : Map.of();

    add(session.values, event);
    session.start = Math.min(start, event.epochMillis());
    session.last = Math.max(session.last, event.epochMillis());
    if (joined != null) {
      merge(session.values, joined.values);
      session.last = Math.max(session.last, joined.last);
      withdraw(joined, joined.start, end(joined), out);
      session.revision = Math.max(session.revision, joined.revision);
      forget(joined);
    }
    if (session.start < start) {
      withdraw(session, start, end, out);
    }
    touch(session);
    boolean same = told && session.start == start && end(session) == end && rows.content(session.values, end - start, out).equals(before);
    if (!same || session.closedBy == null) {
      settle(session, out);
    }
  }

  /** Takes back what was told of a session under this start. */
  private void withdraw(Session session, long start, long end, Emitter out) {
    if (session.revision != Group.NEVER_TOLD) {
      session.revision++;
      rows.emit(new Rows.Of(start, end, session.group, session.revision, Rows.Kind.WITHDRAWN, session.closedBy), null, 0, out);
    } else if (session.toldEarly) {
      rows.emit(new Rows.Of(start, end, session.group, 0, Rows.Kind.EARLY_WITHDRAWN, null), null, 0, out);
    }
    session.toldEarly = false;
  }

  private void touch(Session session) {
    session.touched = period;
    changed.add(session);
  }

  /** Tells a session whose time is complete, or waits until it is. */
  private void settle(Session session, Emitter out) {
    if (end(session) <= complete()) {
      close(session, Rows.Kind.FINAL, end(session) - session.start, out);
    } else {
      session.closedBy = null;
      await(session, end(session), out);
      askForEarly(session.start, out);
    }
  }

  private void await(Session session, long at, Emitter out) {
    if (session.due != at) {
      session.due = at;
      due.add(new Due(at, session));
      out.at(Instant.ofEpochMilli(at));
    }
  }

  // ---------------------------------------------------------------- closing

  @Override
  public void onTimer(Instant deadline, Emitter out) {
    long upTo = deadline.toEpochMilli();
    closedUpTo = Math.max(closedUpTo, upTo);
    List<Session> closing = new ArrayList<>();
    while (!due.isEmpty() && due.peek().at <= upTo) {
      Due next = due.poll();
      Session session = next.session;
      if (!session.gone && session.due == next.at) {
        session.due = Long.MIN_VALUE; // the same moment may stand in the queue twice
        if (session.closedBy != null) {
          forget(session);
        } else if (end(session) <= upTo) {
          closing.add(session);
        } else {
          await(session, end(session), out);
        }
      }
    }
    closing.sort(IN_ORDER);
    closing.forEach(session -> close(session, Rows.Kind.FINAL, end(session) - session.start, out));
    if (isEarly(upTo)) {
      tellEarly(upTo, out);
    }
  }

  private void close(Session session, Rows.Kind kind, long covered, Emitter out) {
    session.closedBy = session.closedBy == null ? rows.closedBy() : session.closedBy;
    session.revision++;
    session.toldEarly = false;
    changed.add(session);
    rows.emit(new Rows.Of(session.start, end(session), session.group, session.revision, kind, session.closedBy), session.values, covered, out);
    if (end(session) + lateness <= complete()) {
      forget(session);
    } else {
      await(session, end(session) + lateness, out);
    }
  }

  private void forget(Session session) {
    session.gone = true;
    changed.remove(session);
    forgotten.add(SESSION + session.id);
    session.group.sessions.remove(session);
    if (session.group.sessions.isEmpty()) {
      groups.remove(session.group);
    }
  }

  private Stream<Session> sessions() {
    return Arrays.stream(groups.all()).flatMap(group -> group.sessions.stream());
  }

  @Override
  public void onEnd(Emitter out) {
    long greatest = out.create().epochMillis();
    for (Session session : sessions().sorted(IN_ORDER).toList()) {
      closedUpTo = Math.max(closedUpTo, end(session));
      if (session.closedBy == null) {
        boolean partial = greatest < end(session);
        close(session, partial ? Rows.Kind.PARTIAL : Rows.Kind.FINAL, (partial ? greatest + 1 : end(session)) - session.start, out);
      }
      if (!session.gone) {
        forget(session);
      }
    }
  }

  private void tellEarly(long now, Emitter out) {
    List<Session> open = sessions().filter(session -> session.closedBy == null).sorted(IN_ORDER).toList();
    for (Session session : open) {
      if (session.touched == period && session.start < now) {
        session.toldEarly = true;
        changed.add(session);
        rows.emit(new Rows.Of(session.start, end(session), session.group, 0, Rows.Kind.EARLY, null), session.values, now - session.start, out);
      }
    }
    // saved once more, as not changed in the next period
    sessions().filter(session -> session.touched == period && session.start < now).forEach(changed::add);
    sessions().filter(session -> session.touched == period && session.start >= now).forEach(session -> session.touched++); // not begun: still to be told
    period++;
    open.stream().mapToLong(session -> session.start).min().ifPresent(first -> askForEarly(first, out));
  }

  // ---------------------------------------------------------------- state

  @Override
  public void save(State state) throws IOException {
    saveFrame(state);
    for (Session session : changed) {
      state.put(SESSION + session.id, bytes(out -> write(session, out)));
    }
    changed.clear();
  }

  private void write(Session session, DataOutput out) throws IOException {
    out.writeBoolean(session.group.overflow);
    out.writeInt(session.group.key.length);
    out.write(session.group.key);
    out.writeLong(session.start);
    out.writeLong(session.last);
    out.writeInt(session.revision);
    out.writeBoolean(session.toldEarly);
    out.writeBoolean(session.touched == period);
    out.writeUTF(session.closedBy == null ? "" : session.closedBy);
    write(session.values, out);
  }

  @Override
  public void restore(State state, Emitter out) throws IOException {
    for (String stateKey : restoreFrame(state)) {
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state.get(stateKey)))) {
        long id = Long.parseLong(stateKey.substring(SESSION.length()));
        ids = Math.max(ids, id + 1);
        boolean overflow = in.readBoolean();
        byte[] key = in.readNBytes(in.readInt());
        int hash = overflow ? 0 : KeyCodec.hash(key, key.length);
        Group group = overflow ? groups.other() : groups.find(key, key.length, hash);
        if (group == null) {
          group = groups.add(key, hash, overflow);
        }
        Session session = new Session(id, group, in.readLong(), null);
        session.last = in.readLong();
        session.revision = in.readInt();
        session.toldEarly = in.readBoolean();
        session.touched = in.readBoolean() ? period : period - 1;
        String closedBy = in.readUTF();
        session.closedBy = closedBy.isEmpty() ? null : closedBy;
        session.values = read(in);
        group.sessions.add(session);
        await(session, end(session) + (session.closedBy == null ? 0 : lateness), out);
        askForEarly(session.start, out);
      }
    }
  }
}
