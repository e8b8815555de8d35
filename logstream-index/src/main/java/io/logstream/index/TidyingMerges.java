package io.logstream.index;

import java.io.IOException;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.MergeScheduler;
import org.apache.lucene.index.MergeTrigger;

/**
 * Merges on the thread that adds events, never on one that searches: opening a reader is what a search may have to do, and the merges that
 * it finds due wait for the next time the slice is tidied.
 */
final class TidyingMerges extends MergeScheduler {
  @Override
  public synchronized void merge(MergeSource source, MergeTrigger trigger) throws IOException {
    if (trigger == MergeTrigger.FULL_FLUSH) {
      return;
    }
    for (MergePolicy.OneMerge next = source.getNextMerge(); next != null; next = source.getNextMerge()) {
      source.merge(next);
    }
  }

  @Override
  public void close() {}
}
