package io.logstream.file;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;

/** Writes numbered lines with checksums to a file and rotates it in all the ways that are known. After every single step it calls back. */
final class LogWriter implements AutoCloseable {
  final List<String> written = new ArrayList<>();
  final Path live;
  private final Random random;
  private final Runnable step;
  private final boolean append;
  private final String end;
  private final String header;
  private final Charset charset;
  private FileChannel out;
  private int number;
  /** Where in {@link #written} the content of each file begins, the last being the present live one. */
  final List<Integer> begins = new ArrayList<>();
  /** Whether a line has been read. */
  Predicate<String> hasCome = line -> false;
  /** Lines that are in no file any more: written to one that was compressed, of which nothing had been read yet. */
  final Set<String> notPacked = new HashSet<>();
  private int renamed;
  int longest = 300;

  LogWriter(Path live, Random random, boolean append, String end, String header, Runnable step) {
    this(live, random, append, end, header, StandardCharsets.UTF_8, step);
  }

  /** In any charset but UTF-8, every file begins with the mark. */
  LogWriter(Path live, Random random, boolean append, String end, String header, Charset charset, Runnable step) {
    this.charset = charset;
    this.live = live;
    this.random = random;
    this.append = append;
    this.end = end;
    this.header = header;
    this.step = step;
    open();
  }

  private static <T> T io(IoCall<T> call) {
    try {
      return call.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  interface IoCall<T> {
    T run() throws IOException;
  }

  private void open() {
    out = append ? io(() -> FileChannel.open(live, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND))
        : io(() -> FileChannel.open(live, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    header();
  }

  private void header() {
    begins.add(written.size());
    if (!charset.equals(StandardCharsets.UTF_8)) {
      put(out, "\uFEFF");
    }
    if (!header.isEmpty()) {
      written.add(header);
      put(out, header + end);
    }
  }

  private void put(FileChannel to, String text) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(charset));
    io(() -> {
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
      return null;
    });
  }

  String newLine() {
    int length = random.nextInt(longest);
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(number % 7 == 0 ? "äß\u20ac\ud83d\ude00" : "payload ");
    }
    CRC32 crc = new CRC32();
    crc.update(text.toString().getBytes(StandardCharsets.UTF_8));
    String line = String.format(Locale.ROOT, "%08d %08x %s", number++, crc.getValue(), text);
    written.add(line);
    return line;
  }

  /** A line after which there is none. */
  void last(int n) {
    number = n;
    put(out, newLine() + end);
  }

  void lines(int n) {
    for (int i = 0; i < n; i++) {
      String line = newLine() + end;
      if (random.nextInt(20) == 0) {
        int at = random.nextInt(line.length());
        at = Character.isLowSurrogate(line.charAt(at)) ? at - 1 : at;
        put(out, line.substring(0, at));
        step.run();
        put(out, line.substring(at));
      } else {
        put(out, line);
      }
      step.run();
    }
  }

  private Path numbered(int n) {
    return live.resolveSibling(live.getFileName() + "." + n);
  }

  private void move(Path from, Path to) {
    io(() -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE));
    step.run();
  }

  private void shift() {
    int last = 1;
    while (Files.exists(numbered(last))) {
      last++;
    }
    for (int i = last; i > 1; i--) {
      move(numbered(i - 1), numbered(i));
    }
  }

  private void closeOut(FileChannel channel) {
    io(() -> {
      channel.close();
      return null;
    });
  }

  void rename() {
    shift();
    move(live, numbered(1));
    closeOut(out);
    open();
    step.run();
  }

  Path renameDate() {
    Path rotated = live.resolveSibling(live.getFileName() + String.format(Locale.ROOT, "-2026%04d", ++renamed));
    move(live, rotated);
    closeOut(out);
    open();
    step.run();
    return rotated;
  }

  /** Renamed, and a moment later compressed as gzip does it: the compressed file grows beside the plain one, which then goes. */
  void compress(Runnable moment) {
    Path rotated = renameDate();
    moment.run();
    Path packed = rotated.resolveSibling(rotated.getFileName() + ".gz");
    io(() -> {
      byte[] all = Files.readAllBytes(rotated);
      try (OutputStream to = new GZIPOutputStream(Files.newOutputStream(packed))) {
        to.write(all, 0, all.length / 2);
        to.flush();
        step.run();
        to.write(all, all.length / 2, all.length - all.length / 2);
      }
      Files.setLastModifiedTime(packed, Files.getLastModifiedTime(rotated));
      step.run();
      Files.delete(rotated);
      return null;
    });
    step.run();
  }

  /**
   * As logrotate does it that compresses at once: the compressed generations and the live file are shifted, a new one is made, and what was
   * live is compressed, while the server still writes to it for a moment.
   *
   * @param linesMeanwhile how many lines are written to what is being compressed
   */
  void compressAtOnce(int linesMeanwhile) {
    shiftPacked();
    Path plain = numbered(1);
    move(live, plain);
    io(() -> Files.createFile(live));
    step.run();
    lines(linesMeanwhile / 2);
    pack(plain, () -> {
      int packedTo = written.size();
      lines(linesMeanwhile - linesMeanwhile / 2);
      int begin = begins.get(begins.size() - 1);
      if (begin == packedTo || !hasCome.test(written.get(begin))) {
        notPacked.addAll(written.subList(packedTo, written.size()));
      }
    });
    closeOut(out);
    open();
    step.run();
  }

  /** A copy, then the truncation, and the copy is compressed at once. */
  void copyTruncateAndCompress(int linesMeanwhile) {
    shiftPacked();
    copyTruncate(linesMeanwhile);
    pack(numbered(1), () -> { });
  }

