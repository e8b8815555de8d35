package io.logstream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which fields events can have at one place of a pipeline, as far as the stages before it tell. */
final class KnownFields {
  private static final Set<String> BUILT_IN = Set.of(LogEvent.MESSAGE, "file", "host", "truncated", "ended");
  /** Built-in ones that are never numbers. */
  private static final Set<String> NAMES = Set.of("file", "host");
  /** Built-in ones, too, that are whole numbers. */
  private static final Set<String> COUNTS = Set.of("offset", "line", "lines", "part");

  private static final int SHOWN = 20;

  private record Known(FieldUse.Type type, String by) {}

  private final Map<String, Known> fields = new LinkedHashMap<>();
  private final Map<String, String> removedBy = new LinkedHashMap<>();
  private final Set<String> anyUnder = new LinkedHashSet<>();
  private boolean open;

  KnownFields copy() {
    KnownFields copy = new KnownFields();
    copy.or(this);
    return copy;
  }

  static KnownFields of(String source, FieldUse use) {
    KnownFields known = new KnownFields();
    for (String field : COUNTS) {
      known.fields.put(field, new Known(FieldUse.Type.WHOLE, source));
    }
    known.apply("source '" + source + "'", use);
    return known;
  }

  /** Events may also come from another way. */
  void or(KnownFields other) {
    open |= other.open;
    anyUnder.addAll(other.anyUnder);
    for (Map.Entry<String, Known> entry : other.fields.entrySet()) {
      Known own = fields.get(entry.getKey());
      if (own == null || own.type != entry.getValue().type) {
        fields.put(entry.getKey(), own == null ? entry.getValue() : new Known(FieldUse.Type.ANY, own.by));
      }
    }
    removedBy.putAll(other.removedBy);
    removedBy.keySet().removeAll(fields.keySet());
  }

  /** Refuses what a stage wants and cannot have. */
  void check(FieldUse use) {
    if (use.reads.contains("") || use.yields.containsKey("")) {
      throw new IllegalArgumentException("it was given an empty text as the name of a field");
    }
    for (String field : use.reads) {
      if (!has(field)) {
        throw new IllegalArgumentException("it reads the field '" + field + "', " + (removedBy.containsKey(field)
            ? "which " + removedBy.get(field) + " has taken away"
            : "which nothing before it yields" + instead(field)));
      }
    }
    for (String field : use.numbers) {
      Known known = fields.get(field);
      if (known != null && known.type == FieldUse.Type.TEXT) {
        throw new IllegalArgumentException("it works out numbers from the field '" + field + "', but " + known.by + " makes it text; if numbers stand in it, "
            + "give it a type there, or convert it behind it: Convert.numbers(\"" + field + "\")");
      }
      boolean truth = known != null && known.type == FieldUse.Type.TRUTH;
      if (truth || known == null && !open && NAMES.contains(field)) {
        throw new IllegalArgumentException("it works out numbers from the field '" + field + "', but " + (truth ? known.by + " makes it " + known.type : "that is a name"));
      }
    }
    for (FieldUse.Compared one : use.compared) {
      Known known = fields.get(one.field());
      if (known != null && known.type.isNumber()) {
        Number number = Numbers.parse(one.text());
        throw new IllegalArgumentException("it compares the field '" + one.field() + "' with the text \"" + one.text() + "\", but " + known.by + " makes it "
            + known.type + "; " + (number == null ? "no number is equal to that text" : "compare it with a number: is(" + number + ")"));
      }
    }
  }

  private boolean has(String field) {
    return open || fields.containsKey(field) || BUILT_IN.contains(field) || anyUnder.stream().anyMatch(field::startsWith);
  }

  private String instead(String field) {
    Set<String> there = new TreeSet<>(fields.keySet());
    List<String> near = new ArrayList<>(Nearest.to(field, there));
    anyUnder.forEach(prefix -> near.add(prefix + field));
    if (!near.isEmpty()) {
      return "; did you mean " + String.join(" or ", near) + "?";
    }
    there.removeAll(COUNTS);
    if (there.isEmpty()) {
      return "; there are only the built-in ones: message, file, host, offset, line";
    }
    return "; there are " + String.join(", ", there.stream().limit(SHOWN).toList()) + (there.size() > SHOWN ? " and " + (there.size() - SHOWN) + " more" : "");
  }

  void apply(String by, FieldUse use) {
    Map<String, Known> like = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : use.typedAs.entrySet()) {
      like.put(entry.getKey(), fields.getOrDefault(entry.getValue(), new Known(FieldUse.Type.ANY, by)));
    }
    if (use.only) {
      fields.clear();
      anyUnder.clear();
      removedBy.clear();
      open = false;
    }
    if (!use.known) {
      open = true;
      fields.clear();
    }
    for (String field : use.removes) {
      fields.remove(field);
      removedBy.put(field, by);
    }
    for (String prefix : use.under) {
      for (Map.Entry<String, Known> entry : fields.entrySet()) {
        if (entry.getKey().startsWith(prefix)) {
          entry.setValue(new Known(FieldUse.Type.ANY, entry.getValue().by));
        }
      }
      anyUnder.add(prefix);
    }
    for (Map.Entry<String, FieldUse.Type> entry : use.yields.entrySet()) {
      fields.put(entry.getKey(), new Known(entry.getValue(), by));
      removedBy.remove(entry.getKey());
    }
    fields.putAll(like);
    removedBy.keySet().removeAll(like.keySet());
  }
}
