package io.logstream;

/** A slot of a ring. Batches are swapped in and out, never copied. */
final class Slot {
  Batch batch = new Batch(0);
  /** Where lanes are on: what they find out about the batch of this slot. */
  Fields fields;
  /** In an outbox: a checkpoint that everything before this slot belongs to. */
  Barrier barrier;
  /** In an outbox: nothing follows. */
  boolean last;
  /** And the input has ended for good. */
  boolean inputEnds;
}
