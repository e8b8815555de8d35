package io.logstream.index;

import io.logstream.Position;
import java.util.LinkedHashMap;
import java.util.Map;

/** How far every log has come in. Used under the index's lock. */
final class Arrived {
  private static final int MOST = 10_000;

  private record Key(String log, String generation) {}

  private final Map<Key, long[]> offsets = new LinkedHashMap<>();
  private String log;
  private String generation;
  private long[] last;
  private boolean awaited;

  void take(Position position) {
    if (last == null || !position.log().equals(log) || !position.generation().equals(generation)) {
      log = position.log();
      generation = position.generation();
      last = offsets.computeIfAbsent(new Key(log, generation), any -> new long[] {-1});
      if (offsets.size() > MOST) {
        offsets.remove(offsets.keySet().iterator().next());
      }
    }
    last[0] = Math.max(last[0], position.offset());
  }

  /** Whether this record has come in, or one behind it in the same file. Who asks is told of later ones from then on. */
  boolean upTo(Position position) {
    awaited = true;
    long[] offset = offsets.get(new Key(position.log(), position.generation()));
    return offset != null && offset[0] >= position.offset();
  }

  boolean isAwaited() {
    return awaited;
  }
}
