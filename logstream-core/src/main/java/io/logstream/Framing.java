package io.logstream;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * The joining of one log's lines, on its reader's thread. While the lines of a record lie side by side in the batch, joining them is
 * moving an end mark; what is unfinished at the end of a batch is copied once, into a chain of immutable pieces, of which the batch
 * carries the head: so a checkpoint can save what was open as of any batch without asking the reader, which has run ahead.
 */
final class Framing extends Joining {
  /** A record that was unfinished at the end of a batch, and the lines in doubt behind it. */
  record Open(Piece pieces, long offset, long line, int lines, int part, boolean over, boolean cut, long joinerState, String generation, List<Doubtful> doubtful) {
    byte[] encode(byte[] joint) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(pieces.total + 64);
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        out.writeLong(offset);
        out.writeLong(line);
        out.writeInt(lines);
        out.writeInt(part);
        out.writeBoolean(over);
        out.writeBoolean(cut);
        out.writeLong(joinerState);
        out.writeUTF(generation);
        byte[] text = new byte[pieces.total];
        pieces.copyTo(text, 0, joint);
        out.writeInt(text.length);
        out.write(text);
        out.writeInt(doubtful.size());
        for (Doubtful one : doubtful) {
          out.writeLong(one.offset);
          out.writeLong(one.line);
          out.writeInt(one.bytes.length);
          out.write(one.bytes);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }
  }

  /** A line in doubt that lies in no batch. */
  record Doubtful(byte[] bytes, long offset, long line) {}

  /** Some text of an unfinished record; {@code total} counts the pieces before and the joints between. */
  record Piece(Piece before, byte[] bytes, int total) {
    /** Writes everything up to this piece, ending at {@code at + total}. */
    void copyTo(byte[] to, int at, byte[] joint) {
      int end = at + total;
      for (Piece p = this; p != null; p = p.before) {
        end -= p.bytes.length;
        System.arraycopy(p.bytes, 0, to, end, p.bytes.length);
        if (p.before != null) {
          end -= joint.length;
          System.arraycopy(joint, 0, to, end, joint.length);
        }
      }
    }
  }

  private final Log log;
  private final boolean jointIsNewline;

  private Batch batch;
  // the line under way
  private int lineFrom;
  private int lineTo;
  private long lineAt;
  private long lineNumber;
  // the record's text: pieces, and behind them from..to of the batch under way
  private Piece pieces;
  private boolean inBatch;
  private int from;
  private int to;
  private long offset;
  private long line;
  private String generation = "";
  /** Whether the reader has left out a part of one of its lines. */
  private boolean cut;
  // lines in doubt: in the batch under way where own[i] is null
  private byte[][] own;
  private int[] doubtFrom;
  private int[] doubtTo;
  private long[] doubtAt;
  private long[] doubtNumber;
  private int selected = -1;

  private long lastLineAt;
  private Mark lastMark;

  Framing(Log log, Joiner joiner, JoinerContext context) {
    super(joiner, context);
    this.log = log;
    this.jointIsNewline = joint.length == 1 && joint[0] == '\n';
  }

  void line(Batch to, int fromByte, int toByte, long at, long number) {
    batch = to;
    lineFrom = fromByte;
    lineTo = toByte;
    lineAt = at;
    lineNumber = number;
    take();
    lastLineAt = batch.readTime;
  }

  // ---------------------------------------------------------------- the form

  @Override
  LineJoiner.Does ask() {
    return joiner.next(batch.bytes, lineFrom, lineTo, open);
  }

  @Override
  void select(int which) {
    selected = which;
  }

  @Override
  byte[] bytes() {
    return selected < 0 || own[selected] == null ? batch.bytes : own[selected];
  }

  @Override
  int from() {
    return selected < 0 ? lineFrom : own[selected] == null ? doubtFrom[selected] : 0;
  }

  @Override
  int length() {
    return selected < 0 ? lineTo - lineFrom : own[selected] == null ? doubtTo[selected] - doubtFrom[selected] : own[selected].length;
  }

  @Override
  void start(int kept) {
    offset = selected < 0 ? lineAt : doubtAt[selected];
    line = selected < 0 ? lineNumber : doubtNumber[selected];
    generation = batch.generation;
    pieces = null;
    cut = false;
    hold(kept);
  }

  @Override
  void append(int kept) {
    boolean adjacent = jointIsNewline && inBatch && bytes() == batch.bytes && from() == to + 1 && batch.bytes[to] == '\n';
    if (adjacent) {
      to = from() + kept;
    } else {
      spill();
      hold(kept);
    }
  }

  private void hold(int kept) {
    byte[] of = bytes();
    if (of == batch.bytes) {
      from = from();
      to = from + kept;
      inBatch = true;
    } else {
      inBatch = false;
      piece(Arrays.copyOf(of, kept));
    }
  }

