package io.logstream.window;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import io.logstream.State;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** The running half of {@link Window}. A window is closed by a timer at its end; events find the window that the last one was in at hand. */
final class WindowProcessor implements Processor {
  private static final String OTHER = "__other__";
  private static final String LATE = "late";
  /** Times further from 1970 than this have no window whose bounds fit into a long. */
  private static final long FARTHEST = Long.MAX_VALUE / 2;

  private final StageContext context;
  private final Window window;
  private final long size;
  private final FieldKey startKey;
  private final FieldKey endKey;
  private final FieldKey revisionKey;
  private final FieldKey closedByKey;
  private final KeyCodec codec;
  private final Aggregation.Opened[] aggregations;
  private final Counter overflowed;

  private final TreeMap<Long, OpenWindow> open = new TreeMap<>();
  private final Set<String> saved = new HashSet<>();
  private OpenWindow last;
  private long closedUpTo = Long.MIN_VALUE;

  WindowProcessor(StageContext context, Window window) {
    this.context = context;
    this.window = window;
    this.size = window.size().toMillis();
    startKey = context.key("window.start");
    endKey = context.key("window.end");
    codec = new KeyCodec(window.keys().stream().map(context::key).toArray(FieldKey[]::new));
    aggregations = window.aggregations().stream().map(a -> a.open(context)).toArray(Aggregation.Opened[]::new);
    revisionKey = context.key("revision");
    closedByKey = context.key("closedBy");
    overflowed = context.counter("overflow");
  }

  @Override
  public void process(LogEvent event, Emitter out) {
    long time = event.epochMillis();
    OpenWindow in = last;
    if (in == null || time < in.start || time >= in.end) {
      if (time < -FARTHEST || time > FARTHEST) {
        out.fail(event, "time out of range", "epoch milliseconds " + time);
        return;
      }
      long start = time - Math.floorMod(time, size);
      in = open.get(start);
      if (in == null) {
        if (isLate(start + size) || start + size <= closedUpTo || start + size <= context.watermarkMillis()) {
          out.drop(event, LATE);
          return;
        }
        in = opened(start, out);
      }
      last = in;
    }
    if (isLate(in.end)) {
      out.drop(event, LATE);
      return;
    }
    codec.encode(event);
    int hash = codec.hash();
    Group group = in.find(codec.bytes, codec.length, hash);
    if (group == null) {
      group = admit(in, hash);
    }
    for (Aggregation.Value value : group.values) {
      value.add(event);
    }
    in.changed = true;
    out.absorb(event);
  }

  private boolean isLate(long end) {
    return end <= context.logWatermarkMillis();
  }

  private OpenWindow opened(long start, Emitter out) {
    OpenWindow fresh = new OpenWindow(start, start + size);
    open.put(start, fresh);
    out.at(Instant.ofEpochMilli(fresh.end));
    return fresh;
  }

  private Group admit(OpenWindow in, int hash) {
    boolean overflow = in.admitted >= window.maxKeys();
    if (overflow) {
      overflowed.increment();
      if (overflowed.value() == 1) {
        context.warn("has more than " + window.maxKeys() + " keys in a window; further keys are counted together under " + OTHER + ". Raise maxKeys(..), or group by less");
      }
      codec.encodeAll(OTHER);
      hash = ~codec.hash(); // apart from a key that is called so
      Group other = in.find(codec.bytes, codec.length, hash);
      if (other != null) {
        return other;
      }
    }
    Group group = new Group(Arrays.copyOf(codec.bytes, codec.length), hash, empty(), overflow);
    in.add(group);
    return group;
  }

  private Aggregation.Value[] empty() {
    Aggregation.Value[] values = new Aggregation.Value[aggregations.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = aggregations[i].empty();
    }
    return values;
  }

  @Override
  public void onTimer(Instant deadline, Emitter out) {
    long upTo = deadline.toEpochMilli();
    closedUpTo = Math.max(closedUpTo, upTo);
    while (!open.isEmpty() && open.firstEntry().getValue().end <= upTo) {
      close(open.pollFirstEntry().getValue(), out, false);
    }
  }

