package io.logstream.sink;

import io.logstream.StageContext;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * A file that lines are added to, by one thread. When a period of the clock is over it is moved aside under the period's beginning, and
 * compressed if so told; what a crash has left half done is completed at the next opening.
 */
final class LineFile implements AutoCloseable {
  /** How a file is rolled. Periods are aligned to 1970, UTC. */
  record Rolling(Duration every, boolean gzip) {
    static final Rolling NEVER = new Rolling(null, false);

    Rolling every(Duration period) {
      if (period.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException("rollEvery takes a second at least, was " + period);
      }
      return new Rolling(period, gzip);
    }

    Rolling compressed() {
      return new Rolling(every, true);
    }

    void check(String sink) {
      if (gzip && every == null) {
        throw new IllegalArgumentException(sink + ".gzip() compresses files that are complete, so it needs .rollEvery(..) beside it");
      }
    }

    @Override
    public String toString() {
      return every == null ? "" : ", rolled every " + every + (gzip ? ", gzip" : "");
    }

    private Instant periodOf(Instant time) {
      long millis = time.toEpochMilli();
      return Instant.ofEpochMilli(millis - Math.floorMod(millis, every.toMillis()));
    }
  }

  private static final DateTimeFormatter PERIOD = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final Pattern ASIDE = Pattern.compile("-\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ(\\.\\d+)?");

  private final Path path;
  private final String stem;
  private final String extension;
  private final Rolling rolling;
  private final StageContext context;
  private FileOutputStream file;
  private OutputStream out;
  private Instant period;

  LineFile(Path path, Rolling rolling, StageContext context) {
    this.path = path.toAbsolutePath();
    String name = path.getFileName().toString();
    int dot = name.lastIndexOf('.');
    this.stem = dot > 0 ? name.substring(0, dot) : name;
    this.extension = dot > 0 ? name.substring(dot) : "";
    this.rolling = rolling;
    this.context = context;
    try {
      Files.createDirectories(this.path.getParent());
      if (rolling.every != null) {
        rollWhatWasLeft();
        compressWhatWasLeft();
      }
      open();
    } catch (IOException e) {
      throw new UncheckedIOException("sink '" + context.name() + "' cannot write to " + path + ": " + e.getMessage(), e);
    }
  }

  private void open() throws IOException {
    boolean torn = endsInsideALine();
    file = new FileOutputStream(path.toFile(), true);
    out = new BufferedOutputStream(file, 1 << 16);
    if (torn) {
      out.write('\n');
    }
  }

  /** Whether a crash has left half a line, which must not spoil the one that comes. */
  private boolean endsInsideALine() throws IOException {
    if (!Files.isRegularFile(path) || Files.size(path) == 0) {
      return false;
    }
    try (RandomAccessFile there = new RandomAccessFile(path.toFile(), "r")) {
      there.seek(there.length() - 1);
      return there.read() != '\n';
    }
  }

  /** Where lines go. */
  OutputStream out() {
    return out;
  }

  /** Whether nothing has been written to the file. */
  boolean isEmpty() throws IOException {
    out.flush();
    return file.getChannel().size() == 0;
  }

  // ---------------------------------------------------------------- rolling

  /** Moves the file aside if its period is over. Returns when the present one ends; null if never. */
  Instant roll() throws IOException {
    if (rolling.every == null) {
      return null;
    }
    Instant now = rolling.periodOf(context.clock().instant());
    if (period == null) {
      period = now;
    } else if (now.isAfter(period)) {
      if (!isEmpty()) {
        flush();
        out.close();
        try {
          moveAside(period);
        } catch (IOException e) {
          context.warn(path + " cannot be rolled: " + e.getMessage() + "; what is left to do is done at the next start, lines go on into " + path.getFileName());
        }
        open();
      }
      period = now;
    }
    return period.plus(rolling.every);
  }

  private void rollWhatWasLeft() throws IOException {
    if (Files.isRegularFile(path) && Files.size(path) > 0) {
      Instant began = rolling.periodOf(Files.getLastModifiedTime(path).toInstant());
      if (began.isBefore(rolling.periodOf(context.clock().instant()))) {
        moveAside(began);
      }
    }
  }

  private void moveAside(Instant began) throws IOException {
    String named = stem + "-" + PERIOD.format(began);
    Path aside = path.resolveSibling(named + extension);
    for (int n = 1; Files.exists(aside) || Files.exists(gz(aside)); n++) {
      aside = path.resolveSibling(named + "." + n + extension);
    }
    Files.move(path, aside);
    if (rolling.gzip) {
      compress(aside);
    }
  }

  private static Path gz(Path of) {
    return of.resolveSibling(of.getFileName() + ".gz");
  }

  private static void compress(Path complete) throws IOException {
    Path whole = gz(complete);
    Path temporary = complete.resolveSibling(complete.getFileName() + ".gz.tmp");
    try (FileOutputStream to = new FileOutputStream(temporary.toFile()); GZIPOutputStream gzip = new GZIPOutputStream(to, 1 << 16)) {
      Files.copy(complete, gzip);
      gzip.finish();
      to.getFD().sync();
    }
    Files.move(temporary, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.delete(complete);
  }

  private void compressWhatWasLeft() throws IOException {
    if (!rolling.gzip) {
      return;
    }
    try (DirectoryStream<Path> there = Files.newDirectoryStream(path.getParent(), entry -> {
      String other = entry.getFileName().toString();
      return other.startsWith(stem) && other.endsWith(extension) && ASIDE.matcher(other.substring(stem.length(), Math.max(stem.length(), other.length() - extension.length()))).matches();
    })) {
      for (Path left : there) {
        compress(left);
      }
    }
  }

  // ---------------------------------------------------------------- end

  void show() throws IOException {
    out.flush();
  }

  void flush() throws IOException {
    out.flush();
    file.getFD().sync();
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
