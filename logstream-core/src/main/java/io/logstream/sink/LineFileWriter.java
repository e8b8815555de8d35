package io.logstream.sink;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.InstantSource;

/** Writes events as lines to a {@link LineFile}. */
final class LineFileWriter implements Processor {
  /** How an event becomes a line. */
  interface Format {
    /** What a file begins with. */
    default void head(OutputStream out) throws IOException {}

    /** Writes one event and the end of the line, whole or not at all. */
    void line(LogEvent event, OutputStream out) throws IOException;
  }

  private final LineFile file;
  private final Format format;
  private final InstantSource clock;
  /** When the present period ends, in milliseconds since 1970. */
  private long periodEnds = Long.MIN_VALUE;
  private boolean headed;

  LineFileWriter(LineFile file, Format format, InstantSource clock) {
    this.file = file;
    this.clock = clock;
    this.format = format;
  }

  @Override
  public void process(LogEvent event, Emitter out) throws IOException {
    if (periodEnds != Long.MAX_VALUE && clock.millis() >= periodEnds) {
      roll(out);
    }
    if (!headed) {
      if (file.isEmpty()) {
        format.head(file.out());
      }
      headed = true;
    }
    format.line(event, file.out());
    out.absorb(event);
  }

  private void roll(Emitter out) throws IOException {
    Instant next = file.roll();
    headed = false;
    periodEnds = next == null ? Long.MAX_VALUE : next.toEpochMilli();
    if (next != null) {
      out.atClock(next);
    }
  }

  @Override
  public void onClock(Instant deadline, Emitter out) throws IOException {
    roll(out);
  }

  @Override
  public void onQuiet() throws IOException {
    file.show();
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }

  @Override
  public void close() {
    file.close();
  }
}
