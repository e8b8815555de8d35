package io.logstream;

/**
 * Where a record stands in its source: which log, which of its generations, and the offset of the record's first byte there. Two
 * deliveries of one record, before and after a crash, have equal positions, so a sink can drop the repeat.
 *
 * @param log the log's key, such as a file's path
 * @param generation tells apart the files that held this log, in the source's own form; empty where there is only one
 * @param offset byte offset of the record's first byte, or what the source counts in its place; -1 for an event that a stage made
 */
public record Position(String log, String generation, long offset) {
  @Override
  public String toString() {
    return log + (generation.isEmpty() ? "" : "[" + generation + "]") + "@" + offset;
  }
}
