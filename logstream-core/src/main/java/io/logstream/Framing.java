package io.logstream;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The joining of one log's lines, on its reader's thread. While the lines of a record lie side by side in the batch, joining them is
 * moving an end mark; what is unfinished at the end of a batch is copied once, into a chain of immutable pieces, of which the batch
 * carries the head: so a checkpoint can save what was open as of any batch without asking the reader, which has run ahead.
 */
final class Framing {
  /** A record that was unfinished at the end of a batch. */
  record Open(Piece pieces, long offset, long line, int lines, long joinerState, String generation) {
    byte[] encode() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(pieces.total + 40);
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        out.writeLong(offset);
        out.writeLong(line);
        out.writeInt(lines);
        out.writeLong(joinerState);
        out.writeUTF(generation);
        byte[] text = new byte[pieces.total];
        pieces.copyTo(text, 0);
        out.writeInt(text.length);
        out.write(text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }
  }

  /** Whole lines of an unfinished record; {@code total} counts the pieces before and the joints between. */
  record Piece(Piece before, byte[] bytes, int total) {
    /** Writes everything up to this piece, ending at {@code at + total}. */
    void copyTo(byte[] to, int at) {
      int end = at + total;
      for (Piece p = this; p != null; p = p.before) {
        end -= p.bytes.length;
        System.arraycopy(p.bytes, 0, to, end, p.bytes.length);
        if (p.before != null) {
          to[--end] = Joiner.JOINT;
        }
      }
    }
  }

  private final Log log;
  private final LineJoiner joiner;
  private final long timeout;
  private final int maxBytes;
  private final int maxLines;

  private boolean open;
  private Piece pieces;
  private int from;
  private int to;
  /** Whether {@link #from} to {@link #to} of the batch under way hold a part of the open record. */
  private boolean inBatch;
  private long offset;
  private long line;
  private int lines;
  private long lastLineAt;
  private String generation = "";
  private Mark lastMark;

  Framing(Log log, Joiner joiner) {
    this.log = log;
    this.joiner = joiner.openJoiner();
    this.timeout = joiner.timeout().toMillis();
    this.maxBytes = joiner.maxBytes();
    this.maxLines = joiner.maxLines();
  }

  void line(Batch batch, int lineFrom, int lineTo, long at, long number) {
    LineJoiner.Does does = joiner.next(batch.bytes, lineFrom, lineTo, open);
    boolean continues = open && (does == LineJoiner.Does.CONTINUES || does == LineJoiner.Does.ENDS);
    if (open && (!continues || lines >= maxLines || size() + 1 + (lineTo - lineFrom) > maxBytes)) {
      close(batch);
      continues = false;
    }
    if (continues) {
      extend(batch, lineFrom, lineTo);
    } else {
      open = true;
      inBatch = true;
      from = lineFrom;
      to = lineTo;
      offset = at;
      line = number;
      lines = 1;
      generation = batch.generation;
    }
    lastLineAt = batch.readTime;
    if (does == LineJoiner.Does.STANDS_ALONE || does == LineJoiner.Does.ENDS) {
      close(batch);
    }
  }

  private void extend(Batch batch, int lineFrom, int lineTo) {
    lines++;
    boolean adjacent = inBatch && lineFrom == to + 1 && batch.bytes[to] == Joiner.JOINT;
    if (!adjacent) {
      spill(batch);
      from = lineFrom;
      inBatch = true;
    }
    to = lineTo;
  }

  private int size() {
    int inPieces = pieces == null ? 0 : pieces.total + 1;
    return inBatch ? inPieces + to - from : inPieces - 1;
  }

  /** Moves what lies in the batch into a piece of its own. */
  private void spill(Batch batch) {
    if (inBatch) {
      byte[] copy = java.util.Arrays.copyOfRange(batch.bytes, from, to);
      pieces = new Piece(pieces, copy, copy.length + (pieces == null ? 0 : pieces.total + 1));
      inBatch = false;
    }
  }

  /** Completes the unfinished record, if there is one, into this batch. */
  void close(Batch batch) {
    if (!open) {
      return;
    }
    if (pieces != null) {
      int total = size();
      byte[] bytes = batch.room(total);
      int at = batch.used();
      pieces.copyTo(bytes, at);
      if (inBatch) {
        bytes[at + pieces.total] = Joiner.JOINT;
        System.arraycopy(bytes, from, bytes, at + pieces.total + 1, to - from);
      }
      batch.filled(total);
      from = at;
      to = at + total;
    }
    batch.add(from, to, offset, line);
    batch.linesJoined += lines - 1;
    open = false;
    inBatch = false;
    pieces = null;
    lines = 0;
  }

  /** The batch is full or there is nothing more now: what is open leaves it. */
  void endOfBatch(Batch batch) {
    if (batch.mark != null) {
      lastMark = batch.mark;
    } else {
      batch.mark = lastMark;
    }
    if (open) {
      spill(batch);
      batch.open = open();
      batch.linesHeld = lines;
    }
  }

  /** The unfinished record, of which nothing lies in a batch. */
  Open open() {
    return new Open(pieces, offset, line, lines, joiner.state(), generation);
  }

  long quietAt() {
    return log.quietAt;
  }

  boolean isOpen() {
    return open;
  }

  /** When the open record is complete, if nothing more comes until then. */
  long deadline() {
    return open ? lastLineAt + timeout : Timers.NEVER;
  }

  /** Completes the open record, into an empty batch. */
  void expire(Batch batch) {
    batch.begin(log, generation);
    close(batch);
  }

  /** Goes on with a record that was unfinished when an earlier run was saved. */
  void restore(java.io.DataInput in, long now) throws IOException {
    offset = in.readLong();
    line = in.readLong();
    lines = in.readInt();
    joiner.state(in.readLong());
    generation = in.readUTF();
    byte[] text = new byte[in.readInt()];
    in.readFully(text);
    pieces = new Piece(null, text, text.length);
    open = true;
    lastLineAt = now;
  }

  int linesHeld() {
    return lines;
  }
}
