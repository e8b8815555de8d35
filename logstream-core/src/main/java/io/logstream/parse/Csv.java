package io.logstream.parse;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.Joiner;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.State;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A stage that makes fields of a record of comma-separated values after RFC 4180: the message, or with {@link #from} what stands in a
 * field. A value in double quotes may hold separators, line ends, and quotes written twice. All values are text, also empty ones;
 * {@link Convert} makes numbers of them. Blanks belong to values.
 *
 * <p>The columns are {@linkplain #columns named}, or stand in the {@linkplain #header first record} of every log. Named columns make it
 * stateless. A record of several lines must be joined before: {@link #wholeRecords} directly after the source does so.
 *
 * <p>An event fails with {@code wrong number of columns}, the detail saying how many were wanted and found; with {@code bad CSV} and the
 * place, where a quote is not closed or something stands behind a closed one; and with {@code no field} where the one of {@link #from} is
 * missing. It gets none of the fields then. Immutable.
 */
public final class Csv implements Stage {
  private static final String WRONG_COUNT = "wrong number of columns";
  private static final String BAD = "bad CSV";
  private static final int MOST_COLUMNS = 10_000;

  private record Settings(List<String> columns, byte separator, String from) {}

  private final Settings settings;

  private Csv(Settings settings) {
    this.settings = settings;
  }

  /**
   * These columns, in their order. An empty name stands for one to be left out.
   *
   * @throws IllegalArgumentException if there are none, or one has a name of another
   */
  public static Csv columns(String... names) {
    Objects.requireNonNull(names, "names of Csv.columns");
    if (names.length == 0) {
      throw new IllegalArgumentException("Csv.columns(..) needs at least one column");
    }
    if (Stream.of(names).allMatch(String::isEmpty)) {
      throw new IllegalArgumentException("Csv.columns(..) leaves out every column; an empty name stands for one to be left out");
    }
    String twice = twice(names);
    if (twice != null) {
      throw new IllegalArgumentException("Csv.columns(..) has two columns called '" + twice + "'");
    }
    return new Csv(new Settings(List.of(names), (byte) ',', LogEvent.MESSAGE));
  }

  /**
   * The first record of every log names its columns: the one that is line 1 of its file, or where the source knows neither lines nor
   * offsets, the first that comes. It is dropped as {@code header}, and so is any record equal to it. Records of a log whose header was not
   * seen, because reading began behind it, fail with {@code no header}; headers outlive a restart.
   */
  public static Csv header() {
    return new Csv(new Settings(List.of(), (byte) ',', LogEvent.MESSAGE));
  }

  /** A stage that joins lines as long as a quote is open. It counts quotes, so values without quotes must not have any. */
  public static Joiner wholeRecords() {
    return new QuotedLines();
  }

  private static String twice(String[] names) {
    Set<String> once = new HashSet<>();
    for (String name : names) {
      if (!name.isEmpty() && !once.add(name)) {
        return name;
      }
    }
    return null;
  }

  /** Another character of ASCII between two values. */
  public Csv separatedBy(char separator) {
    if (separator == '\n' || separator == '\r') {
      throw new IllegalArgumentException("separatedBy takes no line end, which stands between records");
    }
    return new Csv(new Settings(settings.columns, Given.separator("separatedBy", separator), settings.from));
  }

  /** Tabs between values. */
  public Csv tabs() {
    return separatedBy('\t');
  }

  /** Reads this field instead of the message. */
  public Csv from(String field) {
    return new Csv(new Settings(settings.columns, settings.separator, Objects.requireNonNull(field, "field")));
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.reading(settings.from);
    for (String column : settings.columns) {
      use = column.isEmpty() ? use : use.yields(column, FieldUse.Type.TEXT);
    }
    return stateless() ? use : use.yieldsAny();
  }

  @Override
  public boolean stateless() {
    return !settings.columns.isEmpty();
  }

  @Override
  public Processor open(StageContext context) {
    return stateless() ? new Named(settings, context) : new Headed(settings, context);
  }

  @Override
  public String toString() {
    return stateless() ? String.join(", ", settings.columns) : "header";
  }

  // ---------------------------------------------------------------- cutting

  private abstract static class Cutting implements Processor {
    final TextField text;
    private final byte separator;
    int[] starts = new int[32];
    int[] ends = new int[32];
    /** Whether the value has quotes within, written twice. */
    boolean[] doubled = new boolean[32];
    private String problem;
    private byte[] single = new byte[64];

    Cutting(Settings settings, StageContext context) {
      text = new TextField(context, settings.from);
      separator = settings.separator;
    }

    /** Cuts the text; returns how many values there are, or -1. */
    final int cut() {
      byte[] b = text.bytes;
      int to = text.to;
      int at = text.from;
      int count = 0;
      while (true) {
        if (count == starts.length) {
          if (count >= MOST_COLUMNS) {
            problem = "more than " + MOST_COLUMNS + " columns";
            return -1;
          }
          starts = Arrays.copyOf(starts, count * 2);
          ends = Arrays.copyOf(ends, count * 2);
          doubled = Arrays.copyOf(doubled, count * 2);
        }
        if (at < to && b[at] == '"') {
          at = quoted(b, at, to, count);
          if (at < 0) {
            return -1;
          }
        } else {
          int end = Bytes.find(b, at, to, separator);
          starts[count] = at;
          doubled[count] = false;
          at = end < 0 ? to : end;
          ends[count] = at;
        }
        count++;
        if (at == to) {
          return count;
        }
        at++;
      }
    }

    private int quoted(byte[] b, int open, int to, int column) {
      starts[column] = open + 1;
      doubled[column] = false;
      int at = open + 1;
      while (true) {
        at = Bytes.find(b, at, to, (byte) '"');
        if (at < 0) {
          problem = "the quote at byte " + (open - text.from) + " is not closed";
          return -1;
        }
        if (at + 1 < to && b[at + 1] == '"') {
          doubled[column] = true;
          at += 2;
          continue;
        }
        ends[column] = at++;
        if (at < to && b[at] != separator) {
          problem = "something stands behind the closed quote at byte " + (at - 1 - text.from);
          return -1;
        }
        return at;
      }
    }

    final void bad(LogEvent event, Emitter out) {
      out.fail(event, BAD, problem);
    }

    /** The value of a column, with every quote once, in the bytes of the event. */
    final long value(LogEvent event, int column) {
      int from = starts[column];
      int to = ends[column];
      if (!doubled[column]) {
        return text.inPlace ? Span.of(from, to) : event.append(text.bytes, from, to);
      }
      if (single.length < to - from) {
        single = new byte[to - from];
      }
      int used = 0;
      for (int at = from; at < to; at++) {
        single[used++] = text.bytes[at];
        if (text.bytes[at] == '"') {
          at++;
        }
      }
      long span = event.append(single, 0, used);
      if (single.length > 1 << 16) {
        single = new byte[64];
      }
      return span;
    }
  }

  private static final class Named extends Cutting {
    private final FieldKey[] keys;

    Named(Settings settings, StageContext context) {
      super(settings, context);
      keys = settings.columns.stream().map(name -> name.isEmpty() ? null : context.key(name)).toArray(FieldKey[]::new);
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      if (!text.read(event)) {
        out.fail(event, text.missing);
        return;
      }
      int count = cut();
      if (count < 0) {
        bad(event, out);
      } else if (count != keys.length) {
        out.fail(event, WRONG_COUNT, "wanted " + keys.length + ", found " + count);
      } else {
        for (int i = 0; i < count; i++) {
          if (keys[i] != null) {
            long span = value(event, i);
            event.put(keys[i], Span.from(span), Span.to(span));
          }
        }
        out.emit(event);
      }
    }
  }

  /** The columns of one log. */
  private record Header(byte[] record, String[] names) {}

  private static final class Headed extends Cutting {
    private static final int MOST_LOGS = 10_000;
    private static final String NO_HEADER = "no header";

    private final Map<String, Header> headers = new HashMap<>();
    private final Set<String> changed = new HashSet<>();

    Headed(Settings settings, StageContext context) {
      super(settings, context);
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      if (!text.read(event)) {
        out.fail(event, text.missing);
        return;
      }
      String log = event.position().log();
      Header header = headers.get(log);
      long line = event.number("line", 0);
      if (line == 1 || line == 0 && header == null && event.number("offset", 0) == 0) {
        take(event, out, log);
      } else if (header == null) {
        out.fail(event, NO_HEADER, "log " + log);
      } else if (Arrays.equals(header.record, 0, header.record.length, text.bytes, text.from, text.to)) {
        out.drop(event, "header");
      } else {
        put(event, out, header.names);
      }
    }

    private void take(LogEvent event, Emitter out, String log) {
      int count = cut();
      if (count < 0) {
        bad(event, out);
        return;
      }
      if (headers.size() >= MOST_LOGS && !headers.containsKey(log)) {
        out.fail(event, NO_HEADER, "more than " + MOST_LOGS + " logs");
        return;
      }
      Header header = header(count);
      String twice = twice(header.names);
      if (twice != null) {
        headers.remove(log);
        changed.add(log);
        out.fail(event, "bad header", "two columns are called '" + twice + "'");
        return;
      }
      headers.put(log, header);
      changed.add(log);
      out.drop(event, "header");
    }

    private Header header(int count) {
      String[] names = new String[count];
      for (int i = 0; i < count; i++) {
        String written = Bytes.text(text.bytes, starts[i], ends[i]);
        names[i] = doubled[i] ? written.replace("\"\"", "\"") : written;
      }
      return new Header(Arrays.copyOfRange(text.bytes, text.from, text.to), names);
    }

    private void put(LogEvent event, Emitter out, String[] names) {
      int count = cut();
      if (count < 0) {
        bad(event, out);
      } else if (count != names.length) {
        out.fail(event, WRONG_COUNT, "wanted " + names.length + ", found " + count);
      } else {
        for (int i = 0; i < count; i++) {
          if (!names[i].isEmpty()) {
            long span = value(event, i);
            event.put(names[i], Span.from(span), Span.to(span));
          }
        }
        out.emit(event);
      }
    }

    @Override
    public void save(State state) {
      for (String log : changed) {
        Header header = headers.get(log);
        if (header == null) {
          state.remove(log);
        } else {
          state.put(log, header.record);
        }
      }
      changed.clear();
    }

    @Override
    public void restore(State state, Emitter out) {
      state.forEach((log, record) -> {
        text.bytes = record;
        text.from = 0;
        text.to = record.length;
        headers.put(log, header(cut()));
      });
    }
  }
}
