package io.logstream.file;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What a {@link FileTail} says of following. Not changed once a description has it: {@link #with} changes a copy. */
final class Following {
  final Path dir;
  /** The only live name; null where a glob names them. */
  final String liveName;
  final String glob;
  List<String> excluded = List.of();
  /** Names that generations of the only live name have besides the usual ones. */
  List<String> generations = List.of();
  boolean fromEnd;
  Duration rescan = Duration.ofMillis(250);
  Duration keepRotated = Duration.ofSeconds(3);
  int openAtMost = 512;
  Disk disk = Disk.SYSTEM;

  Following(Path dir, String liveName, String glob) {
    this.dir = dir;
    this.liveName = liveName;
    this.glob = glob;
  }

  Following with(Consumer<Following> change) {
    Following copy = new Following(dir, liveName, glob);
    copy.excluded = excluded;
    copy.generations = generations;
    copy.fromEnd = fromEnd;
    copy.rescan = rescan;
    copy.keepRotated = keepRotated;
    copy.openAtMost = openAtMost;
    copy.disk = disk;
    change.accept(copy);
    return copy;
  }
}
