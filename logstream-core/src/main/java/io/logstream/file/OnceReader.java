package io.logstream.file;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.Reader;
import io.logstream.SourceContext;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;

/** Reads files to their end, those of one log one after the other, the logs in turns. */
final class OnceReader implements Reader {
  private static final long TURN = 256 * 1024;

  private record Part(Path path, long modified) {}

  /** A log and its files. Those before {@code at} are done. */
  private static final class Parts {
    final Log log;
    final List<Path> paths;
    final FileMark.Entry[] entries;
    final FileLines.Counts counts;
    int at;
    FileLines lines;
    Content content;
    long turn;

    Parts(Log log, List<Path> paths) {
      this.log = log;
      this.counts = FileLines.Counts.of(log);
      this.paths = paths;
      this.entries = new FileMark.Entry[paths.size()];
    }

    FileMark mark() {
      List<FileMark.Entry> known = new ArrayList<>();
      for (FileMark.Entry entry : entries) {
        if (entry != null) {
          known.add(entry);
        }
      }
      return new FileMark(paths.size(), known, List.of(), List.of());
    }
  }

  private final FileTail description;
  private final SourceContext context;
  private final List<Parts> logs = new ArrayList<>();
  private final ArrayDeque<Parts> toAnnounce = new ArrayDeque<>();
  private final ArrayDeque<Parts> toRead = new ArrayDeque<>();

  OnceReader(FileTail description, SourceContext context) {
    this.description = description;
    this.context = context;
    Map<Path, List<Part>> families = new LinkedHashMap<>();
    for (Path path : description.paths) {
      Path family = description.oneLog ? description.paths.get(0) : path.resolveSibling(RotationNames.family(path.getFileName().toString()));
      families.computeIfAbsent(family, f -> new ArrayList<>()).add(new Part(path, modified(path)));
    }
    for (Map.Entry<Path, List<Part>> family : families.entrySet()) {
      List<Part> parts = family.getValue();
      Path named = parts.size() == 1 ? parts.get(0).path : family.getKey();
      if (!description.oneLog && parts.size() > 1) {
        Comparator<String> byName = RotationNames.byAge(named.getFileName().toString());
        parts.sort(Comparator.comparing((Part p) -> p.path.getFileName().toString(), byName).thenComparingLong(Part::modified));
      }
      List<Path> paths = new ArrayList<>();
      for (Part part : parts) {
        paths.add(part.path);
      }
      Parts log = new Parts(context.log(named.toString(), Map.of("file", named.toString())), List.copyOf(paths));
      restore(log);
      logs.add(log);
      toAnnounce.add(log);
      toRead.add(log);
    }
  }

  private static long modified(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        throw refusal(path, "is a directory; name the files in it", null);
      }
      if (!Files.isReadable(path)) {
        throw refusal(path, "may not be read", null);
      }
      Compression compression = Compression.of(path.getFileName().toString());
      if (compression != null) {
        compression.refuseIfMissing(path);
      }
      return attributes.lastModifiedTime().toMillis();
    } catch (Compression.MissingException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw refusal(path, "does not exist", e);
    } catch (IOException e) {
      throw refusal(path, "cannot be read: " + e, e);
    }
  }

  private static IllegalArgumentException refusal(Path path, String what, Exception cause) {
    return new IllegalArgumentException(path + " " + what + "; FileTail.once(..) reads files that are there, FileTail.of(..) waits for them", cause);
  }

  private void restore(Parts log) {
    byte[] saved = context.saved().get(log.log.key());
    if (saved != null) {
      try {
        for (FileMark.Entry entry : FileMark.decode(saved).files()) {
          int at = log.paths.indexOf(Path.of(entry.key()));
          if (at >= 0) {
            log.entries[at] = entry;
          }
        }
      } catch (IOException | RuntimeException e) {
        context.warn("the position saved for " + log.log.key() + " cannot be read (" + e.getMessage() + "); it is read from the beginning");
      }
    }
  }

  @Override
  public Found poll(Batch batch) throws IOException {
    Parts announced = toAnnounce.poll();
    if (announced != null) {
      batch.begin(announced.log, "");
      batch.mark(announced.mark());
      return Found.SOMETHING;
    }
    while (!toRead.isEmpty()) {
      Parts log = toRead.peek();
      if (read(log, batch)) {
        if (log.turn >= TURN) {
          log.turn = 0;
          toRead.add(toRead.poll());
        }
        return Found.SOMETHING;
      }
      toRead.poll();
      batch.begin(log.log, "");
      batch.finished();
      batch.mark(log.mark());
      return Found.SOMETHING;
    }
    return Found.END;
  }

  private boolean read(Parts log, Batch batch) throws IOException {
    for (; log.at < log.paths.size(); next(log)) {
      try {
        if (log.content == null) {
          open(log);
        }
        long before = log.lines.offset();
        FileLines.Outcome outcome = log.lines.read(log.content, batch, log.log, log.content.size(), true);
        if (outcome == FileLines.Outcome.LINES) {
          log.entries[log.at] = log.lines.entry(0, false, "");
          log.turn += log.lines.offset() - before;
          batch.mark(log.mark());
          return true;
        }
        if (outcome == FileLines.Outcome.REPLACED) {
          damaged(log, "was changed while it was read", "changed while it was read");
        } else if (log.content instanceof CompressedContent compressed && compressed.damage() != null) {
          damaged(log, "is damaged: " + compressed.damage().getMessage(), Archives.DAMAGED);
        }
      } catch (ZipException | EOFException e) {
        damaged(log, "is not a gzip file: " + e.getMessage(), Archives.DAMAGED);
      }
    }
    return false;
  }

  private void damaged(Parts log, String what, String reason) {
    Path path = log.paths.get(log.at);
    context.counter("damagedFiles").increment();
    context.unread(log.log, size(path), reason);
    context.warn(path + " " + what + "; what was read before is delivered, offset " + log.lines.offset());
  }

  private static long size(Path path) {
    try {
      return Math.max(1, Files.size(path));
    } catch (IOException e) {
      return 1;
    }
  }

  private void open(Parts log) throws IOException {
    Path path = log.paths.get(log.at);
    String label = path.getFileName().toString();
    FileMark.Entry entry = log.entries[log.at];
    log.lines = new FileLines(path.toString(), () -> label, description, log.counts);
    Compression compression = Compression.of(label);
    log.content = compression == null ? Content.open(path) : new CompressedContent(() -> compression.open(Files.newInputStream(path), path));
    if (entry == null && description.since != null && compression == null) {
      log.lines.leaveOut(log.content, description.since, context, path.toString());
    } else if (entry == null && description.since != null) {
      context.warn(path + " is compressed and cannot be searched for " + description.since.time() + "; it is read from the beginning");
    }
    if (entry != null) {
      FileLines resumed = entry.fits(log.content) ? FileLines.resume(entry, path.toString(), () -> label, log.content, description, log.counts) : null;
      if (resumed != null) {
        log.lines = resumed;
      } else {
        context.warn(path + " is not the file any more that an earlier run read in part; it is read from the beginning");
      }
    }
  }

  private static void next(Parts log) {
    if (log.content != null) {
      try {
        log.content.close();
      } catch (IOException e) {
        // it was only read
      }
    }
    log.content = null;
    log.at++;
  }

  @Override
  public void close() {
    for (Parts log : logs) {
      if (log.content != null) {
        next(log);
      }
    }
  }
}
