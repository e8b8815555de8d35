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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A stage that cuts a text at delimiters that always stand in the same order, without regular expressions: {@code
 * Dissect.pattern("%{time} %{+time} [%{thread}] %{level->} %{logger}: %{msg}")}.
 *
 * <p>What stands between {@code %{..}} is taken letter by letter, and must be there: the text must begin as the pattern begins, and end as
 * it ends. A field reaches to the first place at which what follows it stands; the last one reaches to the end. All fields are text,
 * and may be empty. The rules are those of Logstash and Elasticsearch:
 *
 * <ul>
 *   <li>{@code %{}} and {@code %{?name}} pass over a part.
 *   <li>{@code %{name->}} passes over what follows it again and again, such as the blanks of a column.
 *   <li>{@code %{+name}} adds to a field, with what stands before it in the pattern between (a blank where nothing does), unless {@link
 *       #joinedBy} says otherwise; {@code %{+name/2}} says in which order.
 *   <li>{@code %{*x} .. %{&x}} makes a field of which the name and the value stand in the text; {@code %{?x}} can stand for the first.
 * </ul>
 *
 * <p>A field that the event has already is replaced; one called {@code message} replaces the message. A text that the pattern does not fit
 * fails the event with {@code dissect: no match}; the detail says what was wanted from which byte on. Stateless, immutable.
 */
public final class Dissect implements Stage {
  static final String NO_MATCH = "dissect: no match";

  private enum Kind { FIELD, ADDED, SKIPPED, NAME, VALUE }

  private record Part(Kind kind, String name, int order, boolean padded, byte[] before, byte[] behind) {
    String delimiterBefore() {
      return before.length == 0 ? " " : new String(before, StandardCharsets.UTF_8);
    }
  }

  private final String pattern;
  private final byte[] beginning;
  private final List<Part> parts;
  private final String from;
  private final String joint;

  private Dissect(String pattern, byte[] beginning, List<Part> parts, String from, String joint) {
    this.pattern = pattern;
    this.beginning = beginning;
    this.parts = parts;
    this.from = from;
    this.joint = joint;
  }

  /**
   * Cuts the message by this pattern.
   *
   * @throws IllegalArgumentException if it is none; the message says where
   */
  public static Dissect pattern(String pattern) {
    List<String> names = new ArrayList<>();
    List<String> literals = new ArrayList<>();
    int at = 0;
    while (true) {
      int open = Objects.requireNonNull(pattern, "pattern").indexOf("%{", at);
      literals.add(pattern.substring(at, open < 0 ? pattern.length() : open));
      if (open < 0) {
        break;
      }
      int close = pattern.indexOf('}', open);
      if (close < 0) {
        throw refused(pattern, "the %{ at index " + open + " is not closed");
      }
      names.add(pattern.substring(open + 2, close));
      at = close + 1;
    }
    if (names.isEmpty()) {
      throw refused(pattern, "it has no %{field}");
    }
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (i > 0 && literals.get(i).isEmpty()) {
        throw refused(pattern, "nothing stands between %{" + names.get(i - 1) + "} and %{" + names.get(i) + "} to cut at");
      }
      parts.add(part(pattern, names.get(i), literals.get(i), literals.get(i + 1)));
    }
    checkReferences(pattern, parts);
    return new Dissect(pattern, literals.get(0).getBytes(StandardCharsets.UTF_8), List.copyOf(parts), LogEvent.MESSAGE, null);
  }

  private static Part part(String pattern, String written, String before, String behind) {
    boolean padded = written.endsWith("->");
    String name = padded ? written.substring(0, written.length() - 2) : written;
    Kind kind = Kind.FIELD;
    int order = 0;
    if (name.isEmpty() || name.startsWith("?")) {
      kind = Kind.SKIPPED;
      name = name.isEmpty() ? name : name.substring(1);
    } else if (name.startsWith("+")) {
      kind = Kind.ADDED;
      name = name.substring(1);
      int slash = name.lastIndexOf('/');
      if (slash >= 0) {
        String number = name.substring(slash + 1);
        if (number.isEmpty() || number.length() > 4 || !number.chars().allMatch(c -> c >= '0' && c <= '9')) {
          throw refused(pattern, "%{" + written + "} has no number behind its slash");
        }
        order = Integer.parseInt(number);
        name = name.substring(0, slash);
      }
    } else if (name.startsWith("*") || name.startsWith("&")) {
      kind = name.startsWith("*") ? Kind.NAME : Kind.VALUE;
      name = name.substring(1);
    }
    if (name.isEmpty() && kind != Kind.SKIPPED || name.contains("%{")) {
      throw refused(pattern, "%{" + written + "} does not name a field");
    }
    if (padded && behind.isEmpty()) {
      throw refused(pattern, "%{" + written + "} is the last part, so there is nothing to pass over behind it");
    }
    return new Part(kind, name, order, padded, before.getBytes(StandardCharsets.UTF_8), behind.getBytes(StandardCharsets.UTF_8));
  }

  private static void checkReferences(String pattern, List<Part> parts) {
    for (Part part : parts) {
      boolean lone = part.kind == Kind.VALUE && parts.stream().noneMatch(p -> (p.kind == Kind.NAME || p.kind == Kind.SKIPPED) && p.name.equals(part.name))
          || part.kind == Kind.NAME && parts.stream().noneMatch(p -> p.kind == Kind.VALUE && p.name.equals(part.name));
      if (lone) {
        throw refused(pattern, part.kind == Kind.VALUE ? "%{&" + part.name + "} has no %{*" + part.name + "} that names it"
            : "%{*" + part.name + "} has no %{&" + part.name + "} to name");
      }
      if (part.kind == Kind.FIELD && parts.stream().filter(p -> p.kind == Kind.FIELD && p.name.equals(part.name)).count() > 1) {
        throw refused(pattern, "%{" + part.name + "} stands in it twice; write %{+" + part.name + "} to add to a field");
      }
    }
  }

  private static IllegalArgumentException refused(String pattern, String why) {
    return new IllegalArgumentException("Dissect.pattern(\"" + pattern + "\"): " + why);
  }

  /** Cuts this field instead of the message. An event without it fails with {@code no field}. */
  public Dissect from(String field) {
    return new Dissect(pattern, beginning, parts, Objects.requireNonNull(field, "field"), joint);
  }

  /** What stands between the parts of a field that has several, instead of what stands between them in the pattern. */
  public Dissect joinedBy(String text) {
    return new Dissect(pattern, beginning, parts, from, Objects.requireNonNull(text, "text"));
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.reading(from);
    for (Part part : parts) {
      if (part.kind == Kind.FIELD || part.kind == Kind.ADDED) {
        use = use.yields(part.name, FieldUse.Type.TEXT);
      } else if (part.kind == Kind.VALUE) {
        use = use.yieldsAny();
      }
    }
    return use;
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    return new Cutting(this, context);
  }

  @Override
  public String toString() {
    return pattern;
  }

  /** A field made of several parts. */
  private record Sum(FieldKey key, int[] parts, byte[][] joints, boolean contiguous) {}

  private static final class Cutting implements Processor {
    private final TextField text;
    private final byte[] beginning;
    private final byte[][] behind;
    private final boolean[] padded;
    /** The key of a part that is a whole field, or null. */
    private final FieldKey[] keys;
    private final Sum[] sums;
    /** The parts that are a name, and the ones that are its value. */
    private final int[] named;
    private final int[] values;
    private final int[] starts;
    private final int[] ends;
    private final int last;

    Cutting(Dissect dissect, StageContext context) {
      text = new TextField(context, dissect.from);
      beginning = dissect.beginning;
      List<Part> parts = dissect.parts;
      last = parts.size() - 1;
      behind = parts.stream().map(Part::behind).toArray(byte[][]::new);
      padded = new boolean[parts.size()];
      keys = new FieldKey[parts.size()];
      starts = new int[parts.size()];
      ends = new int[parts.size()];
      Map<String, List<Integer>> byName = new LinkedHashMap<>();
      List<Integer> names = new ArrayList<>();
      List<Integer> told = new ArrayList<>();
      for (int i = 0; i <= last; i++) {
        Part part = parts.get(i);
        padded[i] = part.padded;
        if (part.kind == Kind.FIELD || part.kind == Kind.ADDED) {
          byName.computeIfAbsent(part.name, n -> new ArrayList<>()).add(i);
        } else if (part.kind == Kind.VALUE) {
          for (int n = 0; n <= last; n++) {
            if ((parts.get(n).kind == Kind.NAME || parts.get(n).kind == Kind.SKIPPED) && parts.get(n).name.equals(part.name)) {
              names.add(n);
              told.add(i);
              break;
            }
          }
        }
      }
      named = names.stream().mapToInt(i -> i).toArray();
      values = told.stream().mapToInt(i -> i).toArray();
      List<Sum> several = new ArrayList<>();
      byName.forEach((name, indices) -> {
        FieldKey key = context.key(name);
        if (indices.size() == 1) {
          keys[indices.get(0)] = key;
        } else {
          several.add(sum(key, parts, indices, dissect.joint));
        }
      });
      sums = several.toArray(Sum[]::new);
    }

    private static Sum sum(FieldKey key, List<Part> parts, List<Integer> indices, String joint) {
      List<Integer> ordered = new ArrayList<>(indices);
      ordered.sort(Comparator.comparingInt(i -> parts.get(i).order));
      boolean contiguous = joint == null;
      byte[][] joints = new byte[ordered.size()][];
      for (int n = 0; n < joints.length; n++) {
        Part part = parts.get(ordered.get(n));
        joints[n] = (joint == null ? part.delimiterBefore() : joint).getBytes(StandardCharsets.UTF_8);
        contiguous &= n == 0 || ordered.get(n) == ordered.get(n - 1) + 1 && !parts.get(ordered.get(n - 1)).padded;
      }
      return new Sum(key, ordered.stream().mapToInt(i -> i).toArray(), joints, contiguous);
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      if (!text.read(event)) {
        out.fail(event, text.missing);
        return;
      }
      byte[] b = text.bytes;
      int to = text.to;
      int at = text.from;
      if (to - at < beginning.length || !Bytes.standsAt(b, at, beginning)) {
        missed(event, out, beginning, at);
        return;
      }
      at += beginning.length;
      for (int i = 0; i < last; i++) {
        byte[] delimiter = behind[i];
        int end = delimiter.length == 1 ? Bytes.find(b, at, to, delimiter[0]) : Bytes.find(b, at, to, delimiter);
        if (end < 0) {
          missed(event, out, delimiter, at);
          return;
        }
        starts[i] = at;
        ends[i] = end;
        at = end + delimiter.length;
        if (padded[i]) {
          while (to - at >= delimiter.length && Bytes.standsAt(b, at, delimiter)) {
            at += delimiter.length;
          }
        }
      }
      int end = endOfLast(b, at, to);
      if (end < 0) {
        missed(event, out, behind[last], at);
        return;
      }
      starts[last] = at;
      ends[last] = end;
      put(event);
      out.emit(event);
    }

    private int endOfLast(byte[] b, int at, int to) {
      byte[] ending = behind[last];
      int end = to - ending.length;
      if (end < at || !Bytes.standsAt(b, end, ending)) {
        return -1;
      }
      while (padded[last] && end - ending.length >= at && Bytes.standsAt(b, end - ending.length, ending)) {
        end -= ending.length;
      }
      return end;
    }

    private void missed(LogEvent event, Emitter out, byte[] wanted, int at) {
      out.fail(event, NO_MATCH, "wanted '" + new String(wanted, StandardCharsets.UTF_8) + "' from byte " + (at - text.from) + " on, found '"
          + Bytes.shown(text.bytes, at, text.to) + "'");
    }

    private void put(LogEvent event) {
      for (int i = 0; i <= last; i++) {
        if (keys[i] != null) {
          text.put(event, keys[i], starts[i], ends[i]);
        }
      }
      for (Sum sum : sums) {
        if (sum.contiguous) {
          text.put(event, sum.key, starts[sum.parts[0]], ends[sum.parts[sum.parts.length - 1]]);
        } else {
          long span = append(event, sum);
          event.put(sum.key, Span.from(span), Span.to(span));
        }
      }
      for (int n = 0; n < named.length; n++) {
        String name = Bytes.text(text.bytes, starts[named[n]], ends[named[n]]);
        long span = text.inPlace ? Span.of(starts[values[n]], ends[values[n]]) : event.append(text.bytes, starts[values[n]], ends[values[n]]);
        event.put(name, Span.from(span), Span.to(span));
      }
    }

    private long append(LogEvent event, Sum sum) {
      int length = 0;
      for (int n = 0; n < sum.parts.length; n++) {
        length += ends[sum.parts[n]] - starts[sum.parts[n]] + (n == 0 ? 0 : sum.joints[n].length);
      }
      byte[] whole = new byte[length];
      int used = 0;
      for (int n = 0; n < sum.parts.length; n++) {
        if (n > 0) {
          System.arraycopy(sum.joints[n], 0, whole, used, sum.joints[n].length);
          used += sum.joints[n].length;
        }
        int size = ends[sum.parts[n]] - starts[sum.parts[n]];
        System.arraycopy(text.bytes, starts[sum.parts[n]], whole, used, size);
        used += size;
      }
      return event.append(whole, 0, length);
    }
  }
}
