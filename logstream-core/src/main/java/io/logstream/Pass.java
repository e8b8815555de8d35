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
    this.stages = stages.toArray(StageNode[]::new);
    if (stages.size() > Byte.MAX_VALUE) {
      throw new IllegalArgumentException("at most " + Byte.MAX_VALUE + " stateless stages may follow a source, were " + stages.size());
    }
  }

  void run(Batch batch) {
    int count = batch.count();
    for (int s = 0; s < stages.length; s++) {
      for (int i = 0; i < count; i++) {
        if (batch.fields.ended[i] == 0) {
          run(s, batch, i);
        }
      }
    }
  }

  private void run(int number, Batch batch, int record) {
    StageNode stage = stages[number];
    Fields fields = batch.fields;
    cursor.moveTo(batch, fields, record);
    TapCollector.Sample sample = stage.tap == null ? null : TapCollector.begin(stage, cursor);
    byte outcome = stage.run(cursor);
    if (outcome == StageNode.PASSED) {
      if (stage.timeGiver) {
        fields.given[record] = fields.time[record];
      }
      if (sample != null) {
        sample.passed(cursor);
      }
    } else {
      fields.ended[record] = (byte) (number + 1);
      fields.outcome[record] = outcome;
      fields.why[record] = stage.why;
      fields.detail[record] = stage.detail;
    }
    if (sample != null) {
      sample.end();
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
