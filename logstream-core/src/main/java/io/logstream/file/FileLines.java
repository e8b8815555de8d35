package io.logstream.file;

import io.logstream.Batch;
import io.logstream.Counter;
import io.logstream.Log;
import io.logstream.SourceContext;
import io.logstream.TooLong;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Reads the lines of one file, and knows how far. The offset moves over complete lines only, or over parts of one that is too long; what
 * was read of an unfinished one is read again. Every read begins a little before the offset, with bytes that are known, and looks at the head, so that it shows
 * when the file is no longer what it was:
 *
 * <pre>
 *   start            offset - 256        offset                          limit
 *     | head fingerprint ...  | tail, known | complete lines | unfinished |
 *                             |<----------- one read ------------------->|
 * </pre>
 */
final class FileLines {
  /** What a read has brought. */
  enum Outcome {
    /** Lines are in the batch. */
    LINES,
    /** There is no complete line up to the limit. */
    NOTHING,
    /** The file does not hold any more what was read of it. */
    REPLACED
  }

  /** What the reader of a log counts. */
  record Counts(Counter truncatedLines, Counter truncatedBytes, Counter splitLines) {
    static Counts of(Log log) {
      return new Counts(log.counter("truncatedLines"), log.counter("truncatedBytes"), log.counter("splitLines"));
    }
  }

  private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long NEWLINES = 0x0a0a0a0a0a0a0a0aL;
  private static final long LOW = 0x7f7f7f7f7f7f7f7fL;
  /** As a line number: so far below zero that it stays there. */
  private static final long UNCOUNTED = Long.MIN_VALUE;
  private static final int LEAST_READ = 4096;
  private static final int MOST_MEETINGS = 10;
  private static final int LONGEST_CHARACTER = 4;

  private final String key;
  private final Supplier<String> label;
  private final int maxRecord;
  /** Whether lines over the cap are given in parts; else their beginnings are given. */
  private final boolean splits;
  private final Counts counts;
  private String generation = "";
  private long start;
  private int headLength;
  private long head;
  private long offset;
  /** The number of the last line; negative where reading did not begin at the first. */
  private long line;
  /** As {@link FileMark.Entry#within()}. */
  private int within;
  private Encoding encoding = Encoding.UTF_8;
  /** Whether it has been looked at whether the content begins with a mark. */
  private boolean isMarkKnown;
  private final byte[] tail = new byte[Fingerprint.BYTES];
  private int tailLength;

  private int bytesPerRecord = 128;
  private Met met = Met.NOTHING;
  /** Whether there was a copy when it was met, so that this counts up to where it was met, and not only until something is read. */
  private boolean copied;
  /** Up to here there is no newline behind the offset. */
  private long scanned;
  private int linesGiven;
  private final Samples samples = new Samples();

  /**
   * A file from its beginning.
   *
   * @param key what it is known by
   * @param label what the positions of its records call it, together with a fingerprint of its first line; asked for with that line
   */
  FileLines(String key, Supplier<String> label, FileTail description, Counts counts) {
    this.key = key;
    this.label = label;
    this.maxRecord = description.maxRecord;
    this.splits = description.tooLong == TooLong.SPLIT;
    this.counts = counts;
  }

  /** Goes on with a file that fits the entry; null if it has just been found not to do so any more. */
  static FileLines resume(FileMark.Entry entry, String key, Supplier<String> label, Content content, FileTail description, Counts counts) throws IOException {
    FileLines lines = new FileLines(key, label, description, counts);
    lines.generation = entry.generation();
    lines.start = entry.start();
    lines.headLength = entry.headLength();
    lines.head = entry.head();
    lines.offset = entry.offset();
    lines.line = entry.line();
    lines.within = entry.within() > 0 && !lines.splits ? FileMark.Entry.SKIPS : entry.within();
    lines.encoding = entry.encoding();
    lines.isMarkKnown = lines.offset > 0; // of nothing but the beginning of a line, the mark has not been looked for
    lines.tailLength = entry.tailLength();
    lines.samples.resume(entry.samples(), lines.offset);
    int got = content.read(lines.offset - lines.tailLength, lines.tail, 0, lines.tailLength);
    if (got != lines.tailLength || Fingerprint.of(lines.tail, 0, got) != entry.tail()) {
      return null;
    }
    lines.met = new Met(lines.start, entry.ahead(), lines.headLength, lines.head, entry.end());
    lines.copied = entry.ahead() > 0;
    return lines;
  }

