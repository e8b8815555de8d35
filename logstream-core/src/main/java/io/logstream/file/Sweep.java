package io.logstream.file;

import java.io.IOException;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Finds what the file system does not tell of. In rounds, all names of the last listing are looked at one after the other, a few at a
 * time, and at the end of a round the directory is asked for its names: what a {@link Scan} asks at once is asked bit by bit, and only
 * where something is not as it was, there is more to do. A file that has grown is looked at, and anything else is left to a scan.
 */
final class Sweep {
  private static final long LEAST_MILLIS = 5_000;
  /** How much time goes by for each name, so that many take no more of a core than few. */
  static final long MILLIS_PER_NAME = 2;

  private final Followed all;
  private final Listing listing;
  private final long rescanMillis;
  /** The names of this round, up to which of them it has come, and when it began. */
  private String[] names = {};
  private int at;
  private long began = TailedFile.NEVER;

  Sweep(Followed all, Listing listing, long rescanMillis) {
    this.all = all;
    this.listing = listing;
    this.rescanMillis = rescanMillis;
  }

  /** Looks at as many names as the time that has gone is worth. Called every {@code rescanMillis}. */
  void goOn(long now) {
    if (began == TailedFile.NEVER) {
      began = now;
    }
    long round = Math.max(Math.max(LEAST_MILLIS, rescanMillis), MILLIS_PER_NAME * names.length);
    long upTo = names.length * Math.min(round, now - began + rescanMillis) / round;
    while (at < upTo) {
      look(names[at++]);
    }
    if (now - began >= round) {
      all.scanWanted |= listing.hasOtherNames();
      quietWithoutNames();
      names = listing.names();
      at = 0;
      began = now;
    }
  }

  private void look(String name) {
    Seen before = listing.shown(name);
    if (before == null) {
      return;
    }
    Family family = listing.familyOf(name);
    try {
      BasicFileAttributes attributes = all.following.disk.look(before.path());
      if (before.isUnchanged(attributes)) {
        family.quiet();
      } else if (before.isFile(attributes)) {
        changed(family, before.as(attributes));
      } else {
        all.scanWanted = true;
      }
    } catch (IOException e) {
      all.scanWanted = true;
    }
  }

  private void changed(Family family, Seen seen) {
    TailedFile file = all.byKey.get(seen.key());
    if (file == null || !file.isRead()) {
      all.scanWanted = true;
    } else if (seen.size() > file.readTo) {
      all.toLook.add(family); // whether it still holds what was read of it, reading finds out
      listing.noted(seen);
    } else if (file.hasChanged(seen)) {
      compare(file, seen);
    }
  }

  private void compare(TailedFile file, Seen seen) {
    try {
      if (file.lines.replacedIn(file.content)) {
        all.scanWanted = true;
      } else {
        file.checked(seen);
        listing.noted(seen);
      }
    } catch (IOException e) {
      all.trouble(file, e);
    }
  }

  /** Nothing can come from a log of which no file has a name, but what is held open. */
  private void quietWithoutNames() {
    for (Family family : all.families.values()) {
      if (!family.hasNames()) {
        family.quiet();
      }
    }
  }
}
