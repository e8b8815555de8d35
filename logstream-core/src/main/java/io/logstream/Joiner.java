package io.logstream;

import java.time.Duration;
import java.util.List;

/**
 * A stage that joins lines into records. Standing directly after a source, it is moved into the reader of that source, so that whole
 * records enter the ring; anywhere else it joins messages of events on the trunk. Either way the records are the same, and lines of
 * different streams are never joined. A stream is a log, or what is told apart in it: by the field {@code stream}, which {@code
 * ContainerLines} puts, and by the fields that {@link #by} names.
 *
 * <p>A record has the position and the fields of its first line, and its time where a stage has given it one; else the time is when the record
 * was read, which in a reader is when it was complete. Beside them it knows {@code lines}, how many it was joined from;
 * {@code ended}, how it came to its end: {@code next} (the next line said so), {@code pattern} (its last one did), {@code timeout}, {@code
 * cap}, {@code file-end} or {@code close}; {@code part} and {@code truncated}, see {@link TooLong}. A record of one line
 * that the next line ended has none of them.
 */
public interface Joiner extends Stage {
  /** New joining state, for one stream. */
  LineJoiner openJoiner(JoinerContext context);

  /** How long an unfinished record waits for its next line while there is nothing more to read; then it is complete. */
  Duration timeout();

  /** How long a record may become, in bytes, joints counted. */
  int maxBytes();

  /** How many lines a record may have. */
  int maxLines();

  /** What becomes of a record that would become longer. With {@link TooLong#SPLIT} and {@link TooLong#FORGET} a line by itself may be. */
  default TooLong tooLong() {
    return TooLong.SPLIT;
  }

  /** A record is complete as soon as its lines have more bytes than this, joints not counted. */
  default int completeOver() {
    return Integer.MAX_VALUE;
  }

  /** The text between two joined lines. */
  default String joint() {
    return "\n";
  }

  /** Fields whose values tell streams apart, beside the log. A joiner that names any does not run in a reader. */
  default List<String> by() {
    return List.of();
  }

  /** How many records may be unfinished at the same time, in a reader or on the trunk; one more, and the oldest is complete. */
  default int maxStreams() {
    return 10_000;
  }

  /** Whether what is unfinished is emitted when a run that has a checkpoint is closed, instead of saved for the next one. */
  default boolean emitsOnClose() {
    return false;
  }

  /** Whether it may run in a reader, where lines have no fields of their own. */
  default boolean hoists() {
    return by().isEmpty() && tooLong() != TooLong.FAIL;
  }

  /** Reads the fields of {@link #by}. What it says of a record ({@code lines}, {@code part}, {@code ended}, {@code truncated}) is built in. */
  @Override
  default FieldUse fieldUse() {
    return FieldUse.reading(by().toArray(String[]::new));
  }

  @Override
  default Processor open(StageContext context) {
    return new JoiningProcessor(this, context);
  }
}
