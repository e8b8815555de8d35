package io.logstream;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A log record, or something derived from records such as a closed window: a message, a time, and named fields. A field is text, a
 * whole number ({@code long}), a decimal ({@code double}), a boolean, or a list of these.
 *
 * <p>Four names are always there for events that were read: {@code file}, {@code offset}, {@code line}, {@code host}, each unless
 * the source has none. {@code message} names the message itself, for reading and for putting.
 *
 * <p><b>Lent.</b> An event given to {@link Processor#process} belongs to the engine and is valid until that call returns; who wants to
 * keep it calls {@link #copy}. Setters change this event and return it. What is written here is seen by later stages of the same
 * chain and by nobody else: a branch, a sink, or a stage that emits twice never sees a neighbour's changes.
 *
 * <p><b>Bytes.</b> The message and text fields are ranges of {@link #bytes}, UTF-8, decoded only when somebody asks for a
 * {@code String}. Bytes that are not UTF-8 are decoded to U+FFFD and stay as they are otherwise.
 *
 * <p>Not safe for use by several threads at once; a copy may be handed over.
 */
public final class LogEvent {
  /** The name under which the message can be read and put like a field. */
  public static final String MESSAGE = "message";

  /** The name of the field that has what an event was {@linkplain #tag tagged} with. */
  public static final String TAGS = "tags";

  private static final int WHERE_MESSAGE = -2;
  private static final int WHERE_TIME = -3;
  private static final int WHERE_EXTRAS = -4;
  private static final int WHERE_IDENTITY = -5;
  private static final int WHERE_EXTRA = -6; // and below: the place of an extra field

  Batch batch;
  Fields fields;
  int record;
  private int row;

  /** The place that holds this copy, if one does. */
  Place heldBy;

  // what was written since the outermost mark, to be undone
  private int marks;
  private int undos;
  private int[] undoWhere = None.INTS;
  private long[] undoCell = None.LONGS;
  private byte[] undoKind = None.BYTES;

  LogEvent() {}

  LogEvent(Batch batch, Fields fields, int record) {
    moveTo(batch, fields, record);
  }

  /** An event of one's own with this message, read at no particular time: for tests of conditions and stages. */
  public static LogEvent of(String message) {
    return own(new Names(), 0).message(message);
  }

  static LogEvent own(Names names, long time) {
    Batch batch = new Batch(64);
    batch.resetForCopies(names);
    batch.readTime = time;
    batch.add(0, 0, -1, 0);
    batch.originOfOnly(-1, 0);
    return new LogEvent(batch, batch.fields, 0);
  }

  void moveTo(Batch in, Fields of, int at) {
    if (batch != in || fields != of) { // writing a reference costs more than looking
      batch = in;
      fields = of;
    }
    record = at;
    row = at * of.stride;
  }

  // ---------------------------------------------------------------- message

  /** The message: the line, or the joined lines, unless a stage replaced it. */
  public String message() {
    int from = batch.start[record];
    return new String(batch.bytes, from, batch.end[record] - from, StandardCharsets.UTF_8);
  }

  /** Replaces the message. */
  public LogEvent message(String text) {
    return message(batch.append(text));
  }

  /** Replaces the message by bytes of UTF-8, of which a copy is taken. */
  public LogEvent message(byte[] utf8, int from, int to) {
    return message(batch.append(utf8, from, to - from));
  }

  LogEvent message(byte[] utf8) {
    return message(batch.append(utf8, 0, utf8.length));
  }

  private LogEvent message(long span) {
    if (marks > 0) {
      remember(WHERE_MESSAGE, Span.of(batch.start[record], batch.end[record]), Fields.TEXT);
    }
    batch.start[record] = Span.from(span);
    batch.end[record] = Span.to(span);
    return this;
  }

  // ---------------------------------------------------------------- time

  /** The event time: what {@code EventTime} or the source gave it, else when it was read. To the millisecond. */
  public Instant time() {
    return Instant.ofEpochMilli(fields.time[record]);
  }

  /** Sets the event time. */
  public LogEvent time(Instant time) {
    return epochMillis(time.toEpochMilli());
  }

  /** The event time in milliseconds since 1970, for stages that cannot afford an object for each event. */
  public long epochMillis() {
    return fields.time[record];
  }

  /** Sets the event time in milliseconds since 1970. */
  public LogEvent epochMillis(long millis) {
    if (marks > 0) {
      remember(WHERE_TIME, fields.time[record], Fields.LONG);
    }
    fields.time[record] = millis;
    return this;
  }

  // ---------------------------------------------------------------- reading fields

  /** Whether the event has this field. */
  public boolean has(String field) {
    int slot = fields.names.slot(field);
    return slot == Names.MESSAGE || has(slot >= 0 ? fields.kind[row + slot] : extraKind(field), field);
  }

  /** Whether the event has this field. */
  public boolean has(FieldKey field) {
    int slot = slot(field);
    return slot < 0 ? has(field.name()) : has(fields.kind[row + slot], field.name());
  }

  private boolean has(byte kind, String field) {
    return kind == Fields.ABSENT ? origin(field) != null : kind != Fields.REMOVED;
  }

  /** The field as text, or null where the event has no such field. Numbers come in their shortest decimal form. */
  public String text(String field) {
    return text(field, null);
  }

  /** The field as text, or {@code otherwise} where the event has no such field. */
  public String text(String field, String otherwise) {
    int slot = fields.names.slot(field);
    if (slot == Names.MESSAGE) {
      return message();
    }
    int extra = slot >= 0 ? -1 : fields.findExtra(record, field);
    byte kind = slot >= 0 ? fields.kind[row + slot] : extra >= 0 ? fields.extraKind[extra] : Fields.ABSENT;
    if (kind == Fields.ABSENT || kind == Fields.REMOVED) {
      Object value = kind == Fields.ABSENT ? origin(field) : null;
      return value == null ? otherwise : value.toString();
    }
    return asText(kind, slot >= 0 ? fields.cell[row + slot] : fields.extraCell[extra]);
  }

  /** The field as text, or null. */
  public String text(FieldKey field) {
    int slot = slot(field);
    if (slot < 0) {
      return text(field.name());
    }
    byte kind = fields.kind[row + slot];
    return kind == Fields.ABSENT || kind == Fields.REMOVED ? text(field.name()) : asText(kind, fields.cell[row + slot]);
  }

  /**
   * The field as a whole number, or {@code otherwise} where the event has no such field or it is not a number. Text is read as a
   * decimal number; a fraction is cut off.
   */
  public long number(String field, long otherwise) {
    Object value = numeric(field);
    return value instanceof Long n ? n : value instanceof Double d && !d.isNaN() ? d.longValue() : otherwise;
  }

  /** The field as a decimal, or {@code otherwise} where the event has no such field or it is not a number. Text is read. */
  public double decimal(String field, double otherwise) {
    int slot = fields.names.slot(field);
    if (slot >= 0 && fields.kind[row + slot] != Fields.ABSENT) {
      return decimal(fields.kind[row + slot], fields.cell[row + slot], otherwise);
    }
    Object value = numeric(field);
    return value instanceof Number n ? n.doubleValue() : otherwise;
  }

  /** The field as a decimal, or {@code otherwise}. */
  public double decimal(FieldKey field, double otherwise) {
    int slot = slot(field);
    return slot < 0 || fields.kind[row + slot] == Fields.ABSENT
        ? decimal(field.name(), otherwise)
        : decimal(fields.kind[row + slot], fields.cell[row + slot], otherwise);
  }

  private double decimal(byte kind, long cell, double otherwise) {
    return switch (kind) {
      case Fields.LONG -> cell;
      case Fields.DOUBLE -> Double.longBitsToDouble(cell);
      case Fields.TEXT -> {
        double read = Numbers.decimal(batch.bytes, Span.from(cell), Span.to(cell));
        yield Double.isNaN(read) ? otherwise : read;
      }
      default -> otherwise;
    };
  }

  /** The field as a whole number if it is one exactly (a {@code long}, or text that reads as one), else {@code otherwise}. */
  public long whole(FieldKey field, long otherwise) {
    int slot = slot(field);
    if (slot < 0 || fields.kind[row + slot] == Fields.ABSENT) {
      return numeric(field.name()) instanceof Long n ? n : otherwise;
    }
    long cell = fields.cell[row + slot];
    return switch (fields.kind[row + slot]) {
      case Fields.LONG -> cell;
      case Fields.TEXT -> Numbers.whole(batch.bytes, Span.from(cell), Span.to(cell), otherwise);
      default -> otherwise;
    };
  }

  private Object numeric(String field) {
    Object value = value(field);
    if (value instanceof Number) {
      return value;
    }
    return value instanceof String text ? Numbers.parse(text) : null;
  }

  /** The field as it is: a {@code String}, {@code Long}, {@code Double}, {@code Boolean} or {@code List}, or null. */
  public Object value(String field) {
    int slot = fields.names.slot(field);
    if (slot == Names.MESSAGE) {
      return message();
    }
    int extra = slot >= 0 ? -1 : fields.findExtra(record, field);
    byte kind = slot >= 0 ? fields.kind[row + slot] : extra >= 0 ? fields.extraKind[extra] : Fields.ABSENT;
    if (kind == Fields.ABSENT) {
      return origin(field);
    }
    return asObject(kind, slot >= 0 ? fields.cell[row + slot] : fields.extraCell[extra]);
  }

  /** All fields that stages or the source put, in the order in which the chain declares them; without the built-in ones. A copy. */
  public Map<String, Object> fields() {
    Map<String, Object> all = new LinkedHashMap<>();
    if (batch.log(record) != null) {
      for (Map.Entry<String, Object> constant : batch.log(record).fields().entrySet()) {
        if (!isBuiltIn(constant.getKey()) && !isRemoved(constant.getKey())) {
          all.put(constant.getKey(), constant.getValue());
        }
      }
    }
    all.putAll(ownFields());
    return all;
  }

  /** Takes the fields of an event one by one, as they are held: what {@link LogEvent#fields} gives, without making an object of each. */
  public interface FieldTaker {
    /** Text, which stands here in {@link LogEvent#bytes}. */
    void text(String name, int from, int to);

    /** A whole number. */
    void whole(String name, long value);

    /** A decimal. */
    void decimal(String name, double value);

    /** What is held as an object: a boolean, a list, or a value of any type that is the same for the whole log. */
    void other(String name, Object value);
  }

  /** Gives all fields that stages or the source put to a taker, each once; without the built-in ones. The event must not be changed meanwhile. */
  public void giveFields(FieldTaker to) {
    Log log = batch.log(record);
    if (log != null && !log.fields().isEmpty()) {
      for (Map.Entry<String, Object> constant : log.fields().entrySet()) {
        if (!isBuiltIn(constant.getKey()) && kindOf(constant.getKey()) == Fields.ABSENT) {
          to.other(constant.getKey(), constant.getValue());
        }
      }
    }
    for (int slot = 0; slot < fields.stride; slot++) {
      if (isPut(fields.kind[row + slot])) {
        give(to, fields.names.name(slot), fields.kind[row + slot], fields.cell[row + slot]);
      }
    }
    if (fields.hasExtras(record)) {
      for (int at : fields.extrasOf(record)) {
        if (isPut(fields.extraKind[at])) {
          give(to, fields.extraName(at), fields.extraKind[at], fields.extraCell[at]);
        }
      }
    }
  }

  private void give(FieldTaker to, String name, byte kind, long cell) {
    switch (kind) {
      case Fields.TEXT -> to.text(name, Span.from(cell), Span.to(cell));
      case Fields.LONG -> to.whole(name, cell);
      case Fields.DOUBLE -> to.decimal(name, Double.longBitsToDouble(cell));
      default -> to.other(name, asObject(kind, cell));
    }
  }

  /** The fields that are the record's own, not its log's. */
  Map<String, Object> ownFields() {
    Map<String, Object> all = new LinkedHashMap<>();
    for (int slot = 0; slot < fields.stride; slot++) {
      if (isPut(fields.kind[row + slot])) {
        all.put(fields.names.name(slot), asObject(fields.kind[row + slot], fields.cell[row + slot]));
      }
    }
    if (fields.hasExtras(record)) {
      for (int at : fields.extrasOf(record)) {
        if (isPut(fields.extraKind[at])) {
          all.put(fields.extraName(at), asObject(fields.extraKind[at], fields.extraCell[at]));
        }
      }
    }
    return all;
  }

  /** Takes a field as it is kept. */
  @FunctionalInterface
  interface KeptField {
    void take(String name, byte kind, long cell);
  }

  /** Goes through the fields that are the record's own, and those that were taken away from it. */
  void eachKept(KeptField action) {
    for (int slot = 0; slot < fields.stride; slot++) {
      if (fields.kind[row + slot] != Fields.ABSENT) {
        action.take(fields.names.name(slot), fields.kind[row + slot], fields.cell[row + slot]);
      }
    }
    if (fields.hasExtras(record)) {
      for (int at : fields.extrasOf(record)) {
        if (fields.extraKind[at] != Fields.ABSENT) {
          action.take(fields.extraName(at), fields.extraKind[at], fields.extraCell[at]);
        }
      }
    }
  }

  /** The names of fields that were taken away from this record, whatever its log or its origin says. */
  List<String> removedFields() {
    List<String> removed = new ArrayList<>();
    eachKept((name, kind, cell) -> {
      if (kind == Fields.REMOVED) {
        removed.add(name);
      }
    });
    return removed;
  }

  private static boolean isPut(byte kind) {
    return kind != Fields.ABSENT && kind != Fields.REMOVED;
  }

  private boolean isRemoved(String field) {
    return kindOf(field) == Fields.REMOVED;
  }

  private byte kindOf(String field) {
    int slot = fields.names.slot(field);
    return slot >= 0 ? fields.kind[row + slot] : extraKind(field);
  }

  private static boolean isBuiltIn(String name) {
    return name.equals("file") || name.equals("host");
  }

  /** What the source knows without any stage: the log's own fields, offset, line number. */
  private Object origin(String field) {
    Log log = batch.log(record);
    switch (field) {
      case "offset":
        return batch.offset[record] < 0 ? null : (Object) batch.offset[record];
      case "line":
        return batch.line[record] <= 0 ? null : (Object) batch.line[record];
      case "truncated":
        return (batch.how(record) & How.TRUNCATED) != 0 ? Boolean.TRUE : null;
      case "lines":
        return How.lines(batch.how(record)) == 0 ? logField(log, field) : (Object) (long) How.lines(batch.how(record));
      case "part":
        return How.part(batch.how(record)) == 0 ? logField(log, field) : (Object) (long) How.part(batch.how(record));
      case "ended":
        return How.ended(batch.how(record)) == null ? logField(log, field) : How.ended(batch.how(record));
      default:
        return logField(log, field);
    }
  }

  private static Object logField(Log log, String field) {
    return log == null ? null : log.field(field);
  }

  private byte extraKind(String field) {
    int at = fields.findExtra(record, field);
    return at < 0 ? Fields.ABSENT : fields.extraKind[at];
  }

  private String asText(byte kind, long cell) {
    if (kind == Fields.TEXT) {
      return new String(batch.bytes, Span.from(cell), Span.length(cell), StandardCharsets.UTF_8);
    }
    return asObject(kind, cell).toString();
  }

  private Object asObject(byte kind, long cell) {
    return switch (kind) {
      case Fields.TEXT -> new String(batch.bytes, Span.from(cell), Span.length(cell), StandardCharsets.UTF_8);
      case Fields.LONG -> cell;
      case Fields.DOUBLE -> Double.longBitsToDouble(cell);
      case Fields.BOOLEAN -> cell != 0;
      case Fields.OBJECT -> fields.object(cell);
      default -> null;
    };
  }

  // ---------------------------------------------------------------- writing fields

  /**
   * Puts a field: text, a number, a boolean, an enum constant (its name), or a collection of these. Null removes it.
   *
   * @throws IllegalArgumentException for a value of another type
   */
  public LogEvent put(String field, Object value) {
    if (value == null) {
      return remove(field);
    }
    if (value instanceof CharSequence || value instanceof Enum) {
      String text = value instanceof Enum<?> constant ? constant.name() : value.toString();
      return field.equals(MESSAGE) ? message(text) : set(field, Fields.TEXT, batch.append(text));
    }
    if (field.equals(MESSAGE)) {
      return message(plain(field, value).toString());
    }
    if (value instanceof Boolean truth) {
      return set(field, Fields.BOOLEAN, truth ? 1 : 0);
    }
    if (isWhole(value)) {
      return set(field, Fields.LONG, ((Number) value).longValue());
    }
    if (value instanceof Number decimal) {
      return set(field, Fields.DOUBLE, Double.doubleToRawLongBits(decimal.doubleValue()));
    }
    return set(field, Fields.OBJECT, fields.keep(plain(field, value)));
  }

  private static boolean isWhole(Object value) {
    return value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte;
  }

  LogEvent putBytes(String field, byte[] utf8, int from, int length) {
    return set(field, Fields.TEXT, batch.append(utf8, from, length));
  }

  /**
   * A value as a field holds it: a string, a long, a double, a boolean, or an unmodifiable list of these and nulls, which nobody else can change.
   *
   * @throws IllegalArgumentException for a value of another type
   */
  static Object plain(String field, Object value) {
    if (value instanceof Collection<?> several) {
      Object[] all = several.toArray();
      for (int i = 0; i < all.length; i++) {
        all[i] = inList(field, all[i]);
      }
      return Collections.unmodifiableList(Arrays.asList(all));
    }
    Object plain = scalar(value);
    if (plain == null) {
      throw new IllegalArgumentException(
          "field '" + field + "' takes text, a number, a boolean, an enum constant or a collection of these, was " + value.getClass().getName());
    }
    return plain;
  }

  private static Object inList(String field, Object value) {
    Object plain = scalar(value);
    if (plain == null && value != null) {
      throw new IllegalArgumentException("a list in field '" + field + "' takes text, numbers and booleans, holds " + value.getClass().getName());
    }
    return plain;
  }

  private static Object scalar(Object value) {
    if (value instanceof String text) { // the usual classes first: they are told faster than interfaces
      return Utf8.wellFormed(text);
    }
    if (value instanceof Long || value instanceof Double || value instanceof Boolean) {
      return value;
    }
    if (value instanceof CharSequence || value instanceof Enum) {
      return Utf8.wellFormed(value instanceof Enum<?> constant ? constant.name() : value.toString());
    }
    if (isWhole(value)) {
      return ((Number) value).longValue();
    }
    if (value instanceof Number decimal) {
      return decimal.doubleValue();
    }
    return null;
  }

  /** Puts a whole number. */
  public LogEvent put(FieldKey field, long value) {
    return field.slot < 0 ? put(field.name(), value) : set(slot(field), Fields.LONG, value);
  }

  /** Puts a decimal. */
  public LogEvent put(FieldKey field, double value) {
    return field.slot < 0 ? put(field.name(), value) : set(slot(field), Fields.DOUBLE, Double.doubleToRawLongBits(value));
  }

  /** Puts a boolean. */
  public LogEvent put(FieldKey field, boolean value) {
    return field.slot < 0 ? put(field.name(), (Object) value) : set(slot(field), Fields.BOOLEAN, value ? 1 : 0);
  }

  /** Puts text. */
  public LogEvent put(FieldKey field, String text) {
    return field.slot < 0 ? put(field.name(), (Object) text) : set(slot(field), Fields.TEXT, batch.append(text));
  }

  /** Puts text that already stands in {@link #bytes}, such as a part of the message, without copying it. */
  public LogEvent put(FieldKey field, int from, int to) {
    return field.slot < 0 ? put(field.name(), from, to) : set(slot(field), Fields.TEXT, Span.of(from, to));
  }

  /** Puts a whole number. */
  public LogEvent put(String field, long value) {
    return field.equals(MESSAGE) ? message(Long.toString(value)) : set(field, Fields.LONG, value);
  }

  /** Puts a decimal. */
  public LogEvent put(String field, double value) {
    return field.equals(MESSAGE) ? message(Double.toString(value)) : set(field, Fields.DOUBLE, Double.doubleToRawLongBits(value));
  }

  /** Puts text that already stands in {@link #bytes}, such as a part of the message or what was {@linkplain #append appended}, without copying it. */
  public LogEvent put(String field, int from, int to) {
    int slot = fields.names.slot(field);
    return slot == Names.MESSAGE ? message(Span.of(from, to)) : set(field, slot, Fields.TEXT, Span.of(from, to));
  }

  /** Puts a whole number. */
  public LogEvent put(FoundName field, long value) {
    return field.slot == Names.MESSAGE ? message(Long.toString(value)) : set(field, Fields.LONG, value);
  }

  /** Puts a decimal. */
  public LogEvent put(FoundName field, double value) {
    return field.slot == Names.MESSAGE ? message(Double.toString(value)) : set(field, Fields.DOUBLE, Double.doubleToRawLongBits(value));
  }

  /** Puts a boolean. */
  public LogEvent put(FoundName field, boolean value) {
    return field.slot == Names.MESSAGE ? message(Boolean.toString(value)) : set(field, Fields.BOOLEAN, value ? 1 : 0);
  }

  /** Puts text that already stands in {@link #bytes}, without copying it. */
  public LogEvent put(FoundName field, int from, int to) {
    return field.slot == Names.MESSAGE ? message(Span.of(from, to)) : set(field, Fields.TEXT, Span.of(from, to));
  }

  private LogEvent set(FoundName field, byte kind, long cell) {
    if (field.names != fields.names) {
      return set(field.name(), kind, cell);
    }
    return field.slot >= 0 ? set(field.slot, kind, cell) : setExtra(field.name(), field.hash, kind, cell);
  }

  /**
   * Adds bytes, UTF-8, to those in {@link #bytes}, which may be replaced by it, and tells the {@link Span} at which they stand from then
   * on: for text that is put by {@link #put(FieldKey, int, int)} and stands nowhere in the event as it is wanted.
   */
  public long append(byte[] utf8, int from, int to) {
    return batch.append(utf8, from, to - from);
  }

  /** As {@link #append(byte[], int, int)}, with text, which is encoded where it is to stand. */
  public long append(CharSequence text) {
    return batch.appendInPlace(text);
  }

  /** Adds a text to the list in the field {@code tags}, unless it is there. */
  public LogEvent tag(String tag) {
    Object before = value(TAGS);
    List<Object> tags = before instanceof Collection<?> several ? new ArrayList<>(several) : new ArrayList<>();
    if (before != null && !(before instanceof Collection<?>)) {
      tags.add(before);
    }
    if (!tags.contains(Objects.requireNonNull(tag, "tag"))) {
      tags.add(tag);
    }
    return put(TAGS, tags);
  }

  /** Takes a field away: also one that is the same for the whole log, or built in, for this event. The message becomes empty. */
  public LogEvent remove(String field) {
    if (field.equals(MESSAGE)) {
      return message("");
    }
    return has(field) ? removeForGood(field) : this;
  }

  /** Takes a field away even if its log, which may get its fields only later, does not know it now. */
  LogEvent removeForGood(String field) {
    return set(field, Fields.REMOVED, 0);
  }

  private LogEvent set(String field, byte kind, long cell) {
    return set(field, fields.names.slot(field), kind, cell);
  }

  private LogEvent set(String field, int slot, byte kind, long cell) {
    if (slot >= 0) {
      return set(slot, kind, cell);
    }
    return setExtra(field, field.hashCode(), kind, cell);
  }

  private LogEvent setExtra(String field, int hash, byte kind, long cell) {
    int extra = fields.findExtra(record, field, hash);
    if (extra >= 0) {
      return setExtra(extra, kind, cell);
    }
    if (marks > 0) {
      remember(WHERE_EXTRAS, fields.extra[record], Fields.LONG);
    }
    fields.addExtra(record, field, hash, kind, cell);
    return this;
  }

  private LogEvent set(int slot, byte kind, long cell) {
    int at = row + slot;
    if (marks > 0) {
      remember(slot, fields.cell[at], fields.kind[at]);
    }
    fields.cell[at] = cell;
    fields.kind[at] = kind;
    return this;
  }

  private LogEvent setExtra(int extra, byte kind, long cell) {
    if (marks > 0) {
      remember(WHERE_EXTRA - extra, fields.extraCell[extra], fields.extraKind[extra]);
    }
    fields.extraCell[extra] = cell;
    fields.extraKind[extra] = kind;
    return this;
  }

  private int slot(FieldKey field) {
    if (field.names != fields.names) {
      throw new IllegalArgumentException("field key '" + field + "' belongs to another run; ask this stage's StageContext for it");
    }
    return field.slot;
  }

  // ---------------------------------------------------------------- bytes

  /** The buffer in which the message and all text fields stand. A setter that is given text may replace it: ask again after one. */
  public byte[] bytes() {
    return batch.bytes;
  }

  /** Where the message begins in {@link #bytes}. */
  public int from() {
    return batch.start[record];
  }

  /** Where the message ends in {@link #bytes}, exclusive. */
  public int to() {
    return batch.end[record];
  }

  /** Where a text field stands in {@link #bytes}; {@link Span#NONE} where the event has no such field or it is not text. */
  public long span(FieldKey field) {
    int slot = slot(field);
    if (slot < 0) {
      return slot == Names.MESSAGE ? Span.of(from(), to()) : span(field.name());
    }
    return fields.kind[row + slot] == Fields.TEXT ? fields.cell[row + slot] : Span.NONE;
  }

  /** Where a text field stands in {@link #bytes}; {@link Span#NONE} where the event has no such field or it is not text. */
  public long span(String field) {
    int slot = fields.names.slot(field);
    if (slot == Names.MESSAGE) {
      return Span.of(from(), to());
    }
    if (slot >= 0) {
      return fields.kind[row + slot] == Fields.TEXT ? fields.cell[row + slot] : Span.NONE;
    }
    int extra = fields.findExtra(record, field);
    return extra >= 0 && fields.extraKind[extra] == Fields.TEXT ? fields.extraCell[extra] : Span.NONE;
  }

  // ---------------------------------------------------------------- origin

  /** Where the record stands in its source. */
  public Position position() {
    Log log = batch.log(record);
    return new Position(log == null ? "" : log.key(), batch.generation(record), batch.offset[record]);
  }

  /** Whether it was {@linkplain #identifiedBy derived} from other events, such as a window's row, and was not read as a record. */
  public boolean isDerived() {
    return batch.identity(record) != null;
  }

  /** The names of the fields that make the key of a derived event, such as a window's row; empty for records. */
  public List<String> keys() {
    RowIdentity identity = batch.identity(record);
    return identity == null ? List.of() : identity.keys();
  }

  /**
   * What identifies this event when it is sent again: the position of a record; (stage, window, key, revision) of a window's row; the
   * id of a firing. A sink upserts by it.
   */
  public String id() {
    RowIdentity identity = batch.identity(record);
    return identity == null ? position().toString() : identity.id();
  }

  /** Says what identifies a derived event. */
  public LogEvent identifiedBy(String id, List<String> keys) {
    if (marks > 0) {
      remember(WHERE_IDENTITY, fields.keep(batch.identity(record)), Fields.OBJECT);
    }
    batch.identity(record, new RowIdentity(id, List.copyOf(keys)));
    return this;
  }

  /** An event of one's own, equal to this one now, which may be kept for as long as one likes. */
  public LogEvent copy() {
    Batch own = new Batch(batch.end[record] - batch.start[record] + 32);
    own.resetForCopies(fields.names);
    own.readTime = batch.readTime;
    own.copyIn(this);
    return new LogEvent(own, own.fields, 0);
  }

  /** The event as bytes, for a processor that saves events it holds; {@link Emitter#restoreHeld} makes it an event again. */
  public byte[] toBytes() {
    return EventCodec.encode(this);
  }

  /** As {@link #toBytes()}, with these fields only, and without the message unless it is one of them. */
  public byte[] toBytes(FieldKey... only) {
    return EventCodec.encode(this, only);
  }

  /** Gives a field as it is kept, if the record has one of its own. */
  void kept(FieldKey key, KeptField action) {
    int slot = slot(key);
    if (slot >= 0 && fields.kind[row + slot] != Fields.ABSENT) {
      action.take(key.name(), fields.kind[row + slot], fields.cell[row + slot]);
    }
  }

  /** Copies time and fields into record {@code at} of another batch, where the message already stands at {@code messageAt}. */
  void copyFieldsTo(Batch to, int at, int messageAt) {
    Fields target = to.fields;
    target.time[at] = fields.time[record];
    boolean sameNames = target.names == fields.names;
    int targetRow = at * target.stride;
    for (int slot = 0; slot < fields.stride; slot++) {
      byte kind = fields.kind[row + slot];
      if (kind != Fields.ABSENT) {
        long cell = cellFor(to, kind, fields.cell[row + slot], messageAt);
        int targetSlot = sameNames ? slot : target.names.slot(fields.names.name(slot));
        if (targetSlot >= 0) {
          target.cell[targetRow + targetSlot] = cell;
          target.kind[targetRow + targetSlot] = kind;
        } else {
          target.addExtra(at, fields.names.name(slot), kind, cell);
        }
      }
    }
    if (fields.hasExtras(record)) {
      for (int extra : fields.extrasOf(record)) {
        if (fields.extraKind[extra] != Fields.ABSENT) {
          long cell = cellFor(to, fields.extraKind[extra], fields.extraCell[extra], messageAt);
          int targetSlot = sameNames ? Names.NONE : target.names.slot(fields.extraName(extra));
          if (targetSlot >= 0) {
            target.cell[targetRow + targetSlot] = cell;
            target.kind[targetRow + targetSlot] = fields.extraKind[extra];
          } else {
            target.addExtra(at, fields.extraName(extra), fields.extraKind[extra], cell);
          }
        }
      }
    }
  }

  private long cellFor(Batch to, byte kind, long cell, int messageAt) {
    if (kind == Fields.OBJECT) {
      return to.fields.keep(fields.object(cell));
    }
    if (kind != Fields.TEXT) {
      return cell;
    }
    int from = Span.from(cell);
    if (from >= batch.start[record] && Span.to(cell) <= batch.end[record]) {
      int shift = messageAt - batch.start[record];
      return Span.of(from + shift, Span.to(cell) + shift);
    }
    return to.append(batch.bytes, from, Span.length(cell));
  }

  /** Makes this event equal to another one, position excepted. */
  void become(LogEvent other) {
    message(batch.append(other.batch.bytes, other.from(), other.to() - other.from()));
    epochMillis(other.epochMillis());
    for (String name : fields().keySet()) {
      remove(name);
    }
    other.removedFields().forEach(this::remove);
    other.fields().forEach(this::put);
  }

  // ---------------------------------------------------------------- mark and undo

  /** From here on changes are remembered, until {@link #undo} takes them back. */
  int mark() {
    marks++;
    return undos;
  }

  void undo(int mark) {
    marks--;
    while (undos > mark) {
      int where = undoWhere[--undos];
      long cell = undoCell[undos];
      if (where >= 0) {
        fields.cell[row + where] = cell;
        fields.kind[row + where] = undoKind[undos];
      } else if (where == WHERE_MESSAGE) {
        batch.start[record] = Span.from(cell);
        batch.end[record] = Span.to(cell);
      } else if (where == WHERE_TIME) {
        fields.time[record] = cell;
      } else if (where == WHERE_EXTRAS) {
        fields.extra[record] = (int) cell;
      } else if (where == WHERE_IDENTITY) {
        batch.identity(record, (RowIdentity) fields.object(cell));
      } else {
        fields.extraCell[WHERE_EXTRA - where] = cell;
        fields.extraKind[WHERE_EXTRA - where] = undoKind[undos];
      }
    }
  }

  private void remember(int where, long cell, byte kind) {
    if (undos == undoWhere.length) {
      int size = Math.max(16, undos * 2);
      undoWhere = Arrays.copyOf(undoWhere, size);
      undoCell = Arrays.copyOf(undoCell, size);
      undoKind = Arrays.copyOf(undoKind, size);
    }
    undoWhere[undos] = where;
    undoCell[undos] = cell;
    undoKind[undos++] = kind;
  }

  @Override
  public String toString() {
    return time() + " " + fields() + " " + message();
  }
}
