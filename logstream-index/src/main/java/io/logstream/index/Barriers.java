package io.logstream.index;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an index on disk knows of the checkpoints of those that feed it: for each pipeline the numbers of the last few checkpoints, and with each the
 * sequence number that the first event behind it got. Written with every commit, so that an index that was ahead of the checkpoint when
 * its process died can go back to it.
 *
 * <p>A commit without new events is not made. So the events behind a checkpoint are those behind the greatest number noted that is not above it.
 */
final class Barriers {
  private static final int KEPT = 8;

  private final Map<String, TreeMap<Long, Long>> byPipeline = new HashMap<>();

  /** All that came in up to now belongs to this checkpoint. */
  void note(String pipeline, long checkpoint, long nextSequence) {
    TreeMap<Long, Long> its = byPipeline.computeIfAbsent(pipeline, any -> new TreeMap<>());
    its.tailMap(checkpoint, true).clear();
    its.put(checkpoint, nextSequence);
    if (its.size() > KEPT) {
      its.pollFirstEntry();
    }
  }

  /**
   * The sequence number of the first event behind a checkpoint; {@link Long#MAX_VALUE} if there can be none, -1 if the checkpoint is older than what is
   * known, so that nobody can tell.
   */
  long behind(String pipeline, long checkpoint) {
    TreeMap<Long, Long> its = byPipeline.get(pipeline);
    if (its == null) {
      return Long.MAX_VALUE;
    }
    Map.Entry<Long, Long> last = its.floorEntry(checkpoint);
    return last == null ? -1 : last.getValue();
  }

  /** Adds to the data of a commit. */
  void writeTo(CommitData data) {
    byPipeline.forEach((pipeline, its) -> data.numbers(CommitData.BARRIER + pipeline, its));
  }

  /** Takes what a commit's data says in place of what was known. */
  void readFrom(CommitData data) {
    byPipeline.clear();
    data.namesWith(CommitData.BARRIER).forEach(pipeline -> byPipeline.put(pipeline, data.numbers(CommitData.BARRIER + pipeline)));
  }
}
