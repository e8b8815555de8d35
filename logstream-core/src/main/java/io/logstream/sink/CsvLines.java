package io.logstream.sink;

import io.logstream.FieldUse;
import io.logstream.FileUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A file of comma-separated values (RFC 4180, but with {@code \n} at the end of a line): a head with the columns' names, then one event
 * a line. A value with a comma, a quotation mark or a line end is put in quotation marks; an absent field is empty, an empty text is
 * {@code ""}. {@code time} is the event's time in ISO 8601 unless a field has that name, {@code message} its message. Lines are added to a file that is
 * there, unless it begins with other columns: then the pipeline does not start. Its directory is made when missing.
 *
 * <p>One run at a time may write to a file: a pipeline whose sinks share one is refused, but of two pipelines nobody knows. After a crash,
 * events since the last checkpoint are written again, behind what may be half a line. Blocks, so it has an outbox. Immutable.
 */
public final class CsvLines implements Sink {
  private static final int MOST_SHOWN = 1000;

  private final Path path;
  private final List<String> columns;
  private final char separator;
  private final LineFile.Rolling rolling;

  private CsvLines(Path path, List<String> columns, char separator, LineFile.Rolling rolling) {
    this.path = path;
    this.columns = columns;
    this.separator = separator;
    this.rolling = rolling;
  }

  /** A sink that writes to this file; say the {@link #columns} too. */
  public static CsvLines to(Path path) {
    return new CsvLines(Objects.requireNonNull(path, "path"), List.of(), ',', LineFile.Rolling.NEVER);
  }

  /** The fields to write, in this order. */
  public CsvLines columns(String... fields) {
    Objects.requireNonNull(fields, "fields of CsvLines.columns");
    List<String> named = List.of(fields);
    if (named.isEmpty() || named.stream().distinct().count() < named.size()) {
      throw new IllegalArgumentException("CsvLines needs at least one column, each once, was " + named);
    }
    return new CsvLines(path, named, separator, rolling);
  }

  /** Another character between values than the comma, such as {@code '\t'} or {@code ';'}. */
  public CsvLines separatedBy(char character) {
    if (character == '"' || character == '\n' || character == '\r' || character > 127) {
      throw new IllegalArgumentException("values are separated by an ASCII character other than a quotation mark or line end, was '" + character + "'");
    }
    return new CsvLines(path, columns, character, rolling);
  }

  /** Begins a new file at every full period of the clock, as {@link JsonLines#rollEvery}. */
  public CsvLines rollEvery(Duration period) {
    Objects.requireNonNull(period, "period of CsvLines.rollEvery");
    return new CsvLines(path, columns, separator, rolling.every(period));
  }

  /** Compresses every file that was moved aside, as {@link JsonLines#gzip}. */
  public CsvLines gzip() {
    return new CsvLines(path, columns, separator, rolling.compressed());
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.reading(columns.stream().filter(field -> !field.equals("time")).toArray(String[]::new));
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
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("CsvLines.to(" + path + ") needs .columns(..): which fields to write, in which order");
    }
    rolling.check("CsvLines");
    return this;
  }

  @Override
  public Processor open(StageContext context) {
    Format format = new Format();
    byte[] head = format.head().getBytes(StandardCharsets.UTF_8);
    LineFile file = null;
    try {
      removeTornHead(head);
      file = new LineFile(path, rolling, context);
      refuseOtherColumns(head);
      return new LineFileWriter(file, format, context.clock());
    } catch (IOException | RuntimeException e) {
      if (file != null) {
        file.close();
      }
      throw e instanceof IOException io ? new UncheckedIOException("sink '" + context.name() + "' cannot read " + path + ": " + e.getMessage(), io) : (RuntimeException) e;
    }
  }

  /** A crash may have left a part of the head and nothing else. */
  private void removeTornHead(byte[] head) throws IOException {
    if (!Files.isRegularFile(path) || Files.size(path) >= head.length) {
      return;
    }
    byte[] there = Files.readAllBytes(path);
    if (Arrays.equals(there, Arrays.copyOf(head, there.length))) {
      Files.write(path, new byte[0]);
    }
  }

  /** Lines are added to a file only under the head that they have. */
  private void refuseOtherColumns(byte[] head) throws IOException {
    if (!Files.isRegularFile(path)) {
      return; // what is written to a pipe or a device cannot be read again
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] there = in.readNBytes(head.length);
      if (there.length > 0 && !Arrays.equals(there, head)) {
        String came = new String(there, StandardCharsets.UTF_8) + new String(in.readNBytes(MOST_SHOWN), StandardCharsets.UTF_8);
        throw new IllegalArgumentException("the file " + path + " begins with other columns, " + came.lines().findFirst().orElse("") + ", than those to be written, " + new String(head, StandardCharsets.UTF_8).strip()
            + ": name another file, or move this one away");
      }
    }
  }

  @Override
  public String toString() {
    return "to " + path + rolling;
  }

  private final class Format implements LineFileWriter.Format {
    private final StringBuilder line = new StringBuilder();

    String head() {
      line.setLength(0);
      for (int i = 0; i < columns.size(); i++) {
        put(i, columns.get(i));
      }
      return line.append('\n').toString();
    }

    @Override
    public void head(OutputStream out) throws IOException {
      out.write(head().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void line(LogEvent event, OutputStream out) throws IOException {
      line.setLength(0);
      for (int i = 0; i < columns.size(); i++) {
        Object value = event.value(columns.get(i));
        if (value == null && columns.get(i).equals("time")) {
          value = event.time();
        }
        put(i, value == null ? null : value.toString());
      }
      end(out);
    }

    private void put(int column, String value) {
      if (column > 0) {
        line.append(separator);
      }
      if (value == null) {
        return;
      }
      if (!value.isEmpty() && value.chars().noneMatch(c -> c == separator || c == '"' || c == '\n' || c == '\r')) {
        line.append(value);
      } else {
        line.append('"').append(value.replace("\"", "\"\"")).append('"');
      }
    }

    private void end(OutputStream out) throws IOException {
      out.write(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
    }
  }
}