  private void shiftPacked() {
    int last = 1;
    while (Files.exists(packed(last))) {
      last++;
    }
    for (int i = last; i > 1; i--) {
      move(packed(i - 1), packed(i));
    }
  }

  /** As gzip does it: the compressed file grows beside the plain one, which then goes. */
  private void pack(Path plain, Runnable whenRead) {
    try (FileChannel from = io(() -> FileChannel.open(plain, StandardOpenOption.READ));
        OutputStream to = new GZIPOutputStream(Files.newOutputStream(packed(1)), 512, true)) {
      step.run();
      byte[] bytes = new byte[1 + random.nextInt(8192)];
      for (int got = from.read(ByteBuffer.wrap(bytes)); got > 0; got = from.read(ByteBuffer.wrap(bytes))) {
        to.write(bytes, 0, got);
        to.flush();
        step.run();
      }
      whenRead.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    step.run();
    io(() -> {
      Files.setLastModifiedTime(packed(1), Files.getLastModifiedTime(plain));
      Files.delete(plain);
      return null;
    });
    step.run();
  }

  private Path packed(int n) {
    return live.resolveSibling(live.getFileName() + "." + n + ".gz");
  }

  /** The writer goes on in the old file while the new one lies empty. */
  void renameLate() {
    shift();
    move(live, numbered(1));
    io(() -> Files.createFile(live));
    step.run();
    lines(20);
    closeOut(out);
    open();
    step.run();
  }

  /** Half of a line before the rename, half after. */
  void midline() {
    String line = newLine();
    int half = 12;
    put(out, line.substring(0, half));
    step.run();
    shift();
    move(live, numbered(1));
    io(() -> Files.createFile(live));
    step.run();
    put(out, line.substring(half) + end);
    step.run();
    closeOut(out);
    open();
    step.run();
  }

  void delete() {
    io(() -> {
      Files.delete(live);
      return null;
    });
    step.run();
    closeOut(out);
    open();
    step.run();
  }

  /** The live name is a symbolic link, switched to a new file in another directory. */
  void switchLink(Path elsewhere) {
    Path target = elsewhere.resolve("target-" + ++renamed);
    Path link = live.resolveSibling("new-link");
    io(() -> Files.createFile(target));
    io(() -> Files.createSymbolicLink(link, target));
    move(link, live);
    closeOut(out);
    open();
    step.run();
  }

  /** A copy in pieces, then the truncation. The writer writes on during the copy, but not between its end and the truncation. */
  void copyTruncate(int linesMeanwhile) {
    shift();
    try (FileChannel copy = io(() -> FileChannel.open(numbered(1), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        FileChannel from = io(() -> FileChannel.open(live, StandardOpenOption.READ))) {
      step.run();
      long at = 0;
      int meanwhile = linesMeanwhile;
      for (;;) {
        if (meanwhile-- > 0) {
          lines(1);
        }
        long position = at;
        long moved = io(() -> from.transferTo(position, 1 + random.nextInt(8192), copy));
        if (moved <= 0) {
          break;
        }
        at += moved;
        step.run();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    truncate();
  }

  private void truncate() {
    if (append) {
      io(() -> out.truncate(0));
      header();
    } else {
      try (FileChannel other = io(() -> FileChannel.open(live, StandardOpenOption.WRITE))) {
        io(() -> other.truncate(0));
        begins.add(written.size());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    step.run();
  }

  /** Truncated and at once grown beyond its old size, without a chance to look in between. */
  void truncateAndGrow(boolean copied) {
    if (copied) {
      shift();
      io(() -> Files.copy(live, numbered(1)));
      step.run();
    }
    long old = io(() -> Files.size(live));
    io(() -> out.truncate(0));
    begins.add(written.size());
    StringBuilder text = new StringBuilder();
    if (!header.isEmpty()) {
      written.add(header);
      text.append(header).append(end);
    }
    while (text.length() <= old) {
      text.append(newLine()).append(end);
    }
    put(out, text.toString());
    step.run();
  }

  /** The lines of each file, oldest first. */
  List<List<String>> generations() {
    List<List<String>> all = new ArrayList<>();
    for (int i = 0; i < begins.size(); i++) {
      all.add(written.subList(begins.get(i), i + 1 < begins.size() ? begins.get(i + 1) : written.size()));
    }
    return all;
  }

  /** What was lost, torn, or came at the wrong place, shortly; empty where all lines came once and in order. */
  String differences(List<String> came, List<String> positions) {
    Set<String> read = new HashSet<>(came);
    written.removeIf(line -> notPacked.contains(line) && !read.contains(line));
    if (came.equals(written)) {
      return "";
    }
    StringBuilder text = new StringBuilder(came.size() + " lines came, " + written.size() + " were written\n");
    Set<String> seen = new HashSet<>();
    Set<String> all = new HashSet<>(written);
    int expected = 0;
    for (int i = 0; i < came.size(); i++) {
      String line = came.get(i);
      if (expected < written.size() && !line.equals(written.get(expected))) {
        String what = !all.contains(line) ? "torn " : seen.contains(line) && line.length() < 299 ? "twice " : "instead of " + shortly(written.get(expected)) + " ";
        text.append(what).append(shortly(line)).append(" at ").append(positions.get(i)).append('\n');
      }
      if (all.contains(line) && !seen.contains(line)) {
        expected = written.indexOf(line) + 1;
      }
      seen.add(line);
    }
    written.stream().filter(line -> !seen.contains(line)).forEach(line -> text.append("lost ").append(shortly(line)).append('\n'));
    return text.toString();
  }

  private static String shortly(String line) {
    return line.substring(0, Math.min(25, line.length()));
  }

  void put(String text) {
    put(out, text);
    step.run();
  }

  @Override
  public void close() {
    closeOut(out);
  }
}
