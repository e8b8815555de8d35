package io.logstream.sink;

import io.logstream.FieldUse;
import io.logstream.FileUse;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * A file of JSON objects, one event a line: {@code time}, {@code message} unless empty, the fields, and {@code file}, {@code offset}, {@code
 * line} where known. Lines are added to a file that is there; its directory is made when missing. What was written is on the disk when
 * a checkpoint is taken, and can be read by others as soon as nothing more comes.
 *
 * <p>One run at a time may write to a file: a pipeline whose sinks share one is refused, but of two pipelines nobody knows. After a crash,
 * events since the last checkpoint are written again, behind what may be half a line. Blocks, so it has an outbox. Immutable.
 */
public final class JsonLines implements Sink {
  private final Path path;
  private final boolean ecs;
  private final LineFile.Rolling rolling;

  private JsonLines(Path path, boolean ecs, LineFile.Rolling rolling) {
    this.path = path;
    this.ecs = ecs;
    this.rolling = rolling;
  }

  /** A sink that writes to this file. */
  public static JsonLines to(Path path) {
    return new JsonLines(Objects.requireNonNull(path, "path"), false, LineFile.Rolling.NEVER);
  }

  /**
   * Writes objects within objects, with the names of the Elastic Common Schema, as Filebeat does: {@code @timestamp} for the time, {@code
   * host.name} for {@code host}, {@code log.file.path}, {@code log.offset} and {@code log.file.line} for {@code file}, {@code offset} and
   * {@code line}; a field whose name has dots stands within. {@code Filebeat.envelope()} reads them.
   */
  public JsonLines ecs() {
    return new JsonLines(path, true, rolling);
  }

  /**
   * Begins a new file at every full period of the clock, counted from 1970, UTC; a second at least. What was written before is moved
   * aside: {@code events.jsonl} to {@code events-2026-03-01T10-00-00Z.jsonl} for the hour that began then. A period without events makes no file.
   */
  public JsonLines rollEvery(Duration period) {
    Objects.requireNonNull(period, "period of JsonLines.rollEvery");
    return new JsonLines(path, ecs, rolling.every(period));
  }

  /** Compresses every file that was moved aside, with gzip, on the sink's own thread; the name gets {@code .gz} behind it. */
  public JsonLines gzip() {
    return new JsonLines(path, ecs, rolling.compressed());
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.none();
  }

  @Override
  public FileUse fileUse() {
    return FileUse.of(path);
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public Sink expanded() {
    rolling.check("JsonLines");
    return this;
  }

  @Override
  public Processor open(StageContext context) {
    EventJson json = ecs ? EventJson.ecs() : new EventJson();
    return new LineFileWriter(new LineFile(path, rolling, context), json::write, context.clock());
  }

  @Override
  public String toString() {
    return "to " + path + (ecs ? " as ECS" : "") + rolling;
  }
}
