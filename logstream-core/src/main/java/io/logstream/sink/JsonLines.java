package io.logstream.sink;

import io.logstream.Emitter;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A file of JSON objects, one event a line: {@code time}, {@code message} unless empty, the fields, and {@code file}, {@code offset}, {@code
 * line} where known. Lines are added to a file that is there; its directory is made when missing. What was written is on the disk when
 * a checkpoint is taken, and can be read by others as soon as nothing more comes.
 *
 * <p>After a crash, events since the last checkpoint are written again, behind what may be half a line. Blocks, so it has an outbox. Immutable.
 */
public final class JsonLines implements Sink {
  private final Path path;
  private final boolean ecs;

  private JsonLines(Path path, boolean ecs) {
    this.path = path;
    this.ecs = ecs;
  }

  /** A sink that writes to this file. */
  public static JsonLines to(Path path) {
    return new JsonLines(Objects.requireNonNull(path, "path"), false);
  }

  /**
   * Writes objects within objects, with the names of the Elastic Common Schema, as Filebeat does: {@code @timestamp} for the time, {@code
   * host.name} for {@code host}, {@code log.file.path}, {@code log.offset} and {@code log.file.line} for {@code file}, {@code offset} and
   * {@code line}; a field whose name has dots stands within. {@code Filebeat.envelope()} reads them.
   */
  public JsonLines ecs() {
    return new JsonLines(path, true);
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.none();
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    try {
      if (path.toAbsolutePath().getParent() != null) {
        Files.createDirectories(path.toAbsolutePath().getParent());
      }
      boolean torn = endsInsideALine(path);
      FileOutputStream file = new FileOutputStream(path.toFile(), true);
      if (torn) {
        file.write('\n');
      }
      return new Writing(file, ecs ? EventJson.ecs() : new EventJson());
    } catch (IOException e) {
      throw new UncheckedIOException("sink '" + context.name() + "' cannot write to " + path + ": " + e.getMessage(), e);
    }
  }

  /** Whether a crash has left half a line, which must not spoil the one that comes. */
  private static boolean endsInsideALine(Path path) throws IOException {
    if (!Files.isRegularFile(path) || Files.size(path) == 0) {
      return false;
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      file.seek(file.length() - 1);
      return file.read() != '\n';
    }
  }

  @Override
  public String toString() {
    return "to " + path + (ecs ? " as ECS" : "");
  }

  private static final class Writing implements Processor {
    private final EventJson json;
    private final FileOutputStream file;
    private final OutputStream out;

    Writing(FileOutputStream file, EventJson json) {
      this.json = json;
      this.file = file;
      this.out = new BufferedOutputStream(file, 1 << 16);
    }

    @Override
    public void process(LogEvent event, Emitter out) throws IOException {
      json.write(event, this.out);
      out.absorb(event);
    }

    @Override
    public void onQuiet() throws IOException {
      out.flush();
    }

    @Override
    public void flush() throws IOException {
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
}
