package io.logstream.index;

import io.logstream.match.Clause;
import io.logstream.match.Condition;
import io.logstream.Nearest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Weight;

/** A query as it is asked once: at one time, of some slices, with a budget. Belongs to its thread. */
final class Ask {
  private static final Set<String> ORIGIN = Set.of("line", "offset", "truncated", "file", "host", Schema.MESSAGE);
  private static final int MOST_WARNINGS = 10;

  final Condition condition;
  final LogCursor cursor;
  final Budget budget;
  /** The times that hits can have, in milliseconds, both included. */
  final long from;
  final long to;
  private final List<View> views;
  private final String stale;

  /** @param stale why the newest events are not visible; null if they are */
  Ask(LogQuery query, Instant now, List<View> views, String stale) {
    this.condition = query.conditionAt(now);
    this.cursor = query.after;
    this.budget = new Budget(query.within.toNanos());
    this.views = views;
    this.stale = stale;
    long[] times = Translation.times(condition);
    this.from = times[0];
    this.to = cursor == null ? times[1] : Math.min(times[1], cursor.time().toEpochMilli());
  }

  /** Whether a slice can have hits, by the times in it and by whose it is. */
  boolean mayBeIn(View view) {
    return view.greatest() >= from && view.least() <= to && view.tenant.mayHold(Translation.resolved(condition, view.schema.declared()));
  }

  /** What finds it in one slice. */
  Weight weight(View view) throws IOException {
    Condition its = Translation.resolved(condition, view.schema.declared());
    Condition bounded = cursor == null || to == Long.MAX_VALUE ? its : its.and(Clause.TimeRange.until(Instant.ofEpochMilli(to + 1)));
    Query query = new Translation(view, budget).of(bounded);
    // not the searcher's own rewriting, which counts conditions against a limit of its own
    for (Query simpler = query.rewrite(view.searcher); simpler != query; simpler = query.rewrite(view.searcher)) {
      query = simpler;
    }
    return query.createWeight(view.searcher, ScoreMode.COMPLETE_NO_SCORES, 1);
  }

  /** What a person should know. */
  List<String> warnings(String partial) {
    List<String> warnings = new ArrayList<>();
    if (partial != null) {
      warnings.add(partial);
    }
    if (stale != null) {
      warnings.add(stale);
    }
    if (budget.isUnsure()) {
      warnings.add("a regular expression took more steps than it may on some values, which count as not found");
    }
    Set<String> known = new TreeSet<>();
    views.forEach(view -> known.addAll(view.schema.names()));
    for (String field : condition.fields()) {
      if (!known.contains(field) && !ORIGIN.contains(field) && !known.isEmpty() && warnings.size() < MOST_WARNINGS) {
        List<String> near = Nearest.to(field, known);
        warnings.add("no event has a field '" + field + "'" + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?"));
      }
    }
    hints(condition, warnings);
    return warnings;
  }

  private static void hints(Condition condition, List<String> warnings) {
    if (condition instanceof Clause.And and) {
      and.parts().forEach(part -> hints(part, warnings));
    } else if (condition instanceof Clause.Or or) {
      or.parts().forEach(part -> hints(part, warnings));
    } else if (condition instanceof Clause.Not not) {
      hints(not.part(), warnings);
    } else if (condition instanceof Clause.Equal equal && warnings.size() < MOST_WARNINGS && equal.text().matches("/.*[\\[+|^$?].*/")) {
      warnings.add("'" + equal.text() + "' is compared as it is; a regular expression is written " + equal.field() + "~" + equal.text());
    }
  }
}
