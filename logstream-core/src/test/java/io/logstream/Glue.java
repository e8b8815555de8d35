package io.logstream;

import java.time.Duration;

/** Joins lines that begin with a blank to the line before. */
record Glue(Duration timeout, int maxBytes, int maxLines) implements Joiner {
  static Glue lines() {
    return new Glue(Duration.ofSeconds(2), 1 << 20, 500);
  }

  @Override
  public LineJoiner openJoiner(JoinerContext context) {
    return (bytes, from, to, open) -> to > from && bytes[from] == ' ' ? LineJoiner.Does.CONTINUES : LineJoiner.Does.BEGINS;
  }

  @Override
  public String name() {
    return "Glue";
  }
}