  @Override
  public void onEnd(Emitter out) {
    long greatest = out.create().epochMillis();
    while (!open.isEmpty()) {
      OpenWindow closing = open.pollFirstEntry().getValue();
      closedUpTo = Math.max(closedUpTo, closing.end);
      close(closing, out, greatest < closing.end);
    }
  }

  private void close(OpenWindow closing, Emitter out, boolean partial) {
    last = null;
    String closedBy = switch (context.progress()) {
      case EVENTS -> "watermark";
      case IDLE -> "idle";
      case END -> "end";
    };
    String at = context.name() + "|" + Instant.ofEpochMilli(closing.start) + "|";
    Duration covered = Duration.ofMillis(closing.end - closing.start);
    for (Group group : closing.sorted()) {
      LogEvent row = out.create().epochMillis(closing.end - 1);
      row.put(startKey, closing.start).put(endKey, closing.end);
      String key = codec.decode(group.key, row);
      for (Aggregation.Value value : group.values) {
        value.fill(row, covered);
      }
      row.put(revisionKey, 0L).put(closedByKey, closedBy);
      if (partial) {
        row.put("partial", true);
      }
      if (group.overflow) {
        row.put("overflow", true);
      }
      out.emit(row.identifiedBy(at + (group.overflow ? "\\other" : key) + "|0", window.keys()));
    }
  }

  // ---------------------------------------------------------------- state

  @Override
  public void save(State state) throws IOException {
    Set<String> present = new HashSet<>();
    for (OpenWindow one : open.values()) {
      String key = Long.toString(one.start);
      present.add(key);
      if (one.changed) {
        state.put(key, encode(one));
        one.changed = false;
      }
    }
    saved.stream().filter(key -> !present.contains(key)).forEach(state::remove);
    saved.clear();
    saved.addAll(present);
    state.put("closedUpTo", Long.toString(closedUpTo).getBytes(StandardCharsets.US_ASCII));
    state.put("form", form());
  }

  /** What a saved state must have been saved by to be taken back. */
  private byte[] form() {
    return window.form().getBytes(StandardCharsets.UTF_8);
  }

  private byte[] encode(OpenWindow one) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      Group[] groups = one.sorted();
      out.writeInt(groups.length);
      for (Group group : groups) {
        out.writeInt(group.key.length);
        out.write(group.key);
        out.writeInt(group.hash);
        out.writeBoolean(group.overflow);
        for (Aggregation.Value value : group.values) {
          value.write(out);
        }
      }
    }
    return bytes.toByteArray();
  }

  @Override
  public void restore(State state, Emitter out) throws IOException {
    byte[] savedBy = state.get("form");
    if (!Arrays.equals(form(), savedBy)) {
      throw new IllegalStateException("it was saved by another " + (savedBy == null ? "stage" : "window (" + new String(savedBy, StandardCharsets.UTF_8) + ")")
          + ", this one is " + window.form());
    }
    List<String> starts = new ArrayList<>();
    state.forEach((key, bytes) -> {
      if (!key.equals("form") && !key.equals("closedUpTo")) {
        starts.add(key);
      }
    });
    closedUpTo = Long.parseLong(new String(state.get("closedUpTo"), StandardCharsets.US_ASCII));
    for (String start : starts) {
      OpenWindow one = opened(Long.parseLong(start), out);
      saved.add(start);
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state.get(start)))) {
        for (int n = in.readInt(); n > 0; n--) {
          byte[] key = new byte[in.readInt()];
          in.readFully(key);
          int hash = in.readInt();
          boolean overflow = in.readBoolean();
          Aggregation.Value[] values = empty();
          for (Aggregation.Value value : values) {
            value.read(in);
          }
          one.add(new Group(key, hash, values, overflow));
        }
      }
    }
  }
}
