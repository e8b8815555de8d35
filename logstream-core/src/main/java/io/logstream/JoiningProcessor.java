package io.logstream;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A joiner that stands somewhere in the chain: joins the messages of events, stream by stream. The first event of a record carries its fields. */
final class JoiningProcessor implements Processor, JoinerContext {
  /** How long after a deadline at which there was still something to read it is looked at again. */
  private static final long AGAIN_MILLIS = 100;

  /** First byte of the length that stands for no value. */
  private static final byte NO_VALUE = -1;

  /** The field by which container formats tell streams apart. */
  private static final String STREAM = "stream";

  private final Joiner limits;
  private final StageContext context;
  private final FieldKey[] by;
  private final Map<Key, Stream> streams = new HashMap<>();
  /** Those with an unfinished record, that of the oldest first. */
  private final Set<Stream> open = new LinkedHashSet<>();
  private final Key probe = new Key(null, new byte[64], 0);
  /** Logs of which some lines name a stream: those that name none stand between the streams. */
  private final Set<Log> streamed = new HashSet<>();
  private final Set<String> warned = new HashSet<>();
  private final Set<String> saved = new HashSet<>();
  private long nextLook = Timers.NEVER;
  private Emitter out;

  JoiningProcessor(Joiner limits, StageContext context) {
    this.limits = limits;
    this.context = context;
    List<String> names = new ArrayList<>(limits.by());
    names.remove(STREAM);
    names.add(0, STREAM);
    by = names.stream().map(context::key).toArray(FieldKey[]::new);
  }

  /** What tells a stream from others: its log, and the values of the fields. One object is filled anew to look a stream up. */
  private static final class Key {
    Log log;
    byte[] values;
    int length;
    private int hash;

    Key(Log log, byte[] values, int length) {
      this.log = log;
      this.values = values;
      this.length = length;
      rehash();
    }

    void put(byte[] from, int at, int bytes) {
      if (values.length < length + bytes + 4) {
        values = Arrays.copyOf(values, Math.max(values.length * 2, length + bytes + 4));
      }
      for (int i = 24; i >= 0; i -= 8) {
        values[length++] = (byte) (bytes >>> i);
      }
      System.arraycopy(from, at, values, length, Math.max(bytes, 0));
      length += Math.max(bytes, 0);
    }

    void rehash() {
      int h = System.identityHashCode(log);
      for (int i = 0; i < length; i++) {
        h = h * 31 + values[i];
      }
      hash = h;
    }

