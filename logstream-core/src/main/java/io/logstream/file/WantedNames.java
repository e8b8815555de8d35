package io.logstream.file;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;

/** Which names in its directory a {@link FileTail} follows. */
final class WantedNames {
  private final Following following;
  private final PathMatcher glob;
  private final List<PathMatcher> excluded;
  private final List<PathMatcher> generations;

  WantedNames(Following following) {
    this.following = following;
    this.glob = following.glob == null ? null : matcher(following.glob);
    this.excluded = following.excluded.stream().map(WantedNames::matcher).toList();
    this.generations = following.generations.stream().map(WantedNames::matcher).toList();
  }

  private static PathMatcher matcher(String glob) {
    return FileSystems.getDefault().getPathMatcher("glob:" + glob);
  }

  /** Whether a name may be one of ours. */
  boolean includes(String name) {
    if (name.equals(following.liveName)) {
      return true;
    }
    if (RotationNames.isTemporary(name) || (RotationNames.isCompressed(name) && Compression.of(name) == null)) {
      return false;
    }
    Path path = Path.of(name);
    boolean ours = glob != null || RotationNames.belongsTo(following.liveName, name) || matches(generations, path);
    return ours && !matches(excluded, path);
  }

  /** Whether the glob says that it is the name of a log; there must be one. */
  boolean isLive(String name) {
    return glob.matches(Path.of(name));
  }

  private static boolean matches(List<PathMatcher> patterns, Path path) {
    for (PathMatcher pattern : patterns) {
      if (pattern.matches(path)) {
        return true;
      }
    }
    return false;
  }
}
