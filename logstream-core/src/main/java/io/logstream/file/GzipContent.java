package io.logstream.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * The text in a gzip file. It is read forwards; what the last read gave is kept, so that an unfinished line can be read again. An
 * earlier offset begins anew.
 */
final class GzipContent implements Content {
  private static final int BUFFER = 64 * 1024;

  private final Path file;
  private InputStream in;
  private byte[] kept = {};
  private int length;
  /** The offset of the first byte kept. */
  private long keptAt;
  private IOException damage;

  GzipContent(Path file) throws IOException {
    this.file = file;
    restart();
  }

  private void restart() throws IOException {
    close();
    in = new GZIPInputStream(Files.newInputStream(file), BUFFER);
    length = 0;
    keptAt = 0;
    damage = null;
  }

  @Override
  public int read(long offset, byte[] into, int at, int n) throws IOException {
    if (offset < keptAt) {
      restart();
    }
    if (offset > keptAt + length) {
      in.skipNBytes(offset - keptAt - length);
      keptAt = offset;
      length = 0;
    }
    int overlap = (int) (keptAt + length - offset);
    System.arraycopy(kept, length - overlap, kept, 0, overlap);
    if (kept.length < n) {
      kept = Arrays.copyOf(kept, n);
    }
    keptAt = offset;
    length = overlap + inflate(overlap, n - overlap);
    int given = Math.min(n, length);
    System.arraycopy(kept, 0, into, at, given);
    return given;
  }

  /** What is wrong with the file, once the reading has come to it; null if nothing is. */
  IOException damage() {
    return damage;
  }

  private int inflate(int at, int n) {
    int got = 0;
    try {
      while (got < n && damage == null) {
        int more = in.read(kept, at + got, n - got);
        if (more < 0) {
          break;
        }
        got += more;
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
  public void close() throws IOException {
    if (in != null) {
      in.close();
    }
  }
}
