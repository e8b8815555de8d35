package io.logstream.index;

import io.logstream.BudgetedMatcher;
import io.logstream.LogEvent;
import io.logstream.Numbers;
import io.logstream.index.Schema.Shape;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import io.logstream.match.Field;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.apache.lucene.document.DoubleField;
import org.apache.lucene.document.DoublePoint;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.SortedNumericDocValuesField;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.SortedNumericDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.NumericUtils;

/**
 * A condition in Lucene's words, for one slice: it asks the shapes that the slice has. Whatever a condition finds by testing events one by
 * one, its translation finds, and nothing else; what the index does not know, it looks up in the stored events.
 */
final class Translation {
  /** What events know of their origin, and the index keeps without indexing it. */
  private static final Set<String> UNINDEXED = Set.of("line", "offset", "truncated");

  private static final byte[] NOTHING = {};

  private final View view;
  private final Schema schema;
  private final Declared declared;
  private final Budget budget;

  Translation(View view, Budget budget) {
    this.view = view;
    this.schema = view.schema;
    this.declared = schema.declared();
    this.budget = budget;
  }

  /** A condition as an index that was told this about fields takes it: in keyword fields numbers are text as it is written. */
  static Condition resolved(Condition condition, Declared declared) {
    if (condition instanceof Clause.And and) {
      return and.parts().stream().map(part -> resolved(part, declared)).reduce(Condition::and).orElseThrow();
    } else if (condition instanceof Clause.Or or) {
      return or.parts().stream().map(part -> resolved(part, declared)).reduce(Condition::or).orElseThrow();
    } else if (condition instanceof Clause.Not not) {
      return Condition.not(resolved(not.part(), declared));
    } else if (condition instanceof Clause.Equal equal && declared.isKeyword(equal.field())) {
      return Field.field(equal.field()).is(equal.text());
    } else if (condition instanceof Clause.OneOf oneOf && declared.isKeyword(oneOf.field())) {
      return Field.field(oneOf.field()).isOneOf(oneOf.values().stream().map(Clause.Equal::text).toList());
    }
    return condition;
  }

  Query of(Condition condition) {
    if (condition instanceof Clause.All) {
      return new MatchAllDocsQuery();
    } else if (condition instanceof Clause.And and) {
      return all(and.parts());
    } else if (condition instanceof Clause.Or or) {
      return any(or.parts().stream().map(this::of).toList());
    } else if (condition instanceof Clause.Not) {
      return all(List.of(condition));
    } else if (condition instanceof Clause.Phrase phrase) {
      return words(phrase.words());
    } else if (condition instanceof Clause.WordLike like) {
      return new TermsLike(Schema.WORDS, NOTHING, like.pieces().get(0).getBytes(StandardCharsets.UTF_8), term -> like.holdsFor(term.bytes, term.offset, term.offset + term.length), budget);
    } else if (condition instanceof Clause.TimeRange range) {
      return new TimeQuery(view, range.from(), range.to());
    } else if (condition instanceof Clause.OfField ofField) {
      return ofField(ofField);
    }
    return looked(new MatchAllDocsQuery(), condition);
  }

  private Query ofField(Clause.OfField condition) {
    String field = condition.field();
    if (field.equals(Schema.MESSAGE)) {
      return condition instanceof Clause.Exists ? new MatchAllDocsQuery() : looked(around(condition), condition);
    } else if (UNINDEXED.contains(field)) {
      return looked(new MatchAllDocsQuery(), condition);
    } else if (!schema.has(field)) {
      return new MatchNoDocsQuery();
    } else if (condition instanceof Clause.Exists) {
      int number = schema.number(field);
      return new TermsLike(Schema.TERMS, Schema.NAMES, NOTHING, term -> NameSet.contains(term, number), budget);
    } else if (condition instanceof Clause.Range range) {
      List<Query> any = new ArrayList<>();
      range(any, range, true);
      if (declared.isKeyword(field)) {
        terms(any, Shape.TEXT, range, "");
      }
      return any(any);
    } else if (condition instanceof Clause.Equal equal) {
      return equal(field, List.of(equal), condition);
    } else if (condition instanceof Clause.OneOf oneOf) {
      return equal(field, oneOf.values(), condition);
    }
    List<Query> any = new ArrayList<>();
    String prefix = condition instanceof Clause.Like like && !Clause.anyCase(field) ? like.pieces().get(0) : "";
    terms(any, Shape.TEXT, condition, prefix);
    terms(any, Shape.BOOLEAN, condition, "");
    numbers(any, Shape.LONG, condition);
    numbers(any, Shape.DOUBLE, condition);
    if (declared.isNumber(field)) {
      readAsNumbers(any, condition);
    }
    return any(any);
  }

