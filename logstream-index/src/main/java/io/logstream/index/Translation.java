package io.logstream.index;

import io.logstream.index.Schema.Shape;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.DoubleField;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexOrDocValuesQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;

/** A query in Lucene's words, for one slice: it asks the shapes that the slice has. */
final class Translation {
  private final Schema schema;
  private final IndexSettings settings;

  Translation(Schema schema, IndexSettings settings) {
    this.schema = schema;
    this.settings = settings;
  }

  Query of(Clause clause) {
    if (clause instanceof Clause.All) {
      return new MatchAllDocsQuery();
    } else if (clause instanceof Clause.Words words) {
      return words(Words.of(words.text()));
    } else if (clause instanceof Clause.Is is) {
      return is(is);
    } else if (clause instanceof Clause.Range range) {
      List<Query> any = new ArrayList<>();
      range(any, range, true);
      return any(any);
    } else if (clause instanceof Clause.StartsWith starts) {
      return schema.has(starts.field(), Shape.TEXT) ? new Prefix(Shape.TEXT.of(starts.field()), new BytesRef(starts.prefix())) : nothing();
    } else if (clause instanceof Clause.Exists exists) {
      return schema.has(exists.field()) ? new TermQuery(new Term(Schema.NAMES, exists.field())) : nothing();
    } else if (clause instanceof Clause.Between between) {
      return new IndexOrDocValuesQuery(LongPoint.newRangeQuery(Schema.TIME, between.from(), between.to()),
          NumericDocValuesField.newSlowRangeQuery(Schema.TIME, between.from(), between.to()));
    } else if (clause instanceof Clause.And and) {
      return all(and.all());
    } else if (clause instanceof Clause.Or or) {
      return any(or.any().stream().map(this::of).toList());
    }
    return all(List.of(clause));
  }

  /** The times that all hits have, least and greatest: what stands in a Between that everything else only narrows. */
  static Clause.Between times(Clause clause) {
    if (clause instanceof Clause.Between between) {
      return between;
    }
    long from = Long.MIN_VALUE;
    long to = Long.MAX_VALUE;
    if (clause instanceof Clause.And and) {
      for (Clause one : and.all()) {
        Clause.Between its = times(one);
        from = Math.max(from, its.from());
        to = Math.min(to, its.to());
      }
    }
    return new Clause.Between(from, to);
  }

  /** Whether finding the first hit is as expensive as finding all. */
  static boolean collectsFirst(Clause clause) {
    if (clause instanceof Clause.And and) {
      return and.all().stream().anyMatch(Translation::collectsFirst);
    } else if (clause instanceof Clause.Or or) {
      return or.any().stream().anyMatch(Translation::collectsFirst);
    } else if (clause instanceof Clause.Not not) {
      return collectsFirst(not.clause());
    }
    return clause instanceof Clause.StartsWith;
  }

  private static Query words(List<BytesRef> words) {
    return words.size() == 1 ? new TermQuery(new Term(Schema.WORDS, words.get(0))) : new PhraseQuery(Schema.WORDS, words.toArray(new BytesRef[0]));
  }

  private Query is(Clause.Is is) {
    List<Query> any = new ArrayList<>();
    String field = is.field();
    if (is.value() instanceof Boolean truth) {
      term(any, field, Shape.BOOLEAN, Schema.truth(truth));
      term(any, field, Shape.TEXT, Schema.truth(truth));
    } else if (is.value() instanceof Number number) {
      range(any, new Clause.Range(field, number, true, number, true), true);
    } else {
      String text = is.value().toString();
      term(any, field, Shape.TEXT, Terms.of(text));
      if (text.equals("true") || text.equals("false")) {
        term(any, field, Shape.BOOLEAN, Schema.truth(text.equals("true")));
      }
      Number number = Numeric.read(text);
      if (number != null) {
        range(any, new Clause.Range(field, number, true, number, true), settings.isNumber(field));
      }
    }
    return any(any);
  }

  private void term(List<Query> any, String field, Shape shape, BytesRef term) {
    if (schema.has(field, shape)) {
      any.add(new TermQuery(new Term(shape.of(field), term)));
    }
  }

  private void range(List<Query> any, Clause.Range range, boolean textToo) {
    Long fromLong = Numeric.leastLong(range.from(), range.fromIncluded());
    Long toLong = Numeric.greatestLong(range.to(), range.toIncluded());
    double from = Numeric.leastDouble(range.from(), range.fromIncluded());
    double to = Numeric.greatestDouble(range.to(), range.toIncluded());
    longs(any, range.field(), Shape.LONG, fromLong, toLong);
    doubles(any, range.field(), Shape.DOUBLE, from, to);
    if (textToo) {
      longs(any, range.field(), Shape.TEXT_LONG, fromLong, toLong);
      doubles(any, range.field(), Shape.TEXT_DOUBLE, from, to);
    }
  }

  private void longs(List<Query> any, String field, Shape shape, Long from, Long to) {
    if (from != null && to != null && from <= to && schema.has(field, shape)) {
      any.add(LongField.newRangeQuery(shape.of(field), from, to));
    }
  }

  private void doubles(List<Query> any, String field, Shape shape, double from, double to) {
    if (from <= to && schema.has(field, shape)) {
      any.add(DoubleField.newRangeQuery(shape.of(field), from, to));
    }
  }

  private Query all(List<Clause> clauses) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    boolean only = true;
    for (Clause clause : clauses) {
      boolean excludes = clause instanceof Clause.Not;
      query.add(of(clause instanceof Clause.Not not ? not.clause() : clause), excludes ? BooleanClause.Occur.MUST_NOT : BooleanClause.Occur.FILTER);
      only &= excludes;
    }
    if (only) {
      query.add(new MatchAllDocsQuery(), BooleanClause.Occur.FILTER);
    }
    return query.build();
  }

  private static Query any(List<Query> queries) {
    if (queries.size() <= 1) {
      return queries.isEmpty() ? nothing() : queries.get(0);
    }
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    queries.forEach(one -> query.add(one, BooleanClause.Occur.SHOULD));
    return query.build();
  }

  private static Query nothing() {
    return new MatchNoDocsQuery();
  }
}