  /**
   * What a file held when it was met, before anything of it was read, or when there was a copy of it.
   *
   * @param end fingerprint of the last bytes of that size; of none if it is 0
   */
  private record Met(long start, long size, int headLength, long head, long end) {
    static final Met NOTHING = new Met(0, 0, 0, 0, 0);

    static Met of(Content content, long start) throws IOException {
      long size = content.size();
      byte[] bytes = new byte[Fingerprint.BYTES];
      int headLength = content.read(start, bytes, 0, (int) Math.max(0, Math.min(bytes.length, size - start)));
      long head = Fingerprint.of(bytes, 0, headLength);
      return new Met(start, size, headLength, head, Fingerprint.before(size, content));
    }

    /** Whether that is still there. */
    boolean isIn(Content content) throws IOException {
      byte[] bytes = new byte[Fingerprint.BYTES];
      return headLength == content.read(start, bytes, 0, headLength) && Fingerprint.of(bytes, 0, headLength) == head
          && Fingerprint.before(size, content) == end;
    }
  }

  /**
   * Keeps in mind what is in the file now, so that it is noticed if that is replaced before anything of it is read. What it was met with
   * earlier stays in mind if it has been replaced already, or is while it is looked at.
   */
  void meet(Content content) throws IOException {
    if (isUntouched()) {
      keepInMind(content);
    }
  }

  /** The same where something of it may have been read: as there is a copy now, what was not is read of that if the file is replaced. */
  void meetCopied(Content content) throws IOException {
    keepInMind(content);
    copied = true;
  }

  private void keepInMind(Content content) throws IOException {
    for (int i = 0; i < MOST_MEETINGS; i++) {
      Met now = Met.of(content, start);
      if (replacedIn(content)) {
        return;
      }
      if (now.isIn(content)) {
        met = now;
        if (isUntouched()) {
          headLength = now.headLength;
          head = now.head;
        }
        return;
      }
    }
  }

  /** Whether what it was met with is to be known beyond what was read of it. */
  private boolean isMetAhead() {
    return met.size > offset && (copied || isUntouched());
  }

  /** Whether something is known of its content, so that it shows when that is replaced. */
  boolean isMet() {
    return !isUntouched() || met.size > 0;
  }

  /** Leaves out what is in the file now. */
  void leaveOut(Content content) throws IOException {
    leaveOut(content, content.size());
  }

  /** Leaves out what is before the time. */
  void leaveOut(Content content, FileTail.Since since, SourceContext context, String path) throws IOException {
    long from = new TimeSearch(since.finder(), since.time().minus(context.outOfOrder())).find(content);
    if (from < 0) {
      context.warn(path + " cannot be searched for " + since.time() + ": no line near its beginning carries a time; it is read from the beginning");
    } else {
      leaveOut(content, from);
      if (!met.isIn(content)) {
        beginAgain();
      }
    }
  }

  /** What was left out was of something that is not there any more: with what it was met, it shows that it was replaced. */
  private void beginAgain() {
    beginAt(met.start);
    headLength = met.headLength;
    head = met.head;
    line = 0;
    within = 0;
    encoding = Encoding.UTF_8;
    isMarkKnown = false;
  }

  private void leaveOut(Content content, long upTo) throws IOException {
    long size = upTo;
    if (size > 0) {
      byte[] bytes = new byte[Fingerprint.BYTES];
      headLength = content.read(0, bytes, 0, Fingerprint.BYTES);
      head = Fingerprint.of(bytes, 0, headLength);
      Encoding marked = Encoding.marked(bytes, 0, headLength);
      encoding = marked == null ? Encoding.UTF_8 : marked;
      isMarkKnown = headLength > 2;
      size -= size % encoding.unitLength;
      tailLength = (int) Math.min(Fingerprint.BYTES, size);
      content.read(size - tailLength, tail, 0, tailLength);
      offset = size;
      line = UNCOUNTED;
      within = encoding.unit(tail, tailLength - encoding.unitLength) == '\n' ? 0 : FileMark.Entry.SKIPS;
      samples.beginAt(offset);
    }
  }

  long offset() {
    return offset;
  }

  /** Whether nothing of it has been given. */
  boolean isUntouched() {
    return offset == start;
  }

  String generation() {
    return generation;
  }

  FileMark.Entry entry(long size, boolean live, String copyOf) {
    return entry(size, live, copyOf, samples.latest());
  }

