package io.logstream.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The bytes of an open file, by offset. */
interface Content extends Closeable {
  /** Reads up to {@code n} bytes from this offset on; fewer only at the present end. */
  int read(long offset, byte[] into, int at, int n) throws IOException;

  /** How many bytes there are now; {@link Long#MAX_VALUE} where only reading tells. */
  long size() throws IOException;

  /** A plain file. */
  static Content open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    return new Content() {
      @Override
      public int read(long offset, byte[] into, int at, int n) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, at, n);
        int got = 0;
        while (got < n) {
          int more = channel.read(buffer, offset + got);
          if (more < 0) {
            break;
          }
          got += more;
        }
        return got;
      }

      @Override
      public long size() throws IOException {
        return channel.size();
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
