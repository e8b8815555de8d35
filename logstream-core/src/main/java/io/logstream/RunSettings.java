package io.logstream;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** How a pipeline is run; every word of {@link Pipeline} makes a new one. */
record RunSettings(int lanes, int ring, Waiting waiting, Path checkpointDir, Duration checkpointEvery, Sink failuresTo, Duration closeWithin,
    boolean quiet, Instant since, Instant until) {

  static final RunSettings DEFAULT = new RunSettings(0, 32, Waiting.PARKING, null, Duration.ofSeconds(5), null, Duration.ofSeconds(30), false, null, null);

  RunSettings lanes(int n) {
    return new RunSettings(n, ring, waiting, checkpointDir, checkpointEvery, failuresTo, closeWithin, quiet, since, until);
  }

  RunSettings ring(int n) {
    return new RunSettings(lanes, n, waiting, checkpointDir, checkpointEvery, failuresTo, closeWithin, quiet, since, until);
  }

  RunSettings waiting(Waiting how) {
    return new RunSettings(lanes, ring, how, checkpointDir, checkpointEvery, failuresTo, closeWithin, quiet, since, until);
  }

  RunSettings checkpointDir(Path dir) {
    return new RunSettings(lanes, ring, waiting, dir, checkpointEvery, failuresTo, closeWithin, quiet, since, until);
  }

  RunSettings checkpointEvery(Duration every) {
    return new RunSettings(lanes, ring, waiting, checkpointDir, every, failuresTo, closeWithin, quiet, since, until);
  }

  RunSettings failuresTo(Sink sink) {
    return new RunSettings(lanes, ring, waiting, checkpointDir, checkpointEvery, sink, closeWithin, quiet, since, until);
  }

  RunSettings closeWithin(Duration limit) {
    return new RunSettings(lanes, ring, waiting, checkpointDir, checkpointEvery, failuresTo, limit, quiet, since, until);
  }

  RunSettings quiet(boolean mute) {
    return new RunSettings(lanes, ring, waiting, checkpointDir, checkpointEvery, failuresTo, closeWithin, mute, since, until);
  }

  RunSettings between(Instant from, Instant to) {
    return new RunSettings(lanes, ring, waiting, checkpointDir, checkpointEvery, failuresTo, closeWithin, quiet, from, to);
  }
}
