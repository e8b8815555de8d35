package io.logstream.window;

import io.logstream.Sink;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Consumer;

/** What is said of a window. Changed only while it is being made from another one. */
final class Form implements Cloneable {
  /** How windows lie in time. */
  enum Kind { TUMBLING, HOPPING, SESSION, SLIDING }

  Kind kind;
  /** The length of a window; of a session, the silence that ends it. */
  Duration size;
  /** From one hopping window to the next. */
  Duration step;
  /** Whose calendar windows follow; null for none. */
  ZoneId zone;
  List<String> keys = List.of();
  int maxKeys = 2_000;
  Duration allowedLateness = Duration.ZERO;
  Sink lateTo;
  /** How often rows of open windows are shown; null for never. */
  Duration early;
  boolean replacing;
  /** Empty until it is said what to work out: then events are counted. */
  List<Aggregation> aggregations = List.of();

  Form(Kind kind, Duration size, Duration step) {
    this.kind = kind;
    this.size = size;
    this.step = step;
  }

  Form with(Consumer<Form> change) {
    try {
      Form copy = (Form) clone();
      change.accept(copy);
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }
}