  /**
   * What a checkpoint says of it.
   *
   * @param known as much of {@link #samples} as may be of use
   */
  FileMark.Entry entry(long size, boolean live, String copyOf, List<Samples.Sample> known) {
    boolean ahead = isMetAhead();
    return new FileMark.Entry(key, generation, start, headLength, head, offset, line, within, Fingerprint.of(tail, 0, tailLength), size, ahead ? met.size : 0,
        ahead ? met.end : 0, live, encoding, copyOf, known);
  }

  /** Whether the file holds something else than what was read of it. */
  boolean replacedIn(Content content) throws IOException {
    if (content.size() < offset) {
      return true;
    }
    byte[] bytes = new byte[tailLength];
    return content.read(offset - tailLength, bytes, 0, tailLength) < tailLength || !Arrays.equals(bytes, 0, tailLength, tail, 0, tailLength)
        || !beginsAsBefore(content);
  }

  /** Whether it holds what it began with: lines of one length that end alike do so at the same offsets in every file. */
  private boolean beginsAsBefore(Content content) throws IOException {
    if (isUntouched() || isMetAhead()) {
      return met.isIn(content);
    }
    if (offset - start == tailLength || !content.mayBeReplaced()) {
      return true;
    }
    byte[] bytes = new byte[headLength];
    return content.read(start, bytes, 0, headLength) == headLength && Fingerprint.of(bytes, 0, headLength) == head;
  }

  /**
   * Puts lines into the batch, as many as fit.
   *
   * @param limit the file's size, or up to where to read
   * @param complete whether nothing will follow, so that a last line without an end is one
   */
  Outcome read(Content content, Batch batch, Log log, long limit, boolean complete) throws IOException {
    if (limit <= offset) {
      return limit < offset || isUntouched() && limit < met.size ? Outcome.REPLACED : Outcome.NOTHING;
    }
    if (!complete && within >= 0 && scanned - offset > Batch.BYTES && limit - offset <= mostBytes() && !newlineIn(content, batch, limit)) {
      return Outcome.NOTHING;
    }
    linesGiven = 0;
    int want = Math.max(LEAST_READ, Math.min(Batch.BYTES - tailLength, bytesPerRecord * (Batch.RECORDS + 8)));
    while (limit > offset) {
      int n = (int) Math.min(limit - offset, want);
      byte[] bytes = batch.room(tailLength + n);
      int at = batch.used();
      int got = content.read(offset - tailLength, bytes, at, tailLength + n);
      if (got < tailLength || !Arrays.equals(bytes, at, at + tailLength, tail, 0, tailLength) || !beginsAsBefore(content)) {
        return Outcome.REPLACED;
      }
      if (got < tailLength + n) {
        limit = offset + got - tailLength;
        if (limit == offset) {
          return Outcome.NOTHING;
        }
      }
      int from = at + tailLength;
      int end = at + got;
      if (!isMarkKnown && bytes[from] != 0) {
        if (end - from < 3 && !complete && Encoding.beginsAsMark(bytes, from, end - from)) {
          return Outcome.NOTHING;
        }
        isMarkKnown = true;
        Encoding marked = Encoding.marked(bytes, from, end - from);
        if (marked != null) {
          encoding = marked;
          beginAt(offset + marked.markLength());
          continue;
        }
      }
      if (encoding.unitLength == 2) {
        end -= end - from & 1;
        limit -= limit - offset & 1;
        if (end == from) {
          return Outcome.NOTHING;
        }
      }
      if (line == 0 && offset == start && bytes[from] == 0 && encoding == Encoding.UTF_8) {
        int hole = from;
        while (hole < end && bytes[hole] == 0) {
          hole++;
        }
        if (hole == end) {
          if (!skipHole(content, batch, limit)) {
            return Outcome.NOTHING;
          }
        } else {
          beginAt(offset + hole - from);
        }
        continue;
      }
      long base = offset - from;
      int next = from;
      if (within < 0) {
        int newline = newline(bytes, from, end);
        next = newline + encoding.unitLength;
        counts.truncatedBytes.add((newline < 0 ? end : newline) - from);
        if (newline < 0) {
          advance(bytes, at, from, end);
          continue;
        }
        within = 0;
        scanned = 0;
      }
      int done = encoding == Encoding.UTF_8 ? cut(batch, log, got, next, end, base) : cutUnits(batch, log, got, next, end, base);
      if (done > from) {
        advance(batch.bytes(), at, from, done);
      }
      if (linesGiven > 0) {
        if (batch.count() > 0) {
          bytesPerRecord = (bytesPerRecord + (done - from) / batch.count()) / 2 + 1;
        }
        return Outcome.LINES;
      }
      if (done > from) {
        continue;
      }
      int length = end - from;
      if (length > mostBytesOpen()) {
        begin(batch, log, got, from, end);
        int given = splits ? giveParts(batch, from, end, base) : give(batch, from, end, base);
        within = splits ? within : FileMark.Entry.SKIPS;
        advance(batch.bytes(), at, from, given);
        return Outcome.LINES;
      }
      if (offset + length < limit) {
        want = (int) Math.min(2L * want, mostBytesOpen() + 1);
        continue;
      }
      if (complete) {
        begin(batch, log, got, from, end);
        int given = give(batch, from, end, base);
        advance(batch.bytes(), at, from, given);
        return Outcome.LINES;
      }
      scanned = limit;
      return Outcome.NOTHING;
    }
    return Outcome.NOTHING;
  }

