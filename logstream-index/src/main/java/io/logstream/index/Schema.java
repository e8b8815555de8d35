package io.logstream.index;

import io.logstream.Numbers;
import io.logstream.match.Clause;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.document.DoubleField;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.SortedNumericDocValuesField;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.NumericUtils;

/**
 * The field names of one slice, and how their values are indexed. A name has one Lucene field for every shape that its values come in, so
 * values of different types never clash. Written by the one thread that adds events; read by those that search.
 */
final class Schema {
  /** Bytes of a text value that are compared as they are; of a longer one, so many and a digest of the whole. */
  static final int LONGEST_TERM = 1024;

  /** Values of a list that are indexed. */
  static final int MOST_VALUES = 256;

  static final String MESSAGE = "message";

  // Lucene's names; a shape's begin with a letter, so these are nobody's
  static final String TIME = "!time";
  static final String SEQUENCE = "!sequence";
  static final String EVENT = "!event";
  static final String WORDS = "!words";
  static final String NAMES = "!names";
  static final String LOG = "!log";
  static final String FEEDER = "!feeder";

  private static final FieldType TERM = new FieldType();

  static {
    TERM.setIndexOptions(IndexOptions.DOCS);
    TERM.setTokenized(false);
    TERM.setOmitNorms(true);
    TERM.freeze();
  }

  /** What a value is. */
  enum Shape {
    TEXT('t'),
    BOOLEAN('b'),
    LONG('l'),
    DOUBLE('d'),
    /** Text that reads as a whole number. */
    TEXT_LONG('m'),
    /** Text that reads as a decimal. */
    TEXT_DOUBLE('e'),
    /** Text without regard to case, in the fields that are compared so. */
    FOLDED('f');

    private final char letter;

    Shape(char letter) {
      this.letter = letter;
    }

    String of(String field) {
      return letter + field;
    }
  }

  /** Names that every event may have and that nobody chose. */
  private static final List<String> OWN = List.of(MESSAGE, "file", "host");
  private static final Shape[] SHAPES = Shape.values();
  private static final BytesRef TRUE = new BytesRef("true");
  private static final BytesRef FALSE = new BytesRef("false");

  private final Declared declared;
  private final int maxFields;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private volatile Known[] byNumber = {};

  Schema(Declared declared, int maxFields) {
    this.declared = declared;
    this.maxFields = maxFields;
    OWN.forEach(this::known);
  }

  /** What {@link #writeTo} has written. */
  static Schema of(CommitData data) {
    Schema schema = new Schema(new Declared(data.set("keywords"), data.set("numbers"), data.set("ranged")), (int) data.number("most fields"));
    for (String field : data.list("fields")) {
      int space = field.indexOf(' ');
      int comma = field.indexOf(',');
      Known known = schema.known(field.substring(space + 1));
      known.shapes = Integer.parseInt(field.substring(0, comma));
      known.everCut = Boolean.parseBoolean(field.substring(comma + 1, space));
    }
    return schema;
  }

  void writeTo(CommitData data) {
    data.list("keywords", declared.keywords()).list("numbers", declared.numbers()).list("ranged", declared.ranged()).number("most fields", maxFields);
    List<String> fields = new ArrayList<>();
    for (Known known : byNumber) {
      fields.add(known.shapes + "," + known.everCut + " " + known.name);
    }
    data.list("fields", fields);
  }

  Declared declared() {
    return declared;
  }

  // ---------------------------------------------------------------- for those that search

  /** Whether a field may have values of this shape. */
  boolean has(String field, Shape shape) {
    Known its = known.get(field);
    return its != null && (its.shapes & 1 << shape.ordinal()) != 0;
  }

  boolean has(String field) {
    return known.containsKey(field);
  }

  /** Whether some value of a field is longer than what is indexed of it. */
  boolean hasCut(String field) {
    Known its = known.get(field);
    return its != null && its.everCut;
  }

  /** The names that are searchable. */
  Set<String> names() {
    return known.keySet();
  }

  String name(int number) {
    return byNumber[number].name;
  }

  static BytesRef truth(boolean value) {
    return value ? TRUE : FALSE;
  }

  // ---------------------------------------------------------------- for the one that adds

