package io.logstream;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** How a pipeline is run. Not changed once a {@link Pipeline} has it: {@link #with} changes a copy. */
final class RunSettings {
  int lanes;
  int ring = 32;
  Waiting waiting = Waiting.PARKING;
  Path checkpointDir;
  Duration checkpointEvery = Duration.ofSeconds(5);
  Sink failuresTo;
  Duration closeWithin = Duration.ofSeconds(30);
  boolean quiet;
  Instant since;
  Instant until;
  List<Metering> meterings = List.of();

  RunSettings with(Consumer<RunSettings> change) {
    RunSettings copy = new RunSettings();
    copy.lanes = lanes;
    copy.ring = ring;
    copy.waiting = waiting;
    copy.checkpointDir = checkpointDir;
    copy.checkpointEvery = checkpointEvery;
    copy.failuresTo = failuresTo;
    copy.closeWithin = closeWithin;
    copy.quiet = quiet;
    copy.since = since;
    copy.until = until;
    copy.meterings = meterings;
    change.accept(copy);
    return copy;
  }
}