  /** Gives all complete lines, up to a batch's fill; returns where the first one begins that was not given. */
  private int cut(Batch batch, Log log, int filled, int from, int end, long base) {
    byte[] bytes = batch.bytes();
    int first = from;
    int i = from;
    for (; i + 8 <= end; i += 8) {
      long word = (long) WORDS.get(bytes, i) ^ NEWLINES;
      for (long found = ~((word & LOW) + LOW | word | LOW); found != 0; found &= found - 1) {
        int at = i + (Long.numberOfTrailingZeros(found) >>> 3);
        if (linesGiven == 0) {
          begin(batch, log, filled, first, at);
        }
        int given = give(batch, first, at, base);
        if (given < at) {
          return given;
        }
        bytes = batch.bytes();
        first = at + 1;
        if (batch.full()) {
          return first;
        }
      }
    }
    for (; i < end && !batch.full(); i++) {
      if (bytes[i] == '\n') {
        if (linesGiven == 0) {
          begin(batch, log, filled, first, i);
        }
        int given = give(batch, first, i, base);
        if (given < i) {
          return given;
        }
        bytes = batch.bytes();
        first = i + 1;
      }
    }
    return first;
  }

  private int cutUnits(Batch batch, Log log, int filled, int from, int end, long base) {
    int first = from;
    for (int newline = encoding.newline(batch.bytes(), first, end); newline >= 0 && !batch.full(); newline = encoding.newline(batch.bytes(), first, end)) {
      if (linesGiven == 0) {
        begin(batch, log, filled, first, newline);
      }
      int given = give(batch, first, newline, base);
      if (given < newline) {
        return given;
      }
      first = newline + encoding.unitLength;
    }
    return first;
  }

  /** How many bytes the longest line may take in the file. */
  private long mostBytes() {
    return Math.min(Integer.MAX_VALUE / 2, (long) maxRecord * encoding.unitLength);
  }

  /** How many bytes without an end may still become a line that is not too long, or the last part of one, with its end and one byte more. */
  private long mostBytesOpen() {
    return Math.max(LONGEST_CHARACTER, mostBytes()) + 2L * encoding.unitLength - 1;
  }

  private void begin(Batch batch, Log log, int filled, int from, int to) {
    if (generation.isEmpty()) {
      int first = (int) Math.min(Math.min(to - from, Fingerprint.BYTES), mostBytes());
      generation = label.get() + "-" + String.format(Locale.ROOT, "%08x", (int) Fingerprint.of(batch.bytes(), from, first));
    }
    batch.begin(log, generation);
    batch.filled(filled);
  }

  /** Gives a line; returns up to where: short of its end if the batch is full before all parts of a long one are given. */
  private int give(Batch batch, int from, int to, long base) {
    byte[] bytes = batch.bytes();
    int textFrom = from;
    int textTo = to;
    if (encoding != Encoding.UTF_8) {
      byte[] text = encoding.toUtf8(bytes, from, to);
      bytes = batch.room(text.length);
      textFrom = batch.used();
      textTo = textFrom + text.length;
      System.arraycopy(text, 0, bytes, textFrom, text.length);
    }
    if (textTo > textFrom && bytes[textTo - 1] == '\r') {
      textTo--;
    }
    if (splits && (within > 0 || textTo - textFrom > maxRecord)) {
      return giveAllParts(batch, from, to, base);
    }
    batch.filled(encoding == Encoding.UTF_8 ? 0 : textTo - textFrom);
    linesGiven++;
    line++;
    int length = textTo - textFrom;
    if (length <= maxRecord) {
      batch.line(textFrom, textTo, base + from, line);
    } else {
      int kept = Encoding.wholeCharacters(bytes, textFrom, maxRecord);
      batch.line(textFrom, textFrom + kept, base + from, line);
      batch.truncated();
      counts.truncatedLines.increment();
      counts.truncatedBytes.add(length - kept);
    }
    return to;
  }

