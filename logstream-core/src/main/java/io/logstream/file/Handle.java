package io.logstream.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The bytes of a followed file. It rests, that is, has no open channel, while more files are followed than may be open, and is opened
 * again, under the name that the file has then, when something of it is read.
 */
final class Handle implements Content {
  /** The name does not show the file any more for which it stood: it has another one now, or none. */
  static final class MovedException extends IOException {
    private static final long serialVersionUID = 1L;

    MovedException(TailedFile file) {
      super(file.path + " is another file now");
    }
  }

  private TailedFile file;
  private final Handles all;
  private FileChannel channel;
  /** What the file system knows the file by, since it was first open. */
  private Object fileKey;
  private boolean rested;

  Handle(TailedFile file, Handles all) {
    this.file = file;
    this.all = all;
  }

  /** Gives it to the file that stands in the same place now. */
  Handle passTo(TailedFile other) {
    file = other;
    return this;
  }

  /** Opens it now. */
  Handle open() throws IOException {
    channel();
    return this;
  }

  boolean isOpen() {
    return channel != null;
  }

  /** Whether it may rest: its file has a name under which it can be found again. */
  boolean mayRest() {
    try {
      return file.present && file.content == this && isOurs(attributes());
    } catch (IOException e) {
      return false;
    }
  }

  boolean isReadToTheEnd() {
    try {
      return all.disk.size(channel) == file.readTo;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isOurs(BasicFileAttributes now) {
    return Seen.isFile(fileKey, file.key, now);
  }

  private BasicFileAttributes attributes() throws IOException {
    try {
      return all.disk.look(file.path);
    } catch (NoSuchFileException e) {
      throw new MovedException(file);
    }
  }

  private FileChannel channel() throws IOException {
    if (channel == null) {
      all.makeRoom();
      FileChannel opened;
      try {
        opened = all.disk.open(file.path);
      } catch (NoSuchFileException e) {
        throw new MovedException(file);
      }
      boolean same = false;
      try {
        BasicFileAttributes now = attributes();
        same = isOurs(now);
        fileKey = same ? now.fileKey() : fileKey;
      } finally {
        if (!same) {
          opened.close();
        }
      }
      if (!same) {
        throw new MovedException(file);
      }
      channel = opened;
      if (rested) {
        rested = false;
        file.family.reopened.increment();
      }
    }
    all.used(this);
    return channel;
  }

  @Override
  public int read(long offset, byte[] into, int at, int n) throws IOException {
    FileChannel from = channel();
    ByteBuffer buffer = ByteBuffer.wrap(into, at, n);
    int got = 0;
    while (got < n) {
      int more = all.disk.read(from, buffer, offset + got);
      if (more < 0) {
        break;
      }
      got += more;
    }
    return got;
  }

  @Override
  public long size() throws IOException {
    if (channel != null) {
      return all.disk.size(channel);
    }
    BasicFileAttributes now = attributes();
    if (!isOurs(now)) {
      throw new MovedException(file);
    }
    return now.size();
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    rested = true;
    all.closed(this);
    if (open != null) {
      open.close();
    }
  }
}
