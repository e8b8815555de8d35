package io.logstream.testing;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Writes lines into a file as processes and log rotation do: in torn pieces that end anywhere, in the middle of a character too, with
 * rotations in between, by renaming to {@code file.1}, {@code file.2} and so on, or by copying and truncating. A test reads between its
 * steps. Equal seeds write the same.
 *
 * <pre>{@code
 * try (WrittenLog log = WrittenLog.seed(42, file, lines)) {
 *   while (log.step()) { run.work(); }
 * }
 * }</pre>
 *
 * <p>One thread.
 */
public final class WrittenLog implements Closeable {
  private final Random random;
  private final Path file;
  private final List<byte[]> lines;
  private FileChannel channel;
  private ByteBuffer piece = ByteBuffer.allocate(0);
  private int next;
  private int generations;

  private WrittenLog(long seed, Path file, List<byte[]> lines) throws IOException {
    this.random = new Random(seed);
    this.file = file;
    this.lines = List.copyOf(lines);
    open();
  }

  /** A writer of these lines, which get a line feed each, into a file that it makes. */
  public static WrittenLog seed(long seed, Path file, List<byte[]> lines) throws IOException {
    Objects.requireNonNull(file, "file of WrittenLog.seed");
    Objects.requireNonNull(lines, "lines of WrittenLog.seed");
    return new WrittenLog(seed, file, lines);
  }

  private void open() throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  /**
   * Writes a piece, or rotates.
   *
   * @return whether there is more to do
   */
  public boolean step() throws IOException {
    if (!piece.hasRemaining()) {
      if (next == lines.size()) {
        return false;
      }
      if (next > 0 && random.nextInt(30) == 0) {
        rotate();
        return true;
      }
      take();
    }
    int whole = piece.limit();
    piece.limit(Math.min(whole, piece.position() + 1 + random.nextInt(whole)));
    while (piece.hasRemaining()) {
      channel.write(piece);
    }
    piece.limit(whole);
    return true;
  }

  /** Some lines, which the process hands to the system together. */
  private void take() {
    int upTo = Math.min(lines.size(), next + 1 + random.nextInt(5));
    int size = lines.subList(next, upTo).stream().mapToInt(line -> line.length + 1).sum();
    piece = ByteBuffer.allocate(size);
    for (; next < upTo; next++) {
      piece.put(lines.get(next)).put((byte) '\n');
    }
    piece.flip();
  }

  private Path generation(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  private void rotate() throws IOException {
    for (int number = generations; number >= 1; number--) {
      Files.move(generation(number), generation(number + 1), StandardCopyOption.REPLACE_EXISTING);
    }
    generations++;
    if (random.nextBoolean()) {
      Files.copy(file, generation(1));
      channel.truncate(0);
    } else {
      Files.move(file, generation(1));
      channel.close();
      open();
    }
  }

  /** Closes the file. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