  // ---------------------------------------------------------------- values

  private Query equal(String field, List<Clause.Equal> values, Clause.OfField whole) {
    List<Query> any = new ArrayList<>();
    List<BytesRef> texts = new ArrayList<>();
    boolean anyCase = Clause.anyCase(field);
    Set<Long> longs = new TreeSet<>();
    Set<Double> doubles = new TreeSet<>();
    Set<Long> textLongs = new TreeSet<>();
    Set<Double> textDoubles = new TreeSet<>();
    for (Clause.Equal value : values) {
      if (value.number() == null) {
        texts.add(Terms.of(anyCase ? Terms.folded(value.text()) : value.text()));
      }
      Number number = value.number() == null ? Numbers.parse(value.text()) : value.number();
      if (number != null) {
        Clause.Range range = Clause.Range.of(field, number);
        if (range.leastWhole() <= range.greatestWhole()) {
          longs.add(range.leastWhole());
          textLongs.addAll(value.number() == null ? Set.of() : Set.of(range.leastWhole()));
        }
        if (range.least() <= range.greatest()) {
          doubles.add(range.least() + 0.0);
          textDoubles.addAll(value.number() == null ? Set.of() : Set.of(range.least() + 0.0));
        }
      }
    }
    longs(any, field, Shape.LONG, longs);
    longs(any, field, Shape.TEXT_LONG, textLongs);
    doubles(any, field, Shape.DOUBLE, doubles);
    doubles(any, field, Shape.TEXT_DOUBLE, textDoubles);
    if (!texts.isEmpty()) {
      oneOf(any, field, anyCase ? Shape.FOLDED : Shape.TEXT, texts);
      oneOf(any, field, Shape.BOOLEAN, texts);
      if (declared.isNumber(field)) {
        readAsNumbers(any, whole);
      }
    }
    return any(any);
  }

  private void longs(List<Query> any, String field, Shape shape, Set<Long> values) {
    if (!values.isEmpty() && schema.has(field, shape)) {
      any.add(declared.isRanged(field) ? LongPoint.newSetQuery(shape.of(field), values)
          : SortedNumericDocValuesField.newSlowSetQuery(shape.of(field), values.stream().mapToLong(Long::longValue).toArray()));
    }
  }

  private void doubles(List<Query> any, String field, Shape shape, Set<Double> values) {
    if (!values.isEmpty() && schema.has(field, shape)) {
      any.add(declared.isRanged(field) ? DoublePoint.newSetQuery(shape.of(field), values)
          : SortedNumericDocValuesField.newSlowSetQuery(shape.of(field), values.stream().mapToLong(NumericUtils::doubleToSortableLong).toArray()));
    }
  }

  private void oneOf(List<Query> any, String field, Shape shape, List<BytesRef> texts) {
    if (schema.has(field, shape)) {
      any.add(texts.size() == 1 ? new TermQuery(schema.term(field, shape, texts.get(0)))
          : new TermInSetQuery(Schema.TERMS, texts.stream().map(text -> schema.term(field, shape, text).bytes()).toList()));
    }
  }

  private void range(List<Query> any, Clause.Range range, boolean textToo) {
    longs(any, Shape.LONG, range);
    doubles(any, Shape.DOUBLE, range);
    if (textToo) {
      longs(any, Shape.TEXT_LONG, range);
      doubles(any, Shape.TEXT_DOUBLE, range);
    }
  }

