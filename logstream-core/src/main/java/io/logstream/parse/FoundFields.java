package io.logstream.parse;

import io.logstream.FoundName;
import io.logstream.LogEvent;
import io.logstream.Span;
import io.logstream.StageContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The fields found in one text whose names stand in it, kept until the text is known to be good. Of a name that comes again, either
 * the last value counts, or all of them as a list. One thread.
 */
final class FoundFields {
  private static final byte TEXT = 1;
  private static final byte OWN = 2;
  private static final byte WHOLE = 3;
  private static final byte DECIMAL = 4;
  private static final byte TRUTH = 5;
  private static final byte LIST = 6;

  private final StageContext context;
  private final boolean repeatedAsList;
  final FieldNames names;
  private final int most;

  private FieldNames.Name[] name = new FieldNames.Name[32];
  private byte[] kind = new byte[32];
  private long[] cell = new long[32];
  private Object[] list = new Object[32];
  private boolean lists;
  private int count;
  private long texts;
  private int repeated;

  /** Text that stands nowhere as it is wanted. */
  private byte[] own = new byte[256];
  private int ownUsed;

  FoundFields(StageContext context, String prefix, boolean repeatedAsList, int most) {
    this.context = context;
    this.names = new FieldNames(prefix);
    this.repeatedAsList = repeatedAsList;
    this.most = most;
  }

  /** Forgets all: another text begins. */
  void begin() {
    names.begin();
    if (lists) {
      Arrays.fill(list, 0, count, null);
      lists = false;
    }
    count = 0;
    ownUsed = 0;
    repeated = 0;
    texts++;
  }

  int count() {
    return count;
  }

  /** How many values came under a name that had one already. */
  int repeated() {
    return repeated;
  }

  boolean isFull() {
    return count >= most;
  }

  // ---------------------------------------------------------------- finding

  void text(FieldNames.Name field, int from, int to, byte[] bytes) {
    add(field, TEXT, Span.of(from, to), null, bytes);
  }

  /** The text written by {@link #write} since {@link #written} was this. */
  void ownText(FieldNames.Name field, int since, byte[] bytes) {
    add(field, OWN, Span.of(since, ownUsed), null, bytes);
  }

  void whole(FieldNames.Name field, long value, byte[] bytes) {
    add(field, WHOLE, value, null, bytes);
  }

  void decimal(FieldNames.Name field, double value, byte[] bytes) {
    add(field, DECIMAL, Double.doubleToRawLongBits(value), null, bytes);
  }

  void truth(FieldNames.Name field, boolean value, byte[] bytes) {
    add(field, TRUTH, value ? 1 : 0, null, bytes);
  }

  void list(FieldNames.Name field, List<Object> values, byte[] bytes) {
    add(field, LIST, 0, values, bytes);
  }

  private void add(FieldNames.Name named, byte kindOf, long value, Object several, byte[] bytes) {
    FieldNames.Name field = named.same;
    int at = count;
    if (field.foundIn == texts) {
      repeated++;
      at = field.found;
      if (repeatedAsList) {
        List<Object> all = new ArrayList<>();
        addTo(all, object(at, bytes));
        kind[at] = kindOf;
        cell[at] = value;
        list[at] = several;
        addTo(all, object(at, bytes));
        kind[at] = LIST;
        list[at] = all;
        lists = true;
        return;
      }
    } else {
      if (count == name.length) {
        int size = count * 2;
        name = Arrays.copyOf(name, size);
        kind = Arrays.copyOf(kind, size);
        cell = Arrays.copyOf(cell, size);
        list = Arrays.copyOf(list, size);
      }
      field.foundIn = texts;
      field.found = count;
      name[count++] = field;
    }
    kind[at] = kindOf;
    cell[at] = value;
    if (several != null) {
      list[at] = several;
      lists = true;
    }
  }

  private static void addTo(List<Object> all, Object value) {
    if (value instanceof List<?> several) {
      all.addAll(several);
    } else {
      all.add(value);
    }
  }

  private Object object(int at, byte[] bytes) {
    return switch (kind[at]) {
      case TEXT -> Bytes.text(bytes, Span.from(cell[at]), Span.to(cell[at]));
      case OWN -> Bytes.text(own, Span.from(cell[at]), Span.to(cell[at]));
      case WHOLE -> cell[at];
      case DECIMAL -> Double.longBitsToDouble(cell[at]);
      case TRUTH -> cell[at] != 0;
      default -> list[at];
    };
  }

  // ---------------------------------------------------------------- text of one's own

  int written() {
    return ownUsed;
  }

  void write(int b) {
    if (ownUsed == own.length) {
      own = Arrays.copyOf(own, own.length * 2);
    }
    own[ownUsed++] = (byte) b;
  }

  void write(byte[] bytes, int from, int to) {
    if (own.length - ownUsed < to - from) {
      own = Arrays.copyOf(own, Math.max(own.length * 2, ownUsed + to - from));
    }
    System.arraycopy(bytes, from, own, ownUsed, to - from);
    ownUsed += to - from;
  }

  void writeCharacter(int code) {
    if (own.length - ownUsed < 4) {
      own = Arrays.copyOf(own, own.length * 2);
    }
    ownUsed = Bytes.write(code, own, ownUsed);
  }

  /** What was written since, as a string. */
  String takeBack(int since) {
    String text = Bytes.text(own, since, ownUsed);
    ownUsed = since;
    return text;
  }

  /** What was written since, as a name under another one. */
  FieldNames.Name nameWritten(FieldNames.Name above, int since) {
    FieldNames.Name field = names.under(above, own, since, ownUsed);
    ownUsed = since;
    return field;
  }

  // ---------------------------------------------------------------- putting

  /** Puts all fields into the event. */
  void put(LogEvent event, TextField text) {
    for (int i = 0; i < count; i++) {
      FoundName field = name[i].handle;
      if (field == null) {
        field = context.found(name[i].full);
        name[i].handle = field;
      }
      long value = cell[i];
      switch (kind[i]) {
        case TEXT -> {
          long span = text.inPlace ? value : event.append(text.bytes, Span.from(value), Span.to(value));
          event.put(field, Span.from(span), Span.to(span));
        }
        case OWN -> {
          long span = event.append(own, Span.from(value), Span.to(value));
          event.put(field, Span.from(span), Span.to(span));
        }
        case WHOLE -> event.put(field, value);
        case DECIMAL -> event.put(field, Double.longBitsToDouble(value));
        case TRUTH -> event.put(field, value != 0);
        default -> event.put(field.name(), list[i]);
      }
    }
  }

  /** Lets go of a buffer that one long text has made. */
  void shrink() {
    if (own.length > 1 << 16) {
      own = new byte[256];
    }
  }
}
