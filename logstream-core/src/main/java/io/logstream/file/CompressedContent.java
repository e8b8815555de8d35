package io.logstream.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * The text in a compressed file. It is read forwards; what the last read gave is kept, so that an unfinished line can be read again. An
 * earlier offset begins anew. A file that is damaged, or not complete yet, ends where nothing more can be read.
 */
final class CompressedContent implements Content {
  /** Opens the file at its beginning. */
  @FunctionalInterface
  interface Opening {
    InputStream open() throws IOException;
  }

  private final Opening opening;
  private InputStream in;
  private byte[] kept = {};
  private int length;
  /** The offset of the first byte kept. */
  private long keptAt;
  private boolean ended;
  private IOException damage;

  CompressedContent(Opening opening) throws IOException {
    this.opening = opening;
    restart();
  }

  private void restart() throws IOException {
    close();
    length = 0;
    keptAt = 0;
    ended = false;
    damage = null;
    try {
      in = opening.open();
    } catch (EOFException | ZipException e) {
      in = null;
      damage = e;
    }
  }

  @Override
  public int read(long offset, byte[] into, int at, int n) throws IOException {
    if (!skim(offset, Long.MAX_VALUE)) {
      return 0;
    }
    int overlap = (int) (keptAt + length - offset);
    System.arraycopy(kept, length - overlap, kept, 0, overlap);
    makeRoom(n);
    keptAt = offset;
    length = overlap + inflate(overlap, n - overlap);
    int given = Math.min(n, length);
    System.arraycopy(kept, 0, into, at, given);
    return given;
  }

  /**
   * Goes ahead to this offset, or to it from the beginning again, over no more than so many bytes.
   *
   * @return whether it is there; false also where the text ends before, see {@link #isOver}
   */
  boolean skim(long offset, long most) throws IOException {
    if (offset < keptAt) {
      restart();
    }
    long left = most;
    while (keptAt + length < offset && left > 0 && !isOver()) {
      keptAt += length;
      length = 0;
      makeRoom(64 * 1024);
      length = inflate(0, (int) Math.min(kept.length, Math.min(left, offset - keptAt)));
      left -= length;
    }
    return keptAt <= offset && offset <= keptAt + length;
  }

  /** Whether nothing more can be read than was read. */
  boolean isOver() {
    return ended || damage != null;
  }

  /** Up to where it has been read. */
  long end() {
    return keptAt + length;
  }

  /** What is wrong with the file, once the reading has come to it; null if nothing is. */
  IOException damage() {
    return damage;
  }

  private void makeRoom(int n) {
    if (kept.length < n) {
      kept = Arrays.copyOf(kept, n);
    }
  }

  private int inflate(int at, int n) {
    int got = 0;
    try {
      while (got < n && !isOver()) {
        int more = in.read(kept, at + got, n - got);
        if (more < 0) {
          ended = true;
        } else {
          got += more;
        }
      }
    } catch (IOException e) {
      damage = e;
    }
    return got;
  }

  @Override
  public long size() {
    return Long.MAX_VALUE;
  }

  @Override
  public boolean mayBeReplaced() {
    return false;
  }

  @Override
  public void close() throws IOException {
    if (in != null) {
      in.close();
      in = null;
    }
  }
}