  private void longs(List<Query> any, Shape shape, Clause.Range range) {
    if (range.leastWhole() <= range.greatestWhole() && schema.has(range.field(), shape)) {
      String name = shape.of(range.field());
      any.add(declared.isRanged(range.field()) ? LongField.newRangeQuery(name, range.leastWhole(), range.greatestWhole())
          : SortedNumericDocValuesField.newSlowRangeQuery(name, range.leastWhole(), range.greatestWhole()));
    }
  }

  private void doubles(List<Query> any, Shape shape, Clause.Range range) {
    // Lucene puts -0.0 before 0.0, which none is stored as
    if (range.least() <= range.greatest() && schema.has(range.field(), shape)) {
      String name = shape.of(range.field());
      double least = range.least() + 0.0;
      double greatest = range.greatest() + 0.0;
      any.add(declared.isRanged(range.field()) ? DoubleField.newRangeQuery(name, least, greatest)
          : SortedNumericDocValuesField.newSlowRangeQuery(name, NumericUtils.doubleToSortableLong(least), NumericUtils.doubleToSortableLong(greatest)));
    }
  }

  /** Text whose term a condition accepts; where a term is only the beginning of a text, the text decides. */
  private void terms(List<Query> any, Shape shape, Clause.OfField condition, String prefix) {
    String field = condition.field();
    if (!schema.has(field, shape)) {
      return;
    }
    byte[] utf8 = prefix.getBytes(StandardCharsets.UTF_8);
    byte[] start = Arrays.copyOf(utf8, Math.min(utf8.length, Schema.LONGEST_TERM));
    byte[] head = schema.head(field, shape);
    any.add(new TermsLike(Schema.TERMS, head, start, term -> term.length <= Schema.LONGEST_TERM && holds(condition, term.utf8ToString()), budget));
    if (shape == Shape.TEXT && schema.hasCut(field)) {
      any.add(looked(new TermsLike(Schema.TERMS, head, start, term -> term.length > Schema.LONGEST_TERM, budget), condition));
    }
  }

  private boolean holds(Clause.OfField condition, Object value) {
    try {
      return condition.holdsFor(value);
    } catch (BudgetedMatcher.BudgetExceeded e) {
      budget.unsure();
      return false;
    }
  }

  /** Numbers whose text a condition accepts. */
  private void numbers(List<Query> any, Shape shape, Clause.OfField condition) {
    String name = shape.of(condition.field());
    if (schema.has(condition.field(), shape)) {
      any.add(new Check(new FieldExistsQuery(name), condition.toString(), leaf -> {
        SortedNumericDocValues values = DocValues.getSortedNumeric(leaf, name);
        Predicate<Object> wanted = value -> holds(condition, value);
        return document -> accepts(values, document, shape, wanted);
      }, budget));
    }
  }