    Key copy() {
      return new Key(log, Arrays.copyOf(values, length), length);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && key.log == log && Arrays.equals(key.values, 0, key.length, values, 0, length);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /** One stream's unfinished record, kept as its first event and the text so far. */
  private final class Stream extends Joining {
    final Key key;
    LogEvent first;
    private byte[] text = {};
    private int length;
    final LogEvent[] doubts = new LogEvent[LineJoiner.Does.MOST_DOUBTFUL];
    private LogEvent event;
    private LogEvent selected;
    long deadline;

    Stream(Key key) {
      super(JoiningProcessor.this.limits, JoiningProcessor.this);
      this.key = key;
    }

    void line(LogEvent given) {
      event = given;
      selected = given;
      if (open && !given.batch.generation(given.record).equals(first.batch.generation(first.record))) {
        give(Ended.FILE_END);
      }
      take();
      event = null;
      selected = null;
    }

    @Override
    LineJoiner.Does ask() {
      return joiner.next(event, open);
    }

    @Override
    void select(int which) {
      selected = which < 0 ? event : doubts[which];
    }

    @Override
    void separate() {
      completeOthers(this);
    }

    @Override
    byte[] bytes() {
      return selected.bytes();
    }

    @Override
    int from() {
      return selected.from();
    }

    @Override
    int length() {
      return selected.to() - selected.from();
    }

    @Override
    void start(int kept) {
      length = 0;
      add(selected.bytes(), selected.from(), kept);
      first = selected == event ? null : selected;
    }

    @Override
    void append(int kept) {
      add(joint, 0, joint.length);
      add(selected.bytes(), selected.from(), kept);
      out.absorb(selected);
    }

    @Override
    void leftOut() {
      if (selected != event && selected != first || selected == event && first != null) {
        out.absorb(selected);
      }
    }

    private void add(byte[] from, int at, int bytes) {
      if (text.length < length + bytes) {
        text = Arrays.copyOf(text, Math.max(text.length * 2, length + bytes));
      }
      System.arraycopy(from, at, text, length, bytes);
      length += bytes;
    }

    /** Holds the event under way, if it began the record. */
    void keepFirst() {
      if (first == null) {
        first = out.hold(event);
      }
    }

    @Override
    void doubt() {
      doubts[doubtful] = out.hold(event);
    }

    @Override
    void released() {
      Arrays.fill(doubts, null);
    }

    @Override
    void deliver(long how, boolean fails) {
      if (how != 0) {
        keepFirst(); // what is said of how it was made stays with the event
      }
      LogEvent whole = first == null ? event : first;
      if (how != 0) {
        whole.message(Arrays.copyOf(text, length));
        whole.batch.how(whole.record, how | whole.batch.how(whole.record) & How.TRUNCATED);
      }
      first = null;
      if (text.length > Batch.BYTES) {
        text = new byte[0];
      }
      if (fails) {
        out.fail(whole, "too long", "more than " + limits.maxLines() + " lines or " + limits.maxBytes() + " bytes");
      } else {
        out.emit(whole);
      }
    }

    byte[] save() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(length + 256);
      try (DataOutputStream to = new DataOutputStream(bytes)) {
        to.writeInt(key.length);
        to.write(key.values, 0, key.length);
        to.writeInt(lines);
        to.writeInt(part);
        to.writeBoolean(over);
        to.writeLong(joiner.state());
        to.writeInt(length);
        to.write(text, 0, length);
        block(to, first.toBytes());
        to.writeInt(doubtful);
        for (int i = 0; i < doubtful; i++) {
          block(to, doubts[i].toBytes());
        }
      }
      return bytes.toByteArray();
    }
  }

  private static void block(DataOutputStream to, byte[] bytes) throws IOException {
    to.writeInt(bytes.length);
    to.write(bytes);
  }

  private static byte[] block(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }

  @Override
  public void process(LogEvent event, Emitter to) {
    out = to;
    Stream stream = stream(event);
    if (limits.by().isEmpty() && !streamed.isEmpty() && probe.values[0] == NO_VALUE) {
      completeOthers(stream);
    }
    boolean wasOpen = stream.open;
    LogEvent opened = stream.first;
    stream.line(event);
    settle(stream, wasOpen, opened, event);
    while (open.size() > limits.maxStreams()) {
      Stream oldest = open.iterator().next();
      oldest.give(Ended.CAP);
      settle(oldest, true, null, null);
    }
  }

  private Stream stream(LogEvent event) {
    probe.log = event.batch.log(event.record);
    probe.length = 0;
    for (FieldKey field : by) {
      long span = event.span(field);
      if (span != Span.NONE) {
        probe.put(event.bytes(), Span.from(span), Span.length(span));
      } else {
        String value = event.text(field);
        byte[] bytes = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
        probe.put(bytes, 0, value == null ? -1 : bytes.length);
      }
    }
    probe.rehash();
    Stream stream = streams.get(probe);
    if (stream == null) {
      if (probe.values[0] != NO_VALUE) {
        streamed.add(probe.log);
      }
      Key key = probe.copy();
      stream = new Stream(key);
      streams.put(key, stream);
    }
    return stream;
  }

  /** After a stream was looked at: notes whether it has an unfinished record, and its deadline. */
  private void settle(Stream stream, boolean wasOpen, LogEvent opened, LogEvent event) {
    stream.count(this);
    if (!stream.open) {
      open.remove(stream);
      if (streams.size() > limits.maxStreams()) {
        streams.remove(stream.key);
      }
      return;
    }
    if (event != null) {
      stream.event = event;
      stream.keepFirst();
      stream.event = null;
      Log log = stream.key.log;
      stream.deadline = later(log == null ? now() : Math.max(event.batch.readTime, log.progress.lastReadAt), stream.timeout);
      if (!wasOpen || stream.first != opened) {
        open.remove(stream);
        open.add(stream);
      }
      lookAt(stream.deadline);
    }
  }

