package io.logstream.index;

import io.logstream.Numbers;
import io.logstream.match.Clause;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.document.DoubleField;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.SortedNumericDocValuesField;
import org.apache.lucene.index.Term;
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
  static final String TERMS = "!terms";

  // heads of terms that are of no field; those of fields begin with a shape's letter
  static final byte[] NAMES = {'!', 'n'};
  static final byte[] LOG = {'!', 'l'};
  static final byte[] FEEDER = {'!', 'f'};

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
  static final int FILE = 1;
  static final int HOST = 2;
  private static final Shape[] SHAPES = Shape.values();
  private static final BytesRef TRUE = new BytesRef("true");
  private static final BytesRef FALSE = new BytesRef("false");

  private final Declared declared;
  private final int maxFields;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private volatile String[] numbered = {};

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
    for (String name : numbered) {
      Known its = known.get(name);
      fields.add(its.shapes + "," + its.everCut + " " + name);
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

  /** What the terms of a field's values of one shape begin with. Only for a field that is known. */
  byte[] head(String field, Shape shape) {
    return known.get(field).heads[shape.ordinal()];
  }

  /** The term of a value. Only for a field that is known. */
  Term term(String field, Shape shape, BytesRef value) {
    return term(head(field, shape), value);
  }

  static Term ofLog(String log) {
    return term(LOG, Terms.of(log));
  }

  static Term ofFeeder(BytesRef feeder) {
    return term(FEEDER, feeder);
  }

  private static Term term(byte[] head, BytesRef value) {
    byte[] bytes = Arrays.copyOf(head, head.length + value.length);
    System.arraycopy(value.bytes, value.offset, bytes, head.length, value.length);
    return new Term(TERMS, new BytesRef(bytes));
  }

  /** The number of a name; -1 for one that is not known. */
  int number(String field) {
    Known its = known.get(field);
    return its == null ? -1 : its.number;
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

  /** All names by their numbers. Not to be written to. */
  String[] numbered() {
    return numbered;
  }

  static BytesRef truth(boolean value) {
    return value ? TRUE : FALSE;
  }

  // ---------------------------------------------------------------- for the one that adds

  /** A field name, made known if there is room; null for one that is not searchable. */
  Known known(String name) {
    Known its = known.get(name);
    if (its == null && numbered.length < maxFields + OWN.size() && name.length() <= LONGEST_TERM / 4) {
      its = new Known(name, numbered.length, declared);
      known.put(name, its);
      String[] more = Arrays.copyOf(numbered, numbered.length + 1);
      more[its.number] = name;
      numbered = more;
    }
    return its;
  }

  /** A known name, with Lucene's fields for its values, used again for event after event. */
  static final class Known {
    final String name;
    final int number;
    private final boolean keyword;
    private final boolean numeric;
    private final boolean ranged;
    private final boolean anyCase;
    private final byte[][] heads = new byte[SHAPES.length][];
    /** Of numbers, by shape. */
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
      for (int i = 0; i < SHAPES.length; i++) {
        values.add(new ArrayList<>());
        heads[i] = head(SHAPES[i].letter, number);
      }
    }

    /** A letter and the number, seven bits to the byte, so that no head begins with another. */
    private static byte[] head(char letter, int number) {
      byte[] head = new byte[6];
      int length = 0;
      head[length++] = (byte) letter;
      int rest = number;
      for (; rest > 0x7F; rest >>>= 7) {
        head[length++] = (byte) (rest | 0x80);
      }
      head[length++] = (byte) rest;
      return Arrays.copyOf(head, length);
    }

    /**
     * Adds the fields of a value to a document, in which it has none yet.
     *
     * @return false if a part of the value is not searchable
     */
    boolean addTo(EventDocument document, Object value) {
      begin();
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

    /** The same for text. */
    boolean addTo(EventDocument document, byte[] bytes, int from, int to) {
      if (to - from > LONGEST_TERM || !isPlain(bytes, from, to)) {
        return addTo(document, new String(bytes, from, to - from, StandardCharsets.UTF_8));
      }
      begin();
      boolean number = !keyword && number(document, bytes, from, to);
      if (!number || !numeric) {
        document.terms.add(headOf(Shape.TEXT), bytes, from, to - from);
        if (anyCase) {
          document.terms.addFolded(headOf(Shape.FOLDED), bytes, from, to - from);
        }
      }
      return true;
    }

    /** The same for a number. */
    void addTo(EventDocument document, long value) {
      begin();
      number(document, value, 0, true, Shape.LONG);
    }

    /** The same for a number. */
    void addTo(EventDocument document, double value) {
      begin();
      if (!Double.isNaN(value)) {
        number(document, 0, value, false, Shape.DOUBLE);
      }
    }

    private void begin() {
      Arrays.fill(used, 0);
      cut = false;
    }

    /** Whether text is the same as bytes and as characters without a look at what they mean. */
    private static boolean isPlain(byte[] bytes, int from, int to) {
      for (int at = from; at < to; at++) {
        if (bytes[at] < 0) {
          return false;
        }
      }
      return true;
    }

    /** Adds text as the number that it reads as, if it does. */
    private boolean number(EventDocument document, byte[] bytes, int from, int to) {
      if (from == to || bytes[from] > '9') {
        return false;
      }
      long whole = Numbers.whole(bytes, from, to, -1);
      if (whole != -1 || Numbers.whole(bytes, from, to, 0) == -1) {
        number(document, whole, 0, true, Shape.TEXT_LONG);
        return true;
      }
      double decimal = Numbers.decimal(bytes, from, to);
      if (Double.isNaN(decimal)) {
        return false;
      }
      number(document, 0, decimal, false, Shape.TEXT_DOUBLE);
      return true;
    }

    private void one(EventDocument document, Object value) {
      if (value instanceof String text) {
        Number read = keyword ? null : Numbers.parse(text);
        if (read != null) {
          boolean whole = read instanceof Long;
          number(document, read.longValue(), read.doubleValue(), whole, whole ? Shape.TEXT_LONG : Shape.TEXT_DOUBLE);
        }
        if (read == null || !numeric) {
          BytesRef term = Terms.of(text);
          if (term.length > LONGEST_TERM) {
            cut();
          }
          document.terms.add(headOf(Shape.TEXT), term);
          if (anyCase) {
            document.terms.add(headOf(Shape.FOLDED), Terms.of(Terms.folded(text)));
          }
        }
      } else if (value instanceof Long whole) {
        number(document, whole, 0, true, Shape.LONG);
      } else if (value instanceof Double decimal && !decimal.isNaN()) {
        number(document, 0, decimal, false, Shape.DOUBLE);
      } else if (value instanceof Boolean truth) {
        document.terms.add(headOf(Shape.BOOLEAN), truth(truth));
      }
    }

    /** A value is longer than what is indexed of it. */
    void cut() {
      cut = true;
      everCut = true;
    }

    /** The head of a term of this shape, which there is from now on. */
    private byte[] headOf(Shape shape) {
      comes(shape);
      return heads[shape.ordinal()];
    }

    private void comes(Shape shape) {
      int bit = 1 << shape.ordinal();
      if ((shapes & bit) == 0) {
        shapes |= bit;
      }
    }

    private void number(EventDocument document, long whole, double decimal, boolean isWhole, Shape shape) {
      Field field = next(shape);
      if (!ranged) {
        long value = isWhole ? whole : NumericUtils.doubleToSortableLong(decimal + 0.0);
        field = field == null ? added(shape, new SortedNumericDocValuesField(shape.of(name), value)) : field;
        field.setLongValue(value);
      } else if (isWhole) {
        field = field == null ? added(shape, new LongField(shape.of(name), 0, Field.Store.NO)) : field;
        field.setLongValue(whole);
      } else {
        field = field == null ? added(shape, new DoubleField(shape.of(name), 0, Field.Store.NO)) : field;
        field.setDoubleValue(decimal + 0.0);
      }
      document.fields.add(field);
    }

    private Field next(Shape shape) {
      List<Field> fields = values.get(shape.ordinal());
      int at = used[shape.ordinal()]++;
      return at < fields.size() ? fields.get(at) : null;
    }

    private Field added(Shape shape, Field field) {
      values.get(shape.ordinal()).add(field);
      comes(shape);
      return field;
    }
  }
}
