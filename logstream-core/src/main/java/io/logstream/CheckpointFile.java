package io.logstream;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The checkpoint of a run, in a directory that it holds locked. A new one is written beside the present one, forced to the disk, and
 * moved over it; the one before is kept. When read, the newest of the three that is whole counts; a damaged one never stops a start. The
 * locked file holds the name of the pipeline that has written the newest.
 *
 * <pre>magic 'LSCP' | version | number | length of body | body: (path, value)* | CRC32C of all before</pre>
 */
final class CheckpointFile implements AutoCloseable {
  private static final int MAGIC = 0x4C534350;
  private static final int VERSION = 2;
  private static final int HEAD = 4 + 4 + 8 + 4;
  private static final int MOST_OF_A_NAME = 4_096;

  private final String pipeline;
  private final Path dir;
  private final Path current;
  private final Path previous;
  private final Path temporary;
  /** Not read or written by its channel: an interrupt would close that, and the lock with it. */
  private final RandomAccessFile lockFile;
  private final FileLock lock;
  private long number;
  private int damaged;
  private boolean currentDamaged;
  private boolean named;

  private CheckpointFile(String pipeline, Path dir, RandomAccessFile lockFile, FileLock lock) {
    this.pipeline = pipeline;
    this.dir = dir;
    this.current = dir.resolve("checkpoint");
    this.previous = dir.resolve("checkpoint.previous");
    this.temporary = dir.resolve("checkpoint.tmp");
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /** Takes a directory for one run. */
  static CheckpointFile open(String pipeline, Path dir) {
    try {
      Files.createDirectories(dir);
      RandomAccessFile lockFile = new RandomAccessFile(dir.resolve("lock").toFile(), "rw");
      FileLock lock;
      try {
        lock = lockFile.getChannel().tryLock();
      } catch (OverlappingFileLockException e) {
        lock = null;
      }
      if (lock == null) {
        lockFile.close();
        throw new PipelineException("pipeline '" + pipeline + "': checkpoint directory " + dir
            + " is in use by another run; give every running pipeline a directory of its own");
      }
      return new CheckpointFile(pipeline, dir, lockFile, lock);
    } catch (FileAlreadyExistsException e) {
      throw new PipelineException("pipeline '" + pipeline + "': checkpoint directory " + dir + " cannot be made, as " + e.getFile() + " is a file; name a directory", e);
    } catch (IOException e) {
      throw new PipelineException("pipeline '" + pipeline + "': checkpoint directory " + dir + " cannot be used: " + e, e);
    }
  }

  /** What the newest whole checkpoint holds; nothing if there is none. Says what is damaged. */
  Map<String, byte[]> load(Notices notices) {
    Map<String, byte[]> newest = Map.of();
    Path from = null;
    List<String> wrong = new ArrayList<>();
    for (Path file : List.of(temporary, current, previous)) {
      try {
        byte[] bytes = Files.readAllBytes(file);
        long found = numberOf(bytes);
        Map<String, byte[]> state = decode(bytes);
        if (found > number) {
          number = found;
          newest = state;
          from = file;
        }
      } catch (NoSuchFileException e) {
        // not there
      } catch (IOException | IllegalArgumentException e) {
        currentDamaged |= file.equals(current);
        if (!file.equals(temporary)) {
          wrong.add(file.getFileName() + ": " + e.getMessage());
        }
      }
    }
    damaged = wrong.size();
    if (temporary.equals(from)) {
      finishWriting(notices);
    }
    if (damaged > 0) {
      notices.warn("checkpoint in " + dir + " is damaged (" + String.join("; ", wrong) + "); going on from "
          + (newest.isEmpty() ? "nothing: sources start as without a checkpoint" : "checkpoint number " + number), null);
    }
    String owner = owner();
    if (!newest.isEmpty() && !owner.isEmpty() && !owner.equals(pipeline)) {
      notices.warn("checkpoint in " + dir + " was written by pipeline '" + owner + "'; going on from where that one stopped: give each pipeline a directory of its own", null);
    }
    return newest;
  }

  /** The name of the pipeline that has written here; empty if none has. */
  private String owner() {
    try {
      byte[] bytes = new byte[(int) Math.min(lockFile.length(), MOST_OF_A_NAME)];
      lockFile.seek(0);
      lockFile.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private void name() {
    byte[] bytes = pipeline.getBytes(StandardCharsets.UTF_8);
    named = true;
    try {
      lockFile.seek(0);
      lockFile.write(bytes);
      lockFile.setLength(bytes.length);
    } catch (IOException e) {
      // it is only for a warning
    }
  }

  /** A crash came between the forcing of the newest and its move: were it not moved now, the next one would be written over it. */
  private void finishWriting(Notices notices) {
    try {
      takeThePlaceOfCurrent();
    } catch (IOException e) {
      notices.warn("the newest checkpoint, " + temporary + ", cannot be moved to its place: " + e.getMessage(), e);
    }
  }

  /** How many checkpoints could not be read by {@link #load}, counted under this name among the metrics. */
  void count(Map<String, Long> metrics) {
    metrics.put("checkpoint.damaged", (long) damaged);
  }

  /** The number of the checkpoint that was loaded, or written last; 0 for none. */
  long number() {
    return number;
  }

  /** Writes the next checkpoint, under a number above those of all before. */
  void write(long next, Map<String, byte[]> state) throws IOException {
    byte[] bytes = encode(state, next);
    try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
      out.force(true);
    }
    takeThePlaceOfCurrent();
    number = next;
    if (!named) {
      name();
    }
  }

  private void takeThePlaceOfCurrent() throws IOException {
    if (Files.exists(current) && !currentDamaged) {
      move(current, previous);
    }
    move(temporary, current);
    currentDamaged = false;
    forceDirectory();
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void forceDirectory() {
    try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // some systems cannot force a directory; the file itself is forced
    }
  }

  static byte[] encode(Map<String, byte[]> state, long number) {
    List<byte[]> parts = new ArrayList<>(2 * state.size());
    int length = 0;
    for (Map.Entry<String, byte[]> entry : new TreeMap<>(state).entrySet()) {
      byte[] path = entry.getKey().getBytes(StandardCharsets.UTF_8);
      parts.add(path);
      parts.add(entry.getValue());
      length = Math.addExact(length, 4 + path.length + 4 + entry.getValue().length);
    }
    ByteBuffer whole = ByteBuffer.allocate(HEAD + length + 4);
    whole.putInt(MAGIC).putInt(VERSION).putLong(number).putInt(length);
    parts.forEach(part -> whole.putInt(part.length).put(part));
    whole.putInt(checksum(whole.array(), whole.position()));
    return whole.array();
  }

  /**
   * The state in a checkpoint's bytes.
   *
   * @throws IllegalArgumentException if they are not a whole checkpoint of a version that this library reads
   */
  static Map<String, byte[]> decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < HEAD + 4 || in.getInt() != MAGIC) {
      throw new IllegalArgumentException("not a checkpoint");
    }
    int version = in.getInt();
    if (version != VERSION) {
      throw new IllegalArgumentException("version " + version + ", this library reads version " + VERSION);
    }
    in.getLong();
    int length = in.getInt();
    if (length != bytes.length - HEAD - 4) {
      throw new IllegalArgumentException("cut off: " + bytes.length + " bytes, should be " + (length + HEAD + 4L));
    }
    if (checksum(bytes, HEAD + length) != in.getInt(HEAD + length)) {
      throw new IllegalArgumentException("checksum does not fit");
    }
    Map<String, byte[]> state = new TreeMap<>();
    try (DataInputStream body = new DataInputStream(new java.io.ByteArrayInputStream(bytes, HEAD, length))) {
      while (body.available() > 0) {
        byte[] path = new byte[body.readInt()];
        body.readFully(path);
        byte[] value = new byte[body.readInt()];
        body.readFully(value);
        state.put(new String(path, StandardCharsets.UTF_8), value);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("body does not fit its form", e);
    }
    return state;
  }

  private static long numberOf(byte[] bytes) {
    return bytes.length < HEAD ? 0 : ByteBuffer.wrap(bytes).getLong(8);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    try {
      lock.release();
      lockFile.close();
    } catch (IOException e) {
      // the lock goes with the process at the latest
    }
  }
}