  private void roomForDoubt() {
    if (own == null) {
      own = new byte[LineJoiner.Does.MOST_DOUBTFUL][];
      doubtFrom = new int[LineJoiner.Does.MOST_DOUBTFUL];
      doubtTo = new int[LineJoiner.Does.MOST_DOUBTFUL];
      doubtAt = new long[LineJoiner.Does.MOST_DOUBTFUL];
      doubtNumber = new long[LineJoiner.Does.MOST_DOUBTFUL];
    }
  }

  @Override
  void doubt() {
    roomForDoubt();
    own[doubtful] = null;
    doubtFrom[doubtful] = lineFrom;
    doubtTo[doubtful] = lineTo;
    doubtAt[doubtful] = lineAt;
    doubtNumber[doubtful] = lineNumber;
  }

  @Override
  void released() {
    Arrays.fill(own, null);
  }

  @Override
  void deliver(long how, boolean fails) {
    if (pieces != null) {
      int behind = inBatch ? joint.length + to - from : 0;
      int total = pieces.total + behind;
      byte[] bytes = batch.room(total);
      int at = batch.used();
      pieces.copyTo(bytes, at, joint);
      if (inBatch) {
        System.arraycopy(joint, 0, bytes, at + pieces.total, joint.length);
        System.arraycopy(bytes, from, bytes, at + pieces.total + joint.length, to - from);
      }
      batch.filled(total);
      from = at;
      to = at + total;
    }
    batch.add(from, to, offset, line);
    if (how != 0 || cut) {
      batch.how(cut ? how | How.TRUNCATED : how);
    }
    batch.linesJoined += lines - 1;
    inBatch = false;
    pieces = null;
  }

  /** Moves what lies in the batch into a piece of its own. */
  private void spill() {
    if (inBatch) {
      piece(Arrays.copyOfRange(batch.bytes, from, to));
      inBatch = false;
    }
  }

  private void piece(byte[] bytes) {
    pieces = new Piece(pieces, bytes, bytes.length + (pieces == null ? 0 : pieces.total + joint.length));
  }

  // ---------------------------------------------------------------- batches

  /** Completes the unfinished record, if there is one, into this batch. */
  void close(Batch into, Ended why) {
    batch = into;
    give(why);
  }

  /** The batch is full or there is nothing more now: what is open leaves it. */
  void endOfBatch(Batch full, JoinerContext context) {
    batch = full;
    if (batch.mark != null) {
      lastMark = batch.mark;
    } else {
      batch.mark = lastMark;
    }
    if (open) {
      spill();
      for (int i = 0; i < doubtful; i++) {
        if (own[i] == null) {
          own[i] = Arrays.copyOfRange(batch.bytes, doubtFrom[i], doubtTo[i]);
        }
      }
      batch.open = open();
      batch.linesHeld = lines + doubtful;
    }
    batch = null;
    count(context);
  }

  /** The unfinished record, of which nothing lies in a batch. */
  Open open() {
    Doubtful[] waiting = new Doubtful[doubtful];
    for (int i = 0; i < doubtful; i++) {
      waiting[i] = new Doubtful(own[i], doubtAt[i], doubtNumber[i]);
    }
    return new Open(pieces, offset, line, lines, part, over, cut, joiner.state(), generation, List.of(waiting));
  }

  long quietAt() {
    return log.quietAt;
  }

  void lineWasCut() {
    cut = true;
  }

  boolean isOpen() {
    return open;
  }

  /** When the open record is complete, if nothing more comes until then. */
  long deadline() {
    return open ? lastLineAt + timeout : Timers.NEVER;
  }

  /** Completes the open record, into an empty batch. */
  void expire(Batch into, Ended why) {
    into.begin(log, generation);
    close(into, why);
  }

  /** Goes on with a record that was unfinished when an earlier run was saved. */
  void restore(DataInput in, long now) throws IOException {
    offset = in.readLong();
    line = in.readLong();
    lines = in.readInt();
    part = in.readInt();
    over = in.readBoolean();
    cut = in.readBoolean();
    joiner.state(in.readLong());
    generation = in.readUTF();
    pieces = null;
    piece(bytes(in));
    size = pieces.total;
    doubtful = in.readInt();
    if (doubtful < 0 || doubtful > LineJoiner.Does.MOST_DOUBTFUL) {
      throw new IOException(doubtful + " lines in doubt");
    }
    roomForDoubt();
    for (int i = 0; i < doubtful; i++) {
      doubtAt[i] = in.readLong();
      doubtNumber[i] = in.readLong();
      own[i] = bytes(in);
    }
    open = true;
    lastLineAt = now;
  }

  private static byte[] bytes(DataInput in) throws IOException {
    byte[] text = new byte[in.readInt()];
    in.readFully(text);
    return text;
  }

  int linesHeld() {
    return lines + doubtful;
  }
}
