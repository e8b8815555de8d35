package io.logstream;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** A joiner that stands somewhere in the chain: joins the messages of events, log by log. The first event of a record carries its fields. */
final class JoiningProcessor implements Processor {
  private final Joiner joiner;
  private final StageContext context;
  private final Map<String, Open> byLog = new LinkedHashMap<>();
  private final java.util.Set<String> saved = new java.util.HashSet<>();

  private static final class Open {
    final LineJoiner joiner;
    LogEvent first;
    StringBuilder text;
    int bytes;
    int lines;
    long deadline;

    Open(LineJoiner joiner) {
      this.joiner = joiner;
    }
  }

  JoiningProcessor(Joiner joiner, StageContext context) {
    this.joiner = joiner;
    this.context = context;
  }

  @Override
  public void process(LogEvent event, Emitter out) {
    Log log = event.batch.log(event.record);
    Open open = byLog.computeIfAbsent(log == null ? "" : log.toString(), k -> new Open(joiner.openJoiner()));
    LineJoiner.Does does = open.joiner.next(event.bytes(), event.from(), event.to(), open.first != null);
    int length = event.to() - event.from();
    boolean continues = open.first != null && (does == LineJoiner.Does.CONTINUES || does == LineJoiner.Does.ENDS);
    if (open.first != null && (!continues || open.lines >= joiner.maxLines() || open.bytes + 1 + length > joiner.maxBytes())) {
      close(open, out);
      continues = false;
    }
    if (!continues && (does == LineJoiner.Does.STANDS_ALONE || does == LineJoiner.Does.ENDS)) {
      out.emit(event);
      return;
    }
    if (continues) {
      open.text.append((char) Joiner.JOINT).append(event.message());
      open.bytes += 1 + length;
      open.lines++;
      out.absorb(event);
    } else {
      open.first = out.hold(event);
      open.text = new StringBuilder(event.message());
      open.bytes = length;
      open.lines = 1;
    }
    if (does == LineJoiner.Does.ENDS) {
      close(open, out);
    } else {
      open.deadline = context.clock().millis() + joiner.timeout().toMillis();
      out.atClock(Instant.ofEpochMilli(open.deadline));
    }
  }

  private static void close(Open open, Emitter out) {
    LogEvent whole = open.first;
    open.first = null;
    if (open.lines > 1) {
      whole.message(open.text.toString());
    }
    out.emit(whole);
  }

  @Override
  public void onClock(Instant deadline, Emitter out) {
    long now = deadline.toEpochMilli();
    for (Open open : byLog.values()) {
      if (open.first != null && open.deadline <= now) {
        close(open, out);
      }
    }
  }

  @Override
  public void onEnd(Emitter out) {
    for (Open open : byLog.values()) {
      if (open.first != null) {
        close(open, out);
      }
    }
  }

  @Override
  public void save(State state) {
    saved.forEach(state::remove);
    saved.clear();
    byLog.forEach((key, open) -> {
      if (open.first != null) {
        LogEvent whole = open.first.copy().message(open.text.toString());
        state.put(key, whole.toBytes());
        state.put(key + "\n", (open.joiner.state() + " " + open.lines).getBytes(StandardCharsets.US_ASCII));
        saved.add(key);
        saved.add(key + "\n");
      }
    });
  }

  @Override
  public void restore(State state, Emitter out) {
    state.forEach((key, bytes) -> {
      if (key.endsWith("\n")) {
        return;
      }
      Open open = new Open(joiner.openJoiner());
      open.first = out.restoreHeld(bytes);
      String[] numbers = new String(state.get(key + "\n"), StandardCharsets.US_ASCII).split(" ");
      open.joiner.state(Long.parseLong(numbers[0]));
      open.lines = Integer.parseInt(numbers[1]);
      open.text = new StringBuilder(open.first.message());
      open.bytes = open.first.to() - open.first.from();
      open.deadline = context.clock().millis() + joiner.timeout().toMillis();
      out.atClock(Instant.ofEpochMilli(open.deadline));
      byLog.put(key, open);
    });
  }
}
