package io.logstream.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** A way of compression that can be read. */
enum Compression {
  GZIP(".gz") {
    @Override
    InputStream open(InputStream raw, Path file) throws IOException {
      try {
        return new GZIPInputStream(raw, BUFFER);
      } catch (IOException e) {
        raw.close();
        throw e;
      }
    }

    @Override
    boolean mayHold(Content file, long size) throws IOException {
      byte[] end = new byte[4];
      long length = file.size();
      return length >= 18 && file.read(length - 4, end, 0, 4) == 4 && ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt() == (int) size;
    }
  },

  /** By zstd-jni, where that is on the class path. */
  ZSTD(".zst") {
    @Override
    InputStream open(InputStream raw, Path file) throws IOException {
      try {
        return Zstd.open(raw);
      } catch (LinkageError e) {
        raw.close();
        throw new MissingException(file, e);
      } catch (IOException e) {
        raw.close();
        throw e;
      }
    }

    @Override
    void refuseIfMissing(Path file) throws MissingException {
      try {
        Zstd.open(InputStream.nullInputStream()).close();
      } catch (LinkageError e) {
        throw new MissingException(file, e);
      } catch (IOException e) {
        // it is there
      }
    }
  };

  /** What reads it is not there. */
  static final class MissingException extends IOException {
    private static final long serialVersionUID = 1L;

    MissingException(Path file, LinkageError why) {
      super(file + " is compressed with zstd; to read it, add com.github.luben:zstd-jni to the class path (" + why + ")");
    }
  }

  /** Loaded only when a file is read that needs it. */
  private static final class Zstd {
    static InputStream open(InputStream raw) throws IOException {
      return new com.github.luben.zstd.ZstdInputStream(raw);
    }
  }

  private static final int BUFFER = 64 * 1024;

  private final String ending;

  Compression(String ending) {
    this.ending = ending;
  }

  /** How the file of this name is compressed; null for one that is not, or in a way that cannot be read. */
  static Compression of(String name) {
    for (Compression one : values()) {
      if (name.endsWith(one.ending)) {
        return one;
      }
    }
    return null;
  }

  /** What is in the compressed bytes, which are those of this file; closes them if that is nothing that can be read. */
  abstract InputStream open(InputStream raw, Path file) throws IOException;

  /** Refuses a file that cannot be read for want of a library. */
  void refuseIfMissing(Path file) throws MissingException {}

  /** Whether the file's own end says that it holds a text of so many bytes. False where it does not say that, or is incomplete. */
  boolean mayHold(Content file, long size) throws IOException {
    return false;
  }
}
