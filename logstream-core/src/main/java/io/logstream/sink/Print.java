package io.logstream.sink;

import io.logstream.Emitter;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/**
 * Prints events for people to read: the message, or for an event without one its fields as {@code name=value}. Control characters in
 * what is printed are shown as {@code \x1b} and the like, so that a log line cannot steer a terminal; {@link #raw} leaves them. Shown
 * as soon as nothing more comes. Blocks, so it has an outbox. Immutable.
 */
public final class Print implements Sink {
  private enum Form { TEXT, RAW, JSON }

  private final PrintStream to;
  private final Form form;

  private Print(PrintStream to, Form form) {
    this.to = to;
    this.form = form;
  }

  /** Prints to standard output, as it is when the pipeline starts. */
  public static Print toStdout() {
    return new Print(null, Form.TEXT);
  }

  /** Prints to a stream, which stays open. */
  public static Print to(PrintStream stream) {
    return new Print(Objects.requireNonNull(stream, "stream"), Form.TEXT);
  }

  /** Prints messages byte for byte as they came. */
  public Print raw() {
    return new Print(to, Form.RAW);
  }

  /** Prints JSON objects, one a line, in the form of {@link JsonLines}. */
  public Print json() {
    return new Print(to, Form.JSON);
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
    return new Printing(to == null ? System.out : to, form);
  }

  private static final class Printing implements Processor {
    private final Form form;
    private final OutputStream out;
    private final EventJson json = new EventJson();

    Printing(PrintStream stream, Form form) {
      this.form = form;
      this.out = new BufferedOutputStream(new LeftOpen(stream), 1 << 15);
    }

    @Override
    public void process(LogEvent event, Emitter emitter) throws IOException {
      if (form == Form.JSON) {
        print(json.line(event));
      } else if (event.to() == event.from() && !event.fields().isEmpty()) {
        print(fields(event));
      } else if (form == Form.RAW) {
        out.write(event.bytes(), event.from(), event.to() - event.from());
      } else {
        print(event.message());
      }
      if (form != Form.JSON) {
        out.write('\n');
      }
      emitter.absorb(event);
    }

    /** JSON escapes control characters below the blank; those above letters steer terminals as well. */
    private void print(EventJson.Line line) throws IOException {
      byte[] bytes = line.bytes();
      int shown = 0;
      for (int i = 0; i < line.size(); i++) {
        boolean delete = bytes[i] == 0x7F;
        if (delete || bytes[i] == (byte) 0xC2 && bytes[i + 1] < (byte) 0xA0) {
          out.write(bytes, shown, i - shown);
          int control = delete ? 0x7F : bytes[++i] & 0xFF;
          out.write(new byte[] {'\\', 'u', '0', '0', (byte) Character.forDigit(control >> 4, 16), (byte) Character.forDigit(control & 15, 16)});
          shown = i + 1;
        }
      }
      out.write(bytes, shown, line.size() - shown);
    }

    private static String fields(LogEvent event) {
      StringBuilder text = new StringBuilder(event.time().toString());
      for (Map.Entry<String, Object> field : event.fields().entrySet()) {
        text.append(' ').append(field.getKey()).append('=').append(field.getValue());
      }
      return text.toString();
    }

    private void print(String text) throws IOException {
      StringBuilder safe = null;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (Character.isISOControl(c) && c != '\t' && c != '\n') {
          if (safe == null) {
            safe = new StringBuilder(text.length() + 16).append(text, 0, i);
          }
          safe.append("\\x").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
        } else if (safe != null) {
          safe.append(c);
        }
      }
      out.write((safe == null ? text : safe.toString()).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void onQuiet() throws IOException {
      flush();
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }

  /** The stream is not ours to close. */
  private static final class LeftOpen extends FilterOutputStream {
    LeftOpen(PrintStream stream) {
      super(stream);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