  private void completeOthers(Stream than) {
    if (!streamed.contains(than.key.log)) {
      return;
    }
    for (Stream other : open.toArray(Stream[]::new)) {
      if (other != than && other.key.log == than.key.log) {
        other.give(Ended.NEXT);
        settle(other, true, null, null);
      }
    }
  }

  private static long later(long time, long by) {
    return time > Long.MAX_VALUE - by ? Long.MAX_VALUE : time + by;
  }

  private void lookAt(long time) {
    if (time < nextLook) {
      nextLook = time;
      out.atClock(Instant.ofEpochMilli(time));
    }
  }

  @Override
  public void onClock(Instant deadline, Emitter to) {
    out = to;
    long now = deadline.toEpochMilli();
    if (now < nextLook) {
      return;
    }
    nextLook = Timers.NEVER;
    long next = Timers.NEVER;
    for (Stream stream : open.toArray(Stream[]::new)) {
      if (stream.deadline <= now) {
        if (stream.key.log == null || stream.key.log.silentUntil(stream.deadline)) {
          stream.give(Ended.TIMEOUT);
          settle(stream, true, null, null);
        } else {
          next = Math.min(next, now + AGAIN_MILLIS);
        }
      } else {
        next = Math.min(next, stream.deadline);
      }
    }
    if (next != Timers.NEVER) {
      lookAt(next);
    }
  }

  private void giveAll(Emitter to) {
    out = to;
    for (Stream stream : open.toArray(Stream[]::new)) {
      stream.give(stream.key.log != null && stream.key.log.progress.finished ? Ended.FILE_END : Ended.CLOSE);
      settle(stream, true, null, null);
    }
  }

  @Override
  public void onEnd(Emitter to) {
    giveAll(to);
  }

  @Override
  public void onStop(Emitter to) {
    if (limits.emitsOnClose()) {
      giveAll(to);
    }
  }

  @Override
  public void save(State state) throws IOException {
    saved.forEach(state::remove);
    saved.clear();
    int number = 0;
    for (Stream stream : open) {
      String key = String.format(Locale.ROOT, "%06d", number++);
      state.put(key, stream.save());
      saved.add(key);
    }
  }

  @Override
  public void restore(State state, Emitter to) throws IOException {
    out = to;
    List<byte[]> all = new ArrayList<>();
    state.forEach((key, bytes) -> {
      saved.add(key);
      all.add(bytes);
    });
    for (byte[] bytes : all) {
      restore(new DataInputStream(new ByteArrayInputStream(bytes)));
    }
  }

  private void restore(DataInputStream in) throws IOException {
    byte[] values = block(in);
    int lines = in.readInt();
    int part = in.readInt();
    boolean over = in.readBoolean();
    long joinerState = in.readLong();
    byte[] text = block(in);
    LogEvent first = out.restoreHeld(block(in));
    Stream stream = new Stream(new Key(first.batch.log(first.record), values, values.length));
    stream.open = true;
    stream.lines = lines;
    stream.part = part;
    stream.over = over;
    stream.joiner.state(joinerState);
    stream.text = text;
    stream.length = text.length;
    stream.size = text.length;
    stream.first = first;
    stream.doubtful = in.readInt();
    for (int i = 0; i < stream.doubtful; i++) {
      stream.doubts[i] = out.restoreHeld(block(in));
    }
    stream.deadline = later(context.clock().millis(), stream.timeout);
    streams.put(stream.key, stream);
    if (values.length > 0 && values[0] != NO_VALUE) {
      streamed.add(stream.key.log);
    }
    open.add(stream);
    lookAt(stream.deadline);
  }

  // ---------------------------------------------------------------- for joiners

  @Override
  public Counter counter(String name) {
    return context.counter(name);
  }

  @Override
  public void warn(String subject, String text) {
    if (warned.size() < 100 && warned.add(subject)) {
      context.warn(text);
    }
  }

  @Override
  public long now() {
    return context.clock().millis();
  }
}
