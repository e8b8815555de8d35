package io.logstream;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What one slot of the ring holds: the records of one log, in one buffer of bytes. A {@link Reader} fills it: it names the log,
 * puts bytes into the buffer, tells where the lines are, and says how far it has read. Whether a line becomes a record of its own or
 * is joined to its neighbours is decided here, by the joiner that follows the source in the pipeline, if there is one.
 *
 * <pre>{@code
 * batch.begin(log, "");
 * byte[] buffer = batch.room(65536);
 * int n = in.read(buffer, batch.used(), 65536);      // bytes go to used()
 * batch.filled(n);
 * batch.line(from, to, offset, number);              // without the line's end; call bytes() again afterwards
 * batch.mark(mark);
 * }</pre>
 *
 * <p>A batch is full at about 64 KiB or 512 records; longer records grow its buffer, which shrinks again when they are done with. Owned by
 * the reader's thread until {@link Reader#poll} returns, then by the engine.
 */
public final class Batch {
  /** Bytes that a batch holds, unless one record is longer. */
  public static final int BYTES = 64 * 1024;

  /** Records that a batch holds. */
  public static final int RECORDS = 512;

  private static final long REGION = 1 << 20;
  private static final int ARRAY_HEADER = 16;
  private static final int KEPT_BYTES = 4 * BYTES;

  byte[] bytes;
  private int used;
  private int count;
  int[] start = None.INTS;
  int[] end = None.INTS;
  long[] offset = None.LONGS;
  long[] line = None.LONGS;
  /** How each record was made of lines, as {@link How} packs it. */
  private long[] how = None.LONGS;

  Log log;
  String generation = "";
  /** Only in batches that hold copies of records of several logs. */
  private Log[] logs;
  private String[] generations;
  private RowIdentity[] identities;

  /** Set by a reader that gives records fields, and in batches of copies; else the runner's. */
  Fields fields;
  private Fields readersFields;
  private LogEvent readersEvent;

  long readTime;
  Mark mark;
  /** For the news that a source brings nothing more: its number, and whether it has come to its end by itself. */
  int lastOf = -1;
  boolean atEnd;

  /** What its reader says of the log behind this batch. */
  enum LogEnds { NOT, FINISHED, GONE }

  LogEnds logEnds = LogEnds.NOT;

  /** What its reader knows of the log's time, where it knows that. */
  boolean told;
  long toldTime;
  boolean toldIdle;

  // what the joiner in front of the ring did while this batch was filled
  long linesRead;
  long linesJoined;
  long droppedBefore;
  String droppedReason;
  int linesHeld;
  Framing.Open open;

  Batch() {
    this(BYTES);
  }

  Batch(int capacity) {
    bytes = new byte[capacity];
  }

  // ---------------------------------------------------------------- for readers

  /**
   * Says which log the following lines belong to. Once per batch, before anything else.
   *
   * @param generationOf tells the files apart that held the log one after the other; empty where there is only one
   */
  public void begin(Log of, String generationOf) {
    log = of;
    generation = generationOf;
  }

  /** The buffer. A call of {@link #room} or {@link #line} may replace it. */
  public byte[] bytes() {
    return bytes;
  }

  /** How many bytes of the buffer are taken: where the next ones go. */
  public int used() {
    return used;
  }

