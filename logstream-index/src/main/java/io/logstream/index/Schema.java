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
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.InvertableType;
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
  static final int FILE = 1;
  static final int HOST = 2;
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
    private final BytesRef term = new BytesRef();
    private byte[] folded = {};

    TermField(String name) {
      super(name, TERM);
      fieldsData = term;
    }

    TermField of(BytesRef that) {
      return of(that.bytes, that.offset, that.length);
    }

    TermField of(byte[] bytes, int from, int length) {
      term.bytes = bytes;
      term.offset = from;
      term.length = length;
      return this;
    }

    /** A copy of the bytes with letters from A to Z in lower case. */
    TermField folded(byte[] bytes, int from, int length) {
      if (folded.length < length) {
        folded = new byte[LONGEST_TERM];
      }
      for (int i = 0; i < length; i++) {
        byte b = bytes[from + i];
        folded[i] = b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
      }
      return of(folded, 0, length);
    }

    @Override
    public InvertableType invertableType() {
      return InvertableType.BINARY;
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
      }
    }

    /**
     * Adds the fields of a value to a document, in which it has none yet.
     *
     * @return false if a part of the value is not searchable
     */
    boolean addTo(List<Field> document, Object value) {
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

    /** The same for text, of which no copy is taken: it must stay until the document is added. */
    boolean addTo(List<Field> document, byte[] bytes, int from, int to) {
      if (to - from > LONGEST_TERM || !isPlain(bytes, from, to)) {
        return addTo(document, new String(bytes, from, to - from, StandardCharsets.UTF_8));
      }
      begin();
      boolean number = !keyword && number(document, bytes, from, to);
      if (!number || !numeric) {
        document.add(term(Shape.TEXT).of(bytes, from, to - from));
        if (anyCase) {
          document.add(term(Shape.FOLDED).folded(bytes, from, to - from));
        }
      }
      return true;
    }

    /** The same for a number. */
    void addTo(List<Field> document, long value) {
      begin();
      number(document, value, 0, true, Shape.LONG);
    }

    /** The same for a number. */
    void addTo(List<Field> document, double value) {
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
    private boolean number(List<Field> document, byte[] bytes, int from, int to) {
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

    private void one(List<Field> document, Object value) {
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
          document.add(term(Shape.TEXT).of(term));
          if (anyCase) {
            document.add(term(Shape.FOLDED).of(Terms.of(Terms.folded(text))));
          }
        }
      } else if (value instanceof Long whole) {
        number(document, whole, 0, true, Shape.LONG);
      } else if (value instanceof Double decimal && !decimal.isNaN()) {
        number(document, 0, decimal, false, Shape.DOUBLE);
      } else if (value instanceof Boolean truth) {
        document.add(term(Shape.BOOLEAN).of(truth(truth)));
      }
    }

    /** A value is longer than what is indexed of it. */
    void cut() {
      cut = true;
      everCut = true;
    }

    private TermField term(Shape shape) {
      TermField field = (TermField) next(shape);
      return field != null ? field : (TermField) added(shape, new TermField(shape.of(name)));
    }

    private void number(List<Field> document, long whole, double decimal, boolean isWhole, Shape shape) {
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
