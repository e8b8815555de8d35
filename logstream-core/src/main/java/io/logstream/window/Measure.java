package io.logstream.window;

import io.logstream.match.Condition;
import java.util.List;

/**
 * What one of {@link Aggregations} works out, and of what.
 *
 * @param what the factory's name, such as {@code count} or {@code percentiles}
 * @param names the fields of a row that it fills
 * @param field the field of events that it reads; null where it reads none
 * @param condition what the events it counts must meet; null where there is none
 * @param percents for percentiles, those asked for; else empty
 */
public record Measure(String what, List<String> names, String field, Condition condition, List<Double> percents) {
  /** Copies the lists. */
  public Measure {
    names = List.copyOf(names);
    percents = List.copyOf(percents);
  }
}
