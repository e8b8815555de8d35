package io.logstream;

import java.time.Duration;

/**
 * A stage that joins lines into records. Standing directly after a source, it is moved into the reader of that source, so that whole
 * records enter the ring; anywhere else it joins messages of events on the trunk. Either way lines of different logs are never joined.
 */
public interface Joiner extends Stage {
  /** The text between two joined lines. */
  byte JOINT = '\n';

  /** New joining state, for one log. */
  LineJoiner openJoiner();

  /** How long an unfinished record waits for its next line while there is nothing more to read; then it is complete. */
  Duration timeout();

  /** How long a record may become, in bytes. The rest becomes a record of its own. */
  int maxBytes();

  /** How many lines a record may have. The rest becomes a record of its own. */
  int maxLines();

  /** None: it joins messages. */
  @Override
  default FieldUse fieldUse() {
    return FieldUse.none();
  }

  @Override
  default Processor open(StageContext context) {
    return new JoiningProcessor(this, context);
  }
}