  /** Makes room for so many more bytes behind {@link #used} and returns the buffer. */
  public byte[] room(int more) {
    if (bytes.length - used < more) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, fitting(Math.max((long) used + more, 2L * bytes.length))));
    }
    return bytes;
  }

  /** A large array fills whole regions of G1's heap, with its header: a byte more would take up another one. */
  private static long fitting(long length) {
    return length < REGION / 2 ? length : (length + ARRAY_HEADER + REGION - 1) / REGION * REGION - ARRAY_HEADER;
  }

  /** Says that so many bytes were put behind {@link #used}. */
  public void filled(int more) {
    used += more;
  }

  /** How many records it holds. */
  public int count() {
    return count;
  }

  /** Whether lines of its log are joined to records while they are read, so that {@link #event} is not for them. */
  public boolean joins() {
    return log.framing != null;
  }

  /** Whether it has no room for another record. */
  public boolean full() {
    return count >= RECORDS;
  }

  /**
   * A line: bytes {@code from} to {@code to} of the buffer, without the line's end.
   *
   * @param at the offset of its first byte in the log
   * @param number its number in the log, from 1; 0 where nobody counts
   */
  public void line(int from, int to, long at, long number) {
    linesRead++;
    Framing joined = log.framing;
    if (joined == null) {
      add(from, to, at, number);
    } else {
      joined.line(this, from, to, at, number);
    }
  }

  /** A line given as text. */
  public void line(String text, long at, long number) {
    long span = append(text);
    line(Span.from(span), Span.to(span), at, number);
  }

  /** Says that the line given last is the beginning of a longer one, the rest of which was left out. */
  public void truncated() {
    if (log.framing != null && log.framing.isOpen()) {
      log.framing.lineWasCut();
    } else if (count > 0) {
      how[count - 1] |= How.TRUNCATED;
    }
  }

  /**
   * Says that the line given last is one part of a longer one, whose other parts are given as lines, too. A joiner takes them for lines.
   *
   * @param number from 1
   */
  public void part(int number) {
    if (log.framing == null && count > 0) {
      how[count - 1] |= How.of(0, number, false, null);
    }
  }

  /**
   * A record whose reader knows fields of it. It is not joined to others.
   *
   * @return the event, to put fields and the time into, until the next call of a method of this batch
   */
  public LogEvent event(String message, long at) {
    byte[] encoded = message.getBytes(StandardCharsets.UTF_8);
    return event(encoded, 0, encoded.length, at);
  }

  /** As {@link #event(String, long)}, with the message as UTF-8 bytes. */
  public LogEvent event(byte[] message, int from, int length, long at) {
    if (fields == null) {
      if (readersFields == null) {
        readersFields = new Fields(log.run().names());
      }
      fields = readersFields;
      fields.reset(count, readTime);
    }
    linesRead++;
    long span = append(message, from, length);
    add(Span.from(span), Span.to(span), at, 0);
    if (readersEvent == null) {
      readersEvent = new LogEvent();
    }
    readersEvent.moveTo(this, fields, count - 1);
    return readersEvent;
  }

  /**
   * A record that was an event in another run, with all that {@link LogEvent#toBytes} has kept of it.
   *
   * @return the event, until the next call of a method of this batch
   * @throws IllegalArgumentException if the bytes are not those of an event
   */
  public LogEvent event(byte[] saved) {
    return EventCodec.decode(saved, this);
  }

  /**
   * Says how far the log's time has come before the records of this batch, for readers that are told so by whoever read the log before. From the
   * first time on that a log's reader says it, the times of its records do not move time, nor does silence.
   *
   * @param watermarkMillis in milliseconds since 1970; {@link Long#MIN_VALUE} for no time yet
   */
  public void reached(long watermarkMillis) {
    told = true;
    toldTime = watermarkMillis;
    toldIdle = false;
  }

  /** As {@link #reached}, and the log holds time back no more until its reader has more of it. */
  public void idle(long watermarkMillis) {
    reached(watermarkMillis);
    toldIdle = true;
  }

  /** Counts records that were given to the source and that it had to drop before they could be read. Once per batch. */
  public void dropped(long records, String reason) {
    droppedBefore = records;
    droppedReason = reason;
  }

  boolean hasNews() {
    return count > 0 || droppedBefore > 0;
  }

  /** How far the log has been read with this batch: what a checkpoint saves. */
  public void mark(Mark upTo) {
    mark = upTo;
  }

  /** Says that the file, or whatever held the log, ends here: an unfinished record of several lines is complete. */
  public void ends() {
    if (log.framing != null) {
      log.framing.close(this, Ended.FILE_END);
    }
  }

  /** Says that the log has come to its end: as {@link #ends}, and the log does not hold the watermark back any more. */
  public void finished() {
    ends();
    logEnds = LogEnds.FINISHED;
  }

  /**
   * Says that what held the log is gone for good: as {@link #finished}, and a checkpoint forgets the log. Should it come back, its reader
   * asks {@link SourceContext#log} for it anew.
   */
  public void gone() {
    ends();
    logEnds = LogEnds.GONE;
  }

  // ---------------------------------------------------------------- for the engine

  void add(int from, int to, long at, long number) {
    if (count == start.length) {
      growRecords();
    }
    start[count] = from;
    end[count] = to;
    offset[count] = at;
    line[count] = number;
    how[count] = 0;
    if (fields != null) {
      fields.extend(count, readTime);
    }
    count++;
  }

  private void growRecords() {
    int size = count == 0 ? (bytes.length < BYTES ? 1 : RECORDS) : count * 2;
    start = Arrays.copyOf(start, size);
    end = Arrays.copyOf(end, size);
    offset = Arrays.copyOf(offset, size);
    line = Arrays.copyOf(line, size);
    how = Arrays.copyOf(how, size);
  }

  void reset(long now) {
    used = 0;
    count = 0;
    log = null;
    generation = "";
    logs = null;
    generations = null;
    identities = null;
    fields = null;
    readTime = now;
    mark = null;
    lastOf = -1;
    logEnds = LogEnds.NOT;
    told = false;
    linesRead = 0;
    linesJoined = 0;
    droppedBefore = 0;
    linesHeld = 0;
    open = null;
    shrink();
  }

  /** Whether it has grown for long records. */
  boolean isLarge() {
    return bytes.length > KEPT_BYTES;
  }

  /** How many bytes of memory its records take. */
  int takes() {
    return isLarge() ? bytes.length : used;
  }

  /** Gives back the room that long records took. */
  void shrink() {
    if (isLarge()) {
      bytes = new byte[BYTES];
    }
  }

  /** Says of which log the record added last is, where that is not the batch's own. */
  void originOfLast(Log of, String generationOf, long number) {
    if (of != log) {
      if (logs == null) {
        logs = new Log[start.length];
        Arrays.fill(logs, 0, count, log);
      }
      logs = logs.length < start.length ? Arrays.copyOf(logs, start.length) : logs;
    }
    if (logs != null) {
      logs[count - 1] = of;
    }
    if (!generationOf.equals(generation)) {
      if (generations == null) {
        generations = new String[start.length];
        Arrays.fill(generations, 0, count, generation);
      }
      generations = generations.length < start.length ? Arrays.copyOf(generations, start.length) : generations;
    }
    if (generations != null) {
      generations[count - 1] = generationOf;
    }
    line[count - 1] = number;
  }

  /** Says where the only record of a batch of copies comes from. */
  void originOfOnly(long at, long number) {
    logs = null;
    generations = null;
    offset[0] = at;
    line[0] = number;
  }

  /** How a record was made of lines. */
  long how(int record) {
    return how[record];
  }

  void how(int record, long of) {
    how[record] = of;
  }

  /** Says how the record added last was made of lines. */
  void how(long of) {
    how[count - 1] |= of;
  }

  long append(byte[] from, int at, int length) {
    System.arraycopy(from, at, room(length), used, length);
    used += length;
    return Span.of(used - length, used);
  }

  long append(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    return append(encoded, 0, encoded.length);
  }

  /** As {@link #append(String)} without making an array first. */
  long appendInPlace(CharSequence text) {
    int from = used;
    used += Utf8.encode(text, room(3 * text.length()), from);
    return Span.of(from, used);
  }

  Log log(int record) {
    return logs == null ? log : logs[record];
  }

  String generation(int record) {
    return generations == null ? generation : generations[record];
  }

  RowIdentity identity(int record) {
    return identities == null || record >= identities.length ? null : identities[record];
  }

  void identity(int record, RowIdentity identity) {
    if (identities == null || record >= identities.length) {
      identities = identities == null ? new RowIdentity[start.length] : Arrays.copyOf(identities, start.length);
    }
    identities[record] = identity;
  }

  /** Empties a batch of copies: all records that come are whole in themselves. */
  void resetForCopies(Names names) {
    Fields kept = fields;
    Log[] keptLogs = logs;
    String[] keptGenerations = generations;
    reset(0);
    fields = kept == null ? Fields.ofCopies(names) : kept;
    fields.reset(0, 0);
    logs = keptLogs == null ? new Log[1] : keptLogs;
    generations = keptGenerations == null ? new String[1] : keptGenerations;
  }

  /** Adds a copy of an event, fields and all. Only in batches of copies. */
  int copyIn(LogEvent event) {
    int length = event.batch.end[event.record] - event.batch.start[event.record];
    long message = append(event.batch.bytes, event.batch.start[event.record], length);
    int record = count;
    add(Span.from(message), Span.to(message), event.batch.offset[event.record], event.batch.line[event.record]);
    if (record >= logs.length) {
      logs = Arrays.copyOf(logs, start.length);
      generations = Arrays.copyOf(generations, start.length);
    }
    logs[record] = event.batch.log(event.record);
    generations[record] = event.batch.generation(event.record);
    how[record] = event.batch.how[event.record];
    RowIdentity identity = event.batch.identity(event.record);
    if (identity != null) {
      identity(record, identity);
    }
    event.copyFieldsTo(this, record, Span.from(message));
    return record;
  }
}
