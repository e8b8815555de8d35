package io.logstream.appender;

import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.PushRing;
import io.logstream.Span;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One event of a logging framework, copied as it is logged: filled in on the thread that logs, read on a pipeline's. It keeps what can no
 * longer change and copies the rest, so that it makes no garbage; values that are neither text nor a number nor true or false must have
 * been made {@linkplain #plain plain} before it is claimed.
 *
 * <p>It becomes an event with the formatted text as the message, the time at which it was logged, and these fields, each where there is
 * something to say:
 *
 * <pre>
 *  level, logger, thread            text
 *  template                         the text before it was formatted
 *  arg.0, arg.1, ..                 what was put into it: text, numbers, true or false
 *  markers                          a list of names, those included that a marker refers to
 *  the names of the MDC             text; one that is the name of another field here gets mdc. before it
 *  the names of key-value pairs     text, numbers, true or false; likewise, with kv. before it
 *  error.*                          as {@link Thrown} has it
 *  caller.class .method .file .line where it was logged, if that was asked for
 * </pre>
 */
public final class LoggedEvent extends PushRing.Slot implements BiConsumer<String, String> {
  private static final int KEPT_CHARS = 8 * 1024;
  /** The names of the fields that an event gets beside those of the MDC and of key-value pairs. */
  static final List<String> FIELDS = List.of("level", "logger", "thread", "template", "arg.0", "arg.1", "arg.2", "arg.3",
      "markers", "error.class", "error.message", "error.root.class", "error.root.message", "error.frames", "error.trace", "caller.class", "caller.method",
      "caller.file", "caller.line");
  private static final List<String> ARGUMENTS = IntStream.range(0, 16).mapToObj(i -> "arg." + i).toList();
  private static final Set<String> TAKEN = Stream.concat(FIELDS.stream(), Stream.of(LogEvent.MESSAGE, "file", "offset", "line", "host"))
      .collect(Collectors.toUnmodifiableSet());

  private long time;
  private String level;
  private String logger;
  private String thread;
  private String text;
  private final StringBuilder copied = new StringBuilder();
  private String template;
  private Object[] arguments = new Object[4];
  private int argumentCount;
  private Object[] context = new Object[8];
  private int contextCount;
  private Object[] pairs = new Object[4];
  private int pairCount;
  private List<String> markers = List.of();
  private Thrown thrown;
  private StackTraceElement caller;

  /** An empty one. */
  public LoggedEvent() {}

  /** Which fields events have that it becomes. */
  static FieldUse fieldUse() {
    FieldUse use = FieldUse.none();
    for (String text : List.of("level", "logger", "thread", "template", "error.class", "error.message", "error.root.class", "error.root.message", "error.trace",
        "caller.class", "caller.method", "caller.file")) {
      use = use.yields(text, FieldUse.Type.TEXT);
    }
    for (String list : List.of("arg.0", "arg.1", "arg.2", "arg.3", "markers", "error.frames")) {
      use = use.yields(list, FieldUse.Type.ANY);
    }
    return use.yields("caller.line", FieldUse.Type.WHOLE).yieldsAny();
  }

  // ---------------------------------------------------------------- on the thread that logs

  /** The value as it is kept: itself where it is null, text, a number, a boolean, a character or an enum constant, else what its {@code toString} says. */
  public static Object plain(Object value) {
    if (isPlain(value)) {
      return value;
    }
    try {
      return value instanceof Object[] array ? Arrays.deepToString(array) : String.valueOf(value);
    } catch (RuntimeException e) {
      return "[toString() of " + value.getClass().getName() + " failed: " + e.getClass().getName() + "]";
    }
  }

  /** Whether it is kept as it is. */
  public static boolean isPlain(Object value) {
    return value == null || value instanceof String || value instanceof Integer || value instanceof Long || value instanceof Double || value instanceof Boolean
        || value instanceof Enum || value instanceof Character || value instanceof Float || value instanceof Short || value instanceof Byte;
  }

  /** The same values, each {@linkplain #plain plain}; the very array where they are. */
  public static Object[] plain(Object[] values) {
    Object[] plain = values;
    for (int i = 0; values != null && i < values.length; i++) {
      if (!isPlain(values[i])) {
        plain = plain == values ? Arrays.copyOf(values, values.length, Object[].class) : plain;
        plain[i] = plain(values[i]);
      }
    }
    return plain;
  }

  /** What every event has. */
  public LoggedEvent logged(long epochMillis, String atLevel, String byLogger, String onThread) {
    time = epochMillis;
    level = atLevel;
    logger = byLogger;
    thread = onThread;
    return this;
  }

  /** The formatted text. */
  public LoggedEvent message(String formatted) {
    text = formatted;
    return this;
  }

  /** The formatted text, of which a copy is taken. */
  public LoggedEvent message(StringBuilder formatted) {
    copied.append(formatted);
    return this;
  }

  /** The text before it was formatted. */
  public LoggedEvent template(String unformatted) {
    template = unformatted;
    return this;
  }

  /** The next argument of the template. */
  public LoggedEvent argument(Object plain) {
    if (argumentCount == arguments.length) {
      arguments = Arrays.copyOf(arguments, 2 * argumentCount);
    }
    arguments[argumentCount++] = plain;
    return this;
  }

  /** A name of the MDC. */
  public LoggedEvent context(String name, Object plain) {
    if (contextCount == context.length) {
      context = Arrays.copyOf(context, 2 * contextCount);
    }
    context[contextCount++] = name;
    context[contextCount++] = plain;
    return this;
  }

  /** A name of the MDC, as {@link #context} takes it: so that a map can be gone through without garbage. */
  @Override
  public void accept(String name, String value) {
    context(name, value);
  }

  /** A key-value pair. */
  public LoggedEvent pair(String name, Object plain) {
    if (pairCount == pairs.length) {
      pairs = Arrays.copyOf(pairs, 2 * pairCount);
    }
    pairs[pairCount++] = name;
    pairs[pairCount++] = plain;
    return this;
  }

  /** The names of its markers; the list is kept. */
  public LoggedEvent markers(List<String> names) {
    markers = names;
    return this;
  }

  /** What was thrown, or null. */
  public LoggedEvent thrown(Thrown throwable) {
    thrown = throwable;
    return this;
  }

  /** Where it was logged, or null. */
  public LoggedEvent caller(StackTraceElement where) {
    caller = where;
    return this;
  }

  // ---------------------------------------------------------------- on the pipeline's

  @Override
  protected void putInto(LogEvent event) {
    event.epochMillis(time);
    long message = text == null ? event.append(copied) : event.append(text);
    event.put(LogEvent.MESSAGE, Span.from(message), Span.to(message));
    put(event, "level", level);
    put(event, "logger", logger);
    put(event, "thread", thread);
    if (template != null && template.equals(text)) {
      event.put("template", Span.from(message), Span.to(message));
    } else {
      put(event, "template", template);
    }
    for (int i = 0; i < argumentCount; i++) {
      put(event, i < ARGUMENTS.size() ? ARGUMENTS.get(i) : "arg." + i, arguments[i]);
    }
    for (int i = 0; i < contextCount; i += 2) {
      putNamed(event, "mdc.", (String) context[i], context[i + 1]);
    }
    for (int i = 0; i < pairCount; i += 2) {
      putNamed(event, "kv.", (String) pairs[i], pairs[i + 1]);
    }
    if (!markers.isEmpty()) {
      event.put("markers", markers);
    }
    if (thrown != null) {
      thrown.putInto(event);
    }
    if (caller != null) {
      event.put("caller.class", caller.getClassName()).put("caller.method", caller.getMethodName()).put("caller.file", caller.getFileName());
      if (caller.getLineNumber() >= 0) {
        event.put("caller.line", caller.getLineNumber());
      }
    }
  }

  /** What it holds as an event that may be kept. */
  public LogEvent toEvent() {
    LogEvent event = LogEvent.of("");
    putInto(event);
    return event;
  }

  private static void putNamed(LogEvent event, String prefix, String name, Object value) {
    if (name == null || value == null) {
      return;
    }
    put(event, TAKEN.contains(name) || name.startsWith("arg.") ? prefix + name : name, value);
  }

  private static void put(LogEvent event, String field, Object value) {
    if (value instanceof String words) {
      put(event, field, words);
    } else if (value != null) {
      event.put(field, value instanceof Character one ? one.toString() : value);
    }
  }

  private static void put(LogEvent event, String field, String value) {
    if (value != null) {
      long span = event.append(value);
      event.put(field, Span.from(span), Span.to(span));
    }
  }

  @Override
  protected void clear() {
    text = null;
    copied.setLength(0);
    if (copied.capacity() > KEPT_CHARS) {
      copied.trimToSize();
    }
    level = null;
    logger = null;
    thread = null;
    template = null;
    Arrays.fill(arguments, 0, argumentCount, null);
    argumentCount = 0;
    Arrays.fill(context, 0, contextCount, null);
    contextCount = 0;
    Arrays.fill(pairs, 0, pairCount, null);
    pairCount = 0;
    markers = List.of();
    thrown = null;
    caller = null;
  }
}
