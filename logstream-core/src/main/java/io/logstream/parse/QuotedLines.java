package io.logstream.parse;

import io.logstream.Joiner;
import io.logstream.JoinerContext;
import io.logstream.LineJoiner;
import java.time.Duration;

/** Joins lines as long as a double quote is open. */
record QuotedLines() implements Joiner {
  @Override
  public LineJoiner openJoiner(JoinerContext context) {
    return (bytes, from, to, open) -> {
      boolean odd = false;
      for (int at = Bytes.find(bytes, from, to, (byte) '"'); at >= 0; at = Bytes.find(bytes, at + 1, to, (byte) '"')) {
        odd = !odd;
      }
      // an unfinished record is always inside quotes
      if (open) {
        return odd ? LineJoiner.Does.ENDS : LineJoiner.Does.CONTINUES;
      }
      return odd ? LineJoiner.Does.BEGINS : LineJoiner.Does.STANDS_ALONE;
    };
  }

  @Override
  public Duration timeout() {
    return Duration.ofSeconds(1);
  }

  @Override
  public int maxBytes() {
    return 1 << 20;
  }

  @Override
  public int maxLines() {
    return 1_000;
  }

  @Override
  public String name() {
    return "wholeRecords";
  }
}
