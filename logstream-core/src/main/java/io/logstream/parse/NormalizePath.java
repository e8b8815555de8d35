package io.logstream.parse;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A stage that makes routes of paths, so that they can be counted: {@code /orders/123?page=2} becomes {@code /orders/{id}}. What stands
 * behind {@code ?}, {@code #} or {@code ;} is cut off, and each part between slashes that is data is replaced:
 *
 * <ul>
 *   <li>digits by {@code {id}}; a date such as {@code 2024-05-01} by {@code {date}};
 *   <li>a UUID by {@code {uuid}}; eight hexadecimal digits or more, a decimal one among them, by {@code {hex}};
 *   <li>an e-mail address by {@code {email}}; other parts of twenty letters and digits or more, both among them, by {@code {token}}.
 * </ul>
 *
 * <p>The ending of a file's name stays: {@code /img/42.png} becomes {@code /img/{id}.png}. The route replaces the path unless {@link #into}
 * names another field. An event without the field passes as it is. Stateless, immutable.
 */
public final class NormalizePath implements Stage {
  private final String field;
  private final String into;

  private NormalizePath(String field, String into) {
    this.field = field;
    this.into = into;
  }

  /** The path in this field. */
  public static NormalizePath of(String field) {
    return new NormalizePath(Objects.requireNonNull(field, "field"), field);
  }

  /** Puts the route into this field, and leaves the path as it is. */
  public NormalizePath into(String other) {
    return new NormalizePath(field, Objects.requireNonNull(other, "field"));
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.reading(field).yields(into, FieldUse.Type.TEXT);
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    return new Normalizing(new TextField(context, field), context.key(into));
  }

  @Override
  public String toString() {
    return "of " + field + (into.equals(field) ? "" : " into " + into);
  }

  private static final class Normalizing implements Processor {
    private static final byte[] ID = "{id}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATE = "{date}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UUID = "{uuid}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEX = "{hex}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EMAIL = "{email}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TOKEN = "{token}".getBytes(StandardCharsets.US_ASCII);
    private static final int UUID_LENGTH = 36;
    private static final int LONGEST_ENDING = 5;

    private final TextField text;
    private final FieldKey into;
    private byte[] route = new byte[256];
    private int used;

    Normalizing(TextField text, FieldKey into) {
      this.text = text;
      this.into = into;
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      if (text.read(event)) {
        normalize(event);
      }
      out.emit(event);
    }

    private void normalize(LogEvent event) {
      byte[] b = text.bytes;
      int to = text.from;
      while (to < text.to && b[to] != '?' && b[to] != '#' && b[to] != ';') {
        to++;
      }
      used = 0;
      int done = text.from;
      for (int at = text.from; at <= to; ) {
        int slash = Bytes.find(b, at, to, (byte) '/');
        int end = slash < 0 ? to : slash;
        int stem = stem(b, at, end);
        byte[] instead = instead(b, at, end);
        if (instead == null && stem < end) {
          instead = instead(b, at, stem);
        } else {
          stem = end;
        }
        if (instead != null) {
          add(b, done, at);
          add(instead, 0, instead.length);
          done = stem;
        }
        at = end + 1;
      }
      if (done == text.from) {
        text.put(event, into, text.from, to);
        return;
      }
      add(b, done, to);
      long span = event.append(route, 0, used);
      event.put(into, Span.from(span), Span.to(span));
      if (route.length > 1 << 16) {
        route = new byte[256];
      }
    }

    private void add(byte[] from, int begin, int end) {
      if (route.length - used < end - begin) {
        route = Arrays.copyOf(route, Math.max(2 * route.length, used + end - begin));
      }
      System.arraycopy(from, begin, route, used, end - begin);
      used += end - begin;
    }

    /** Where the ending of a file's name begins, or the end. */
    private static int stem(byte[] b, int from, int to) {
      for (int at = to - 1; at > from && at >= to - 1 - LONGEST_ENDING; at--) {
        if (b[at] == '.') {
          return at < to - 1 ? at : to;
        }
        if (!isLetter(b[at]) && !Bytes.isDigit(b[at])) {
          return to;
        }
      }
      return to;
    }

    private static boolean isLetter(byte c) {
      int letter = c | 0x20;
      return letter >= 'a' && letter <= 'z';
    }

    /** What stands for this part, or null where it stays. */
    private static byte[] instead(byte[] b, int from, int to) {
      int length = to - from;
      int digits = 0;
      int letters = 0;
      int hexLetters = 0;
      int dashes = 0;
      int at = -1;
      int dots = 0;
      for (int i = from; i < to; i++) {
        byte c = b[i];
        if (Bytes.isDigit(c)) {
          digits++;
        } else if (isLetter(c)) {
          letters++;
          hexLetters += Bytes.hex(c) >= 0 ? 1 : 0;
        } else if (c == '-') {
          dashes++;
        } else if (at < 0 && (c == '@' || c == '%' && i + 2 < to && b[i + 1] == '4' && b[i + 2] == '0')) {
          at = i;
          dots = 0;
        } else if (c == '.') {
          dots++;
        }
      }
      if (at > from && dots > 0 && b[to - 1] != '.' && at < to - 3) {
        return EMAIL;
      }
      if (length == 0 || digits == 0) {
        return null;
      }
      if (digits == length) {
        return ID;
      }
      boolean words = letters + digits + dashes == length;
      if (length == UUID_LENGTH && words && dashes == 4 && hexLetters == letters && b[from + 8] == '-' && b[from + 13] == '-' && b[from + 18] == '-'
          && b[from + 23] == '-') {
        return UUID;
      }
      if (length == 10 && digits == 8 && b[from + 4] == '-' && b[from + 7] == '-') {
        return DATE;
      }
      if (length >= 8 && hexLetters + digits == length) {
        return HEX;
      }
      return length >= 20 && letters + digits == length ? TOKEN : null;
    }
  }
}
