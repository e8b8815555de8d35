package io.logstream.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The bytes of an open file, by offset. */
interface Content extends Closeable {
  /** Reads up to {@code n} bytes from this offset on; fewer only at the present end. */
  int read(long offset, byte[] into, int at, int n) throws IOException;

  /** How many bytes there are now; {@link Long#MAX_VALUE} where only reading tells. */
  long size() throws IOException;

  /** Whether something else may stand at offsets that were read, and can be asked for: not where reading goes forwards only. */
  default boolean mayBeReplaced() {
    return true;
  }

  /** All of it, from its beginning to where it ends when that is read; closing it closes this. */
  default InputStream stream() {
    Content bytes = this;
    return new InputStream() {
      private long at;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        int got = bytes.read(at, into, from, length);
        at += got;
        return got == 0 && length > 0 ? -1 : got;
      }

      @Override
      public void close() throws IOException {
        bytes.close();
      }
    };
  }

  /** A plain file. */
  static Content open(Path file) throws IOException {
    return of(Disk.SYSTEM, Disk.SYSTEM.open(file));
  }

  /** What is in an open file; closing it closes the file. */
  static Content of(Disk disk, FileChannel file) {
    return new Content() {
      @Override
      public int read(long offset, byte[] into, int at, int n) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, at, n);
        int got = 0;
        while (got < n) {
          int more = disk.read(file, buffer, offset + got);
          if (more < 0) {
            break;
          }
          got += more;
        }
        return got;
      }

      @Override
      public long size() throws IOException {
        return disk.size(file);
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }
}