  private int giveAllParts(Batch batch, int from, int to, long base) {
    int end = to - from >= encoding.unitLength && encoding.unit(batch.bytes(), to - encoding.unitLength) == '\r' ? to - encoding.unitLength : to;
    for (int at = from; ; ) {
      int next = encoding.fitting(batch.bytes(), at, end, maxRecord);
      part(batch, at, next, base);
      if (next == end) {
        within = 0;
        return to;
      }
      if (batch.full()) {
        return next;
      }
      at = next;
    }
  }

  /** Gives parts of a line of which more than one part is left, up to {@code to} at most; returns up to where. */
  private int giveParts(Batch batch, int from, int to, long base) {
    int at = from;
    while (to - at > mostBytesOpen() && !batch.full()) {
      int next = encoding.fitting(batch.bytes(), at, to, maxRecord);
      part(batch, at, next, base);
      at = next;
    }
    return at;
  }

  private void part(Batch batch, int from, int to, long base) {
    if (within == 0) {
      line++;
      counts.splitLines.increment();
    }
    within++;
    linesGiven++;
    if (encoding == Encoding.UTF_8) {
      batch.line(from, to, base + from, line);
    } else {
      byte[] text = encoding.toUtf8(batch.bytes(), from, to);
      System.arraycopy(text, 0, batch.room(text.length), batch.used(), text.length);
      int copied = batch.used();
      batch.filled(text.length);
      batch.line(copied, copied + text.length, base + from, line);
    }
    batch.part(within);
  }

  /** Takes the bytes from {@code from} to {@code to} as done; those before, from {@code at} on, are the known ones. */
  private void advance(byte[] bytes, int at, int from, int to) {
    offset += to - from;
    if (headLength < Fingerprint.BYTES && offset - start == to - at) {
      headLength = Math.min(Fingerprint.BYTES, to - at);
      head = Fingerprint.of(bytes, at, headLength);
    }
    tailLength = Math.min(Fingerprint.BYTES, to - at);
    System.arraycopy(bytes, to - tailLength, tail, 0, tailLength);
    samples.take(bytes, at, to, offset, start);
  }

  /** All that is known of what was read. */
  List<Samples.Sample> samples() {
    return samples.all();
  }

  private void beginAt(long content) {
    start = content;
    offset = content;
    headLength = 0;
    head = 0;
    tailLength = 0;
    scanned = 0;
    samples.beginAt(content);
  }

  /** Looks for the first byte behind a hole; a file of nothing but NULs may have been made in advance and is left alone. */
  private boolean skipHole(Content content, Batch batch, long limit) throws IOException {
    for (long at = offset; at < limit; ) {
      byte[] bytes = batch.room(Batch.BYTES);
      int got = content.read(at, bytes, batch.used(), (int) Math.min(Batch.BYTES, limit - at));
      for (int i = 0; i < got; i++) {
        if (bytes[batch.used() + i] != 0) {
          beginAt(at + i);
          return true;
        }
      }
      if (got <= 0) {
        return false;
      }
      at += got;
    }
    return false;
  }

  private boolean newlineIn(Content content, Batch batch, long limit) throws IOException {
    while (scanned < limit) {
      byte[] bytes = batch.room(Batch.BYTES);
      int got = content.read(scanned, bytes, batch.used(), (int) Math.min(Batch.BYTES, limit - scanned));
      if (got <= 0 || encoding != Encoding.UTF_8 || newline(bytes, batch.used(), batch.used() + got) >= 0) {
        return true;
      }
      scanned += got;
    }
    return false;
  }

  private int newline(byte[] bytes, int from, int to) {
    if (encoding != Encoding.UTF_8) {
      return encoding.newline(bytes, from, to);
    }
    int i = from;
    for (; i + 8 <= to; i += 8) {
      long word = (long) WORDS.get(bytes, i) ^ NEWLINES;
      long found = ~((word & LOW) + LOW | word | LOW);
      if (found != 0) {
        return i + (Long.numberOfTrailingZeros(found) >>> 3);
      }
    }
    for (; i < to; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}