  /** A field name, made known if there is room; null for one that is not searchable. */
  Known known(String name) {
    Known its = known.get(name);
    if (its == null && byNumber.length < maxFields + OWN.size() && name.length() <= LONGEST_TERM / 4) {
      its = new Known(name, byNumber.length, declared);
      Known[] more = Arrays.copyOf(byNumber, byNumber.length + 1);
      more[its.number] = its;
      byNumber = more;
      known.put(name, its);
    }
    return its;
  }

  /** A Lucene field of one term, which can be set again. */
  static final class TermField extends Field {
    TermField(String name) {
      super(name, TERM);
    }

    TermField of(BytesRef term) {
      fieldsData = term;
      return this;
    }
  }

  /** A known name, with Lucene's fields for its values, used again for event after event. */
  static final class Known {
    final String name;
    final int number;
    private final boolean keyword;
    private final boolean numeric;
    private final boolean ranged;
    private final boolean anyCase;
    private final Field exists;
    private final List<List<Field>> values = new ArrayList<>();
    private final int[] used = new int[SHAPES.length];
    private volatile int shapes;
    private volatile boolean everCut;
    private boolean cut;

    private Known(String name, int number, Declared declared) {
      this.name = name;
      this.number = number;
      this.keyword = declared.isKeyword(name);
      this.numeric = declared.isNumber(name);
      this.ranged = declared.isRanged(name);
      this.anyCase = Clause.anyCase(name);
      this.exists = new TermField(NAMES).of(new BytesRef(name));
      for (int i = 0; i < SHAPES.length; i++) {
        values.add(new ArrayList<>());
      }
    }

    /**
     * Adds the fields of a value to a document.
     *
     * @return false if a part of the value is not searchable
     */
    boolean addTo(List<Field> document, Object value) {
      Arrays.fill(used, 0);
      cut = false;
      document.add(exists);
      if (value instanceof Collection<?> several) {
        int n = 0;
        for (Object one : several) {
          if (n++ == MOST_VALUES) {
            cut = true;
            break;
          }
          one(document, one);
        }
      } else {
        one(document, value);
      }
      return !cut;
    }

    private void one(List<Field> document, Object value) {
      if (value instanceof String text) {
        Number read = keyword ? null : Numbers.parse(text);
        if (read != null) {
          number(document, read, read instanceof Long ? Shape.TEXT_LONG : Shape.TEXT_DOUBLE);
        }
        if (read == null || !numeric) {
          BytesRef term = Terms.of(text);
          if (term.length > LONGEST_TERM) {
            cut();
          }
          term(document, term, Shape.TEXT);
          if (anyCase) {
            term(document, Terms.of(Terms.folded(text)), Shape.FOLDED);
          }
        }
      } else if (value instanceof Long whole) {
        number(document, whole, Shape.LONG);
      } else if (value instanceof Double decimal && !decimal.isNaN()) {
        number(document, decimal + 0.0, Shape.DOUBLE);
      } else if (value instanceof Boolean truth) {
        term(document, truth(truth), Shape.BOOLEAN);
      }
    }

    /** A value is longer than what is indexed of it. */
    void cut() {
      cut = true;
      everCut = true;
    }

    private void term(List<Field> document, BytesRef term, Shape shape) {
      TermField field = (TermField) next(shape);
      if (field == null) {
        field = new TermField(shape.of(name));
        added(shape, field);
      }
      document.add(field.of(term));
    }

    private void number(List<Field> document, Number number, Shape shape) {
      Field field = next(shape);
      boolean whole = number instanceof Long;
      if (!ranged) {
        long value = whole ? number.longValue() : NumericUtils.doubleToSortableLong(number.doubleValue() + 0.0);
        field = field == null ? added(shape, new SortedNumericDocValuesField(shape.of(name), value)) : field;
        field.setLongValue(value);
      } else if (whole) {
        field = field == null ? added(shape, new LongField(shape.of(name), 0, Field.Store.NO)) : field;
        field.setLongValue(number.longValue());
      } else {
        field = field == null ? added(shape, new DoubleField(shape.of(name), 0, Field.Store.NO)) : field;
        field.setDoubleValue(number.doubleValue() + 0.0);
      }
      document.add(field);
    }

    private Field next(Shape shape) {
      List<Field> fields = values.get(shape.ordinal());
      int at = used[shape.ordinal()]++;
      return at < fields.size() ? fields.get(at) : null;
    }

    private Field added(Shape shape, Field field) {
      values.get(shape.ordinal()).add(field);
      shapes |= 1 << shape.ordinal();
      return field;
    }
  }
}
