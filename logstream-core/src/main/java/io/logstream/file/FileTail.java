package io.logstream.file;

import io.logstream.FieldUse;
import io.logstream.FileUse;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import io.logstream.Stage;
import io.logstream.TooLong;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * The source that reads log files: it follows a file, or all files that a pattern names, or reads files once to their end. A record is
 * a line, without its end ({@code \n} or {@code \r\n}); a last line without an end is held until it is complete.
 *
 * <p>A followed file is followed together with the names that rotation gives it: {@code name.*}, {@code name-*}, and with a date, a month or a
 * week before the ending ({@code app-2026-01-31.log} for {@code app.log}), others by {@link #generations}. Such a family is one
 * log, read in the order in which it was written, whether files are renamed, copied and truncated, deleted or replaced. While the
 * process lives every complete line is delivered exactly once. With {@link io.logstream.Pipeline#checkpointIn} a restart goes on where the
 * last run stopped. A missing file or directory is said once, in the log, and waited for; one that cannot be read is reported and tried again.
 *
 * <p>Without a checkpoint a followed file is read from its beginning, generations first, unless {@link #fromEnd} or {@link #since}. Generations
 * compressed as {@code .gz}, or as {@code .zst} where zstd-jni is on the class path, are read too; of one that is the copy of a file that was
 * read, only what was not read of that. Bytes that were destroyed before they could be read are shown by {@link io.logstream.Ledger#unread}.
 * Metrics of each log: {@code lag.bytes} and {@code lag.seconds}, {@code rotations}, {@code truncations}, {@code reopened}, {@code handles.held},
 * {@code truncatedLines} and {@code truncatedBytes} (what was cut off), {@code splitLines}; of the source: {@code handles.open}, {@code damagedFiles}.
 *
 * <p>Events have the fields {@code file}, the live name's path, {@code line}, counted from 1 in each file, and {@code offset}. A line is taken as
 * UTF-8, unless the file begins with the mark of UTF-16. Immutable; every word returns a new one. One thread reads all files of a source, in turns of at most 256 KiB.
 */
public final class FileTail implements Source {
  private static final int DEFAULT_MAX_RECORD = 1024 * 1024;
  private static final int GREATEST_MAX_RECORD = 1 << 30;

  private final String name;
  /** Null in a description of files that are read once. */
  final Following following;
  final List<Path> paths;
  final boolean oneLog;
  final int maxRecord;
  final TooLong tooLong;
  /** Where to start; null for the beginning. */
  final Since since;

  /** From which time on, and how that is found. */
  record Since(Instant time, TimeFinder finder) {}

  private FileTail(String name, Following following, List<Path> paths, boolean oneLog, int maxRecord, TooLong tooLong, Since since) {
    this.name = name;
    this.following = following;
    this.paths = paths;
    this.oneLog = oneLog;
    this.maxRecord = maxRecord;
    this.tooLong = tooLong;
    this.since = since;
  }

  // ---------------------------------------------------------------- what to read

  /** Follows a file and its rotated generations. */
  public static FileTail of(Path file) {
    Objects.requireNonNull(file, "file of FileTail.of");
    Path whole = file.toAbsolutePath().normalize();
    if (whole.getFileName() == null) {
      throw new IllegalArgumentException("a file to follow must have a name, was " + file);
    }
    String live = whole.getFileName().toString();
    return new FileTail(live, new Following(whole.getParent(), live, null), List.of(), false, DEFAULT_MAX_RECORD, TooLong.TRUNCATE, null);
  }

  /**
   * Follows all files in a directory whose names match, each with its rotated generations, each family a log of its own. A name is a
   * generation of another if it is that name with a number, a date or {@code old} behind a dot, dash or underscore.
   *
   * @param glob for the name alone, as in {@link java.nio.file.FileSystem#getPathMatcher}: {@code *.log}
   */
  public static FileTail matching(Path directory, String glob) {
    Objects.requireNonNull(directory, "directory of FileTail.matching");
    Objects.requireNonNull(glob, "glob of FileTail.matching");
    refuseBadGlob(glob);
    return new FileTail(glob, new Following(directory.toAbsolutePath().normalize(), null, glob), List.of(), false, DEFAULT_MAX_RECORD, TooLong.TRUNCATE, null);
  }

  /**
   * Reads files to their end, compressed ones ({@code .gz}, {@code .zst}) too, and then ends. Files whose names rotation gave belong to one log and are read
   * oldest first; others are logs of their own, read in turns. All of them are announced before the first line, so that a fast one
   * does not run ahead of the watermark. A last line without an end is a line. A missing file is refused at start.
   */
  public static FileTail once(Path... files) {
    Objects.requireNonNull(files, "files of FileTail.once");
    return once(List.of(files));
  }

  /** As {@link #once(Path...)}. */
  public static FileTail once(List<Path> files) {
    Objects.requireNonNull(files, "files of FileTail.once");
    if (files.isEmpty()) {
      throw new IllegalArgumentException("FileTail.once(..) needs at least one file");
    }
    List<Path> all = new ArrayList<>();
    for (Path file : files) {
      all.add(file.toAbsolutePath().normalize());
    }
    List<Path> whole = List.copyOf(all);
    for (Path file : whole) {
      if (file.getFileName() == null) {
        throw new IllegalArgumentException("a file to read must have a name, was " + file);
      }
    }
    if (whole.stream().distinct().count() < whole.size()) {
      throw new IllegalArgumentException("FileTail.once(..) was given a file twice: " + files);
    }
    String name = RotationNames.family(whole.get(0).getFileName().toString());
    return new FileTail(name, null, whole, false, DEFAULT_MAX_RECORD, TooLong.TRUNCATE, null);
  }

  // ---------------------------------------------------------------- how

  /** Leaves out files whose names match, also among rotated generations. May be said several times. */
  public FileTail excluding(String glob) {
    Objects.requireNonNull(glob, "glob of FileTail.excluding");
    refuseBadGlob(glob);
    return following("excluding", f -> f.excluded = Stream.concat(f.excluded.stream(), Stream.of(glob)).toList());
  }

  /**
   * Names, besides the usual ones, that rotation gives to the file of {@link #of}: what a program calls its archives, such as
   * {@code app-*.log.gz}. May be said several times.
   */
  public FileTail generations(String glob) {
    Objects.requireNonNull(glob, "glob of FileTail.generations");
    refuseBadGlob(glob);
    if (following != null && following.liveName == null) {
      throw new IllegalStateException("generations(..) is said of FileTail.of(..): among files that a pattern names, it cannot be told of which one they are");
    }
    return following("generations", f -> f.generations = Stream.concat(f.generations.stream(), Stream.of(glob)).toList());
  }

  /** Without a checkpoint, leaves out what is in the files at the start. */
  public FileTail fromEnd() {
    if (since != null) {
      throw new IllegalStateException("fromEnd() and since(..) say where to start: say one of them");
    }
    return following("fromEnd", f -> f.fromEnd = true);
  }

  /**
   * Leaves out events before this time. Where to start in a file is searched for by the times that its lines carry, less the time by which
   * the pipeline says they may be out of order; then older events are dropped where they get their time, counted as {@code before since}.
   * A file that cannot be searched, since it is compressed or no line carries a time, is read from its beginning; that is said in the log.
   * A checkpoint says better where to start.
   */
  public FileTail since(Instant time, TimeFinder finder) {
    if (following != null && following.fromEnd) {
      throw new IllegalStateException("fromEnd() and since(..) say where to start: say one of them");
    }
    return new FileTail(name, following, paths, oneLog, maxRecord, tooLong, new Since(Objects.requireNonNull(time, "time"), Objects.requireNonNull(finder, "finder")));
  }

  /** The longest line, in bytes of UTF-8; 1 MiB unless said. What becomes of a longer one, {@link #tooLong} says. */
  public FileTail maxRecord(int bytes) {
    if (bytes < 1 || bytes > GREATEST_MAX_RECORD) {
      throw new IllegalArgumentException("maxRecord must be from 1 to " + GREATEST_MAX_RECORD + " bytes, was " + bytes);
    }
    return new FileTail(name, following, paths, oneLog, bytes, tooLong, since);
  }

  /**
   * What becomes of a line that is longer than {@link #maxRecord}: its beginning is given, with the field {@code truncated} ({@code TRUNCATE},
   * unless said); it is given in parts, numbered by the field {@code part}, each with its own {@code offset}, and nothing is left out ({@code
   * SPLIT}); or its beginning fails, {@code too long} ({@code FAIL}). Whatever is said, the file is read on behind it. A {@link
   * io.logstream.Joiner} takes the parts for lines; behind {@code FAIL} it does not run in the reader.
   *
   * @throws IllegalArgumentException for {@code FORGET}: a line has nothing before it to be complete
   */
  public FileTail tooLong(TooLong what) {
    if (Objects.requireNonNull(what, "tooLong") == TooLong.FORGET) {
      throw new IllegalArgumentException("tooLong(FORGET) is for records of several lines; a line is cut (TRUNCATE), given in parts (SPLIT), or fails (FAIL)");
    }
    return new FileTail(name, following, paths, oneLog, maxRecord, what, since);
  }

  /** How long a change may go unnoticed where the file system does not tell of it; 250 ms unless said. */
  public FileTail rescanEvery(Duration every) {
    positive("rescanEvery", every);
    return following("rescanEvery", f -> f.rescan = every);
  }

  /**
   * How long a file that has lost its live name must not have grown until it is given up: then a last line without an end is
   * delivered as it is, and the file closed. 3 seconds unless said.
   */
  public FileTail keepRotatedFor(Duration time) {
    positive("keepRotatedFor", time);
    return following("keepRotatedFor", f -> f.keepRotated = time);
  }

  /**
   * How many files may be open at a time; 512 unless said. Of more, those that nothing was read from for the longest time are closed, and
   * opened again when they have grown. A file that has no name any more stays open until it is given up.
   */
  public FileTail openAtMost(int files) {
    if (files < 1) {
      throw new IllegalArgumentException("openAtMost must be at least 1, was " + files);
    }
    return following("openAtMost", f -> f.openAtMost = files);
  }

  /** Asks this for the file system, so that a test can have something happen between two questions. */
  FileTail on(Disk disk) {
    return following("on", f -> f.disk = disk);
  }

  /** Takes the files of {@link #once} as one log, in the order given. */
  public FileTail asOneLog() {
    if (following != null) {
      throw new IllegalStateException("asOneLog() is said of FileTail.once(..): a followed file and its generations are one log anyway");
    }
    return new FileTail(name, null, paths, true, maxRecord, tooLong, since);
  }

  private FileTail following(String word, Consumer<Following> change) {
    if (following == null) {
      throw new IllegalStateException(word + "(..) is said of files that are followed, not of FileTail.once(..)");
    }
    return new FileTail(name, following.with(change), paths, oneLog, maxRecord, tooLong, since);
  }

  private static void refuseBadGlob(String glob) {
    if (glob.isEmpty() || glob.indexOf('/') >= 0) {
      throw new IllegalArgumentException("a glob is for the name of a file in the directory, such as *.log, was '" + glob + "'");
    }
    try {
      FileSystems.getDefault().getPathMatcher("glob:" + glob);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("'" + glob + "' is no glob such as *.log: " + e.getDescription(), e);
    }
  }

  private static void positive(String what, Duration value) {
    if (Objects.requireNonNull(value, what).isNegative() || value.isZero()) {
      throw new IllegalArgumentException(what + " must be positive, was " + value);
    }
  }

  // ---------------------------------------------------------------- Source

  @Override
  public String name() {
    return name;
  }

  /** None but the built-in ones. */
  @Override
  public FieldUse fieldUse() {
    return FieldUse.none();
  }

  /** The file and what may be a generation of it, the files that match, or those that are read once. */
  @Override
  public FileUse fileUse() {
    if (following == null) {
      return FileUse.of(paths);
    }
    WantedNames wanted = new WantedNames(following);
    if (following.liveName != null) {
      Path live = following.dir.resolve(following.liveName);
      return FileUse.of(live).and(FileUse.matching(live + " and its generations", file -> isWanted(wanted, file)));
    }
    String without = following.excluded.isEmpty() ? "" : " without " + String.join(", ", following.excluded);
    return FileUse.matching(following.glob + " in " + following.dir + without, file -> isWanted(wanted, file) && wanted.isLive(file.getFileName().toString()));
  }

  private boolean isWanted(WantedNames wanted, Path file) {
    return following.dir.equals(file.getParent()) && wanted.includes(file.getFileName().toString());
  }

  @Override
  public List<Stage> stages() {
    return tooLong == TooLong.FAIL ? List.of(new TooLongLines(maxRecord)) : List.of();
  }

  @Override
  public Instant since() {
    return since == null ? null : since.time;
  }

  @Override
  public Reader open(SourceContext context) {
    return following == null ? new OnceReader(this, context) : new FollowReader(this, context);
  }

  @Override
  public String toString() {
    if (following == null) {
      return "FileTail.once(" + paths + ")";
    }
    return following.glob == null ? "FileTail.of(" + following.dir.resolve(following.liveName) + ")" : "FileTail.matching(" + following.dir + ", " + following.glob + ")";
  }
}
