package io.logstream.index;

import java.io.IOException;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.MergeScheduler;
import org.apache.lucene.index.MergeTrigger;

/**
 * Merges on the thread that adds events, never on one that searches: the merges that opening a reader finds due wait until the slice is
 * {@link #tidy tidied}. They have to be asked for by name, as the writer hands merges out only when it finds new ones.
 */
final class TidyingMerges extends MergeScheduler {
  private volatile MergeSource due;

  @Override
  public void merge(MergeSource source, MergeTrigger trigger) throws IOException {
    due = source;
    if (trigger != MergeTrigger.FULL_FLUSH) {
      tidy();
    }
  }

  /** Makes all merges that are due. */
  void tidy() throws IOException {
    MergeSource source = due;
    if (source == null) {
      return;
    }
    for (MergePolicy.OneMerge next = source.getNextMerge(); next != null; next = source.getNextMerge()) {
      source.merge(next);
    }
  }

  @Override
  public void close() {}
}
