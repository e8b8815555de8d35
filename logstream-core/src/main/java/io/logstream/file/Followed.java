package io.logstream.file;

import io.logstream.Log;
import io.logstream.SourceContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The files that a source follows, and what its parts tell each other about them. Reader's thread only. */
final class Followed {
  final FileTail description;
  final Following following;
  final SourceContext context;
  final Path dir;
  final Handles handles;
  final Turns turns = new Turns(this);
  /** By live name. */
  final Map<String, Family> families = new LinkedHashMap<>();
  final Map<String, TailedFile> byKey = new LinkedHashMap<>();
  /** Families that news of the directory, or lines read lately, make worth a look. */
  final Set<Family> toLook = new LinkedHashSet<>();
  private final Set<Family> ripening = new LinkedHashSet<>();
  private final boolean startsAtEnd;
  /** From which time on files are read that there are at the first scan; null for all. */
  final FileTail.Since since;

  /** Something is not where it was: nothing is read before the names have been looked at. */
  boolean scanWanted = true;
  /** How many times the names have been looked at. */
  int scans;
  /** The directory has just changed: the next look at the clock scans again. */
  boolean scanAgain;
  /** Something could not be had: it is tried again after a while. */
  boolean troubled;
  private long before = Long.MIN_VALUE / 2;
  private volatile long setBack;

  Followed(FileTail description, SourceContext context) {
    this.description = description;
    this.following = description.following;
    this.context = context;
    this.dir = following.dir;
    this.handles = new Handles(following.openAtMost, following.disk);
    context.gauge("handles.open", handles::open);
    boolean anew = context.saved().isEmpty();
    this.startsAtEnd = following.fromEnd && anew;
    this.since = anew ? description.since : null;
  }

  /** The time on the clock and all that this was ever set back by, so that it never goes back. */
  long now() {
    long millis = context.clock().millis();
    if (millis < before) {
      setBack += before - millis;
    }
    before = millis;
    return millis + setBack;
  }

  /** How much time has gone since then. Any thread. */
  double secondsSince(long then) {
    return (context.clock().millis() + setBack - then) / 1e3;
  }

  Family family(String live) {
    return families.computeIfAbsent(live, name -> {
      String path = dir.resolve(name).toString();
      Log log = context.log(path, Map.of("file", path));
      return new Family(name, log, this);
    });
  }

  /** Whether what there is at the first scan is left out. */
  boolean startsAtEnd() {
    return startsAtEnd;
  }

  long keepMillis() {
    return following.keepRotated.toMillis();
  }

  FileLines lines(Family family, String key) {
    return new FileLines(key, () -> family.label(key), description, family.counts);
  }

  FileLines resume(FileMark.Entry entry, Family family, String key, Content content) throws IOException {
    return FileLines.resume(entry, key, () -> family.label(key), content, description, family.counts);
  }

  /** Opens a file under the name that it is said to have; null where that cannot be had now. */
  Handle open(TailedFile file) {
    try {
      return new Handle(file, handles).open();
    } catch (Handle.MovedException e) {
      scanWanted = true;
      file.family.shifting = true;
    } catch (IOException e) {
      context.warn(file.path + " cannot be opened: " + reason(e) + "; it is tried again");
      troubled = true;
    }
    return null;
  }

  /** Has the family asked, from now on, whether something of it has waited long enough. */
  void ripensPerhaps(Family family) {
    if (family.ripens()) {
      ripening.add(family);
    }
  }

  void ripen(long now, boolean dirMissing) {
    for (Family family : List.copyOf(ripening)) {
      family.ripen(now, dirMissing);
      if (!family.ripens()) {
        ripening.remove(family);
      }
    }
  }

  /** What cannot be read now is opened and compared again at the next scan. */
  void trouble(TailedFile file, IOException e) {
    if (e instanceof Handle.MovedException) {
      scanWanted = true;
      return;
    }
    context.warn(file.path + " cannot be read: " + reason(e) + "; it is tried again");
    file.note();
    file.close();
    file.unchecked();
    troubled = true;
  }

  static String reason(IOException e) {
    String name = e.getClass().getSimpleName();
    return name + (e.getMessage() == null ? "" : " " + e.getMessage());
  }

  void forget(Family family, TailedFile file) {
    byKey.remove(file.key, file);
    family.remove(file);
    turns.tell(family);
  }
}