  private static boolean accepts(SortedNumericDocValues values, int document, Shape shape, Predicate<Object> wanted) {
    try {
      if (values.advanceExact(document)) {
        for (int i = values.docValueCount(); i > 0; i--) {
          long value = values.nextValue();
          if (wanted.test(shape == Shape.LONG ? (Object) value : (Object) NumericUtils.sortableLongToDouble(value))) {
            return true;
          }
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Text that is indexed as the number that it reads as. */
  private void readAsNumbers(List<Query> any, Clause.OfField condition) {
    for (Shape shape : List.of(Shape.TEXT_LONG, Shape.TEXT_DOUBLE)) {
      if (schema.has(condition.field(), shape)) {
        any.add(looked(new FieldExistsQuery(shape.of(condition.field())), condition));
      }
    }
  }

  // ---------------------------------------------------------------- messages

  private static Query words(List<String> words) {
    if (words.size() == 1) {
      return new TermQuery(new Term(Schema.WORDS, words.get(0)));
    }
    return new PhraseQuery(Schema.WORDS, words.toArray(new String[0]));
  }

  /** A query that finds at least what a condition on the whole message finds: by the words that must be in it. */
  private Query around(Clause.OfField condition) {
    List<String> words = new ArrayList<>();
    if (condition instanceof Clause.Equal equal && equal.number() == null) {
      words.addAll(io.logstream.match.Words.of(equal.text()));
    } else if (condition instanceof Clause.Like like) {
      for (int i = 0; i < like.pieces().size(); i++) {
        words.addAll(io.logstream.match.Words.of(trimmed(like.pieces().get(i), i > 0, i < like.pieces().size() - 1)));
      }
    }
    if (words.isEmpty() || words.size() > 1_000 || schema.hasCut(Schema.MESSAGE)) {
      return new MatchAllDocsQuery();
    }
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    words.stream().distinct().limit(16).forEach(word -> query.add(new TermQuery(new Term(Schema.WORDS, word)), BooleanClause.Occur.FILTER));
    return query.build();
  }

  /** A piece of text without the letters at its ends that may go on beyond it. */
  private static String trimmed(String piece, boolean atStart, boolean atEnd) {
    int from = 0;
    int to = piece.length();
    while (atStart && from < to && !isAsciiSeparator(piece.charAt(from))) {
      from++;
    }
    while (atEnd && to > from && !isAsciiSeparator(piece.charAt(to - 1))) {
      to--;
    }
    return piece.substring(from, to);
  }

  private static boolean isAsciiSeparator(char c) {
    return c < 0x80 && !Character.isLetterOrDigit(c) && c != '_';
  }

  // ---------------------------------------------------------------- stored events

  private Query looked(Query among, Condition condition) {
    return new Check(among, condition.toString(), leaf -> stored(leaf, condition), budget);
  }

  private IntPredicate stored(LeafReader leaf, Condition condition) throws IOException {
    StoredEvents stored = StoredEvents.of(leaf, schema);
    return document -> {
      try {
        return condition.test(event(stored.hit(document)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private static LogEvent event(LogHit hit) {
    LogEvent event = LogEvent.of(hit.message()).time(hit.time());
    origin(event, "file", hit.file());
    origin(event, "host", hit.host());
    origin(event, "line", hit.line() > 0 ? hit.line() : null);
    origin(event, "offset", hit.position().offset() >= 0 ? hit.position().offset() : null);
    hit.fields().forEach(event::put);
    return event;
  }

  private static void origin(LogEvent event, String name, Object value) {
    if (value != null) {
      event.put(name, value);
    }
  }

  // ---------------------------------------------------------------- the whole

  /** The times that all hits have: what stands in a time range that everything else only narrows. */
  static long[] times(Condition condition) {
    long[] times = {Long.MIN_VALUE, Long.MAX_VALUE};
    if (condition instanceof Clause.TimeRange range) {
      times[0] = range.from();
      times[1] = range.to();
    } else if (condition instanceof Clause.And and) {
      for (Condition part : and.parts()) {
        long[] its = times(part);
        times[0] = Math.max(times[0], its[0]);
        times[1] = Math.min(times[1], its[1]);
      }
    }
    return times;
  }

  /** Whether finding the first hit is as expensive as finding all. */
  static boolean collectsFirst(Condition condition) {
    if (condition instanceof Clause.And and) {
      return and.parts().stream().anyMatch(Translation::collectsFirst);
    } else if (condition instanceof Clause.Or or) {
      return or.parts().stream().anyMatch(Translation::collectsFirst);
    } else if (condition instanceof Clause.Not not) {
      return collectsFirst(not.part());
    }
    return condition instanceof Clause.WordLike
        || (condition instanceof Clause.Like || condition instanceof Clause.Matches) && !((Clause.OfField) condition).field().equals(Schema.MESSAGE);
  }

  private Query all(List<Condition> conditions) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    boolean only = true;
    for (Condition condition : conditions) {
      boolean excludes = condition instanceof Clause.Not;
      query.add(of(condition instanceof Clause.Not not ? not.part() : condition), excludes ? BooleanClause.Occur.MUST_NOT : BooleanClause.Occur.FILTER);
      only &= excludes;
    }
    if (only) {
      query.add(new MatchAllDocsQuery(), BooleanClause.Occur.FILTER);
    }
    return query.build();
  }

  private static Query any(List<Query> queries) {
    if (queries.size() <= 1) {
      return queries.isEmpty() ? new MatchNoDocsQuery() : queries.get(0);
    }
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    queries.forEach(one -> query.add(one, BooleanClause.Occur.SHOULD));
    return query.build();
  }
}
