package io.logstream;

import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Writes the checkpoints of a live run, one after the other, on a thread of its own: a disk may take its time to force a file. What a
 * checkpoint holds was captured on the trunk, and nothing in it is acknowledged before it is written. Closes the file when it ends.
 */
final class CheckpointWriter implements Runnable {
  private final CheckpointFile file;
  private final Consumer<Barrier> done;
  private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
  private boolean ended;

  /**
   * A writer that waits for work.
   *
   * @param done given each checkpoint that is written, or that could not be
   */
  CheckpointWriter(CheckpointFile file, Consumer<Barrier> done) {
    this.file = file;
    this.done = done;
  }

  /** Has a checkpoint written, if it holds. Any thread. */
  void write(Barrier settled) {
    work.add(() -> {
      try {
        if (settled.holds()) {
          file.write(settled.number, settled.state);
        }
      } catch (IOException | RuntimeException e) {
        settled.trouble = e;
      }
      done.accept(settled);
    });
  }

  /** Has its thread end behind what there is to do. Any thread. */
  void end() {
    work.add(() -> ended = true);
  }

  @Override
  public void run() {
    try {
      while (!ended) {
        try {
          work.take().run();
        } catch (InterruptedException e) {
          // only end() ends it
        }
      }
    } finally {
      file.close();
    }
  }
}
