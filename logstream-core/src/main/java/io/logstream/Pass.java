package io.logstream;

import java.util.List;

/**
 * The pass over a batch: the stateless stages that stand first in the chain, each over all records before the next, on the trunk's
 * thread or on a lane's. What a stage ends is marked in its record; the trunk counts it when it comes to it.
 */
final class Pass {
  private final StageNode[] stages;
  private final LogEvent cursor = new LogEvent();

  Pass(List<StageNode> stages) {
    this.stages = stages.toArray(new StageNode[0]);
    if (stages.size() > Byte.MAX_VALUE) {
      throw new IllegalArgumentException("at most " + Byte.MAX_VALUE + " stateless stages may follow a source, were " + stages.size());
    }
  }

  void run(Batch batch) {
    for (int s = 0; s < stages.length; s++) {
      stages[s].pass(batch, cursor, s + 1);
    }
  }

  /** The counts of what a pass, on whichever thread, did with a batch. Returns how many records are left. */
  int tally(Batch batch) {
    int alive = batch.count();
    if (stages.length == 0) {
      return alive;
    }
    Fields fields = batch.fields;
    int[] ends = new int[stages.length];
    for (int i = 0; i < batch.count(); i++) {
      int ended = fields.ended[i];
      if (ended != 0) {
        ends[ended - 1]++;
        StageNode.tally(stages[ended - 1].account, fields.outcome[i], fields.why[i]);
      }
    }
    for (int s = 0; s < stages.length; s++) {
      stages[s].account.in += alive;
      alive -= ends[s];
      stages[s].account.passed += alive;
    }
    return alive;
  }

  StageNode stage(int number) {
    return stages[number];
  }

  boolean isEmpty() {
    return stages.length == 0;
  }
}
