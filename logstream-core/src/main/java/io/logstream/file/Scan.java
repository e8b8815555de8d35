package io.logstream.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks the directory which names there are, and finds for each whether it shows
 * <ul>
 * <li>a file that is known, and holds what was read of it: it goes on, whatever it is called now;
 * <li>one that is known, but holds something else (truncated, or the inode was used again): replaced;
 * <li>or one that is unknown: what that is, {@link Recognition} finds out.
 * </ul>
 *
 * <p>As a copy is there before its original is truncated, a truncation that is found makes the listing out of date.
 */
final class Scan {
  private final Followed all;
  private final Listing listing;
  private boolean first = true;
  private long dirModified = Long.MIN_VALUE;

  Scan(Followed all, Listing listing) {
    this.all = all;
    this.listing = listing;
  }

  /** Whether a name has come or gone since the last one. */
  boolean isOutOfDate() {
    return listing.modified() != dirModified;
  }

  void run(long now) {
    all.scanWanted = false;
    all.scanAgain = false;
    all.troubled = false;
    all.scans++;
    all.families.values().forEach(family -> family.shifting = false);
    meetUnread();
    Map<String, Seen> seenByKey;
    List<Seen> archives = new ArrayList<>();
    try {
      long modified;
      boolean newly;
      int tries = 0;
      do {
        modified = listing.modified();
        seenByKey = listing.take();
        archives.clear();
        seenByKey.values().removeIf(seen -> Compression.of(seen.name()) != null && archives.add(seen));
        newly = findReplaced(seenByKey, now);
      } while (newly && ++tries < Listing.MOST_REPEATS);
      if (modified != dirModified) {
        all.scanAgain = true;
      }
      dirModified = modified;
    } catch (IOException e) {
      all.context.warn("directory " + all.dir + " cannot be read: " + Followed.reason(e) + "; it is tried again");
      all.troubled = true;
      return;
    }
    note(seenByKey, now);
    Map<Family, List<Seen>> unknown = new LinkedHashMap<>();
    for (Seen seen : seenByKey.values()) {
      if (!all.byKey.containsKey(seen.key())) {
        unknown.computeIfAbsent(listing.familyOf(seen.name()), f -> new ArrayList<>()).add(seen);
      }
    }
    Map<Family, List<Seen>> compressed = new LinkedHashMap<>();
    archives.forEach(seen -> compressed.computeIfAbsent(listing.familyOf(seen.name()), f -> new ArrayList<>()).add(seen));
    boolean complete = true;
    for (Family family : List.copyOf(all.families.values())) {
      family.archives.expect(compressed.getOrDefault(family, List.of()));
      List<Seen> fresh = unknown.getOrDefault(family, List.of());
      if (!fresh.isEmpty() || family.files.stream().anyMatch(f -> f.undecided || f.replaced)) {
        all.scanWanted |= !fresh.isEmpty() || family.files.stream().anyMatch(f -> f.replaced);
        new Recognition(all, family, first, now).of(fresh);
      }
      if (family.shifting) {
        all.scanWanted = true;
        complete = false;
        all.ripensPerhaps(family);
        continue;
      }
      if (!listing.dirMissing() && (compressed.containsKey(family) || !family.archives.isEmpty())) {
        family.archives.see(compressed.getOrDefault(family, List.of()), first, now);
        family.tellUnread();
      }
      if (first && !family.files.isEmpty()) {
        all.turns.tell(family);
      }
      family.orderUntouched();
      if (family.files.stream().anyMatch(f -> f.isRead() && f.readTo < 0)) {
        family.readAnew();
      }
      all.ripensPerhaps(family);
    }
    first &= !complete;
  }

  /**
   * A copy is there before its original is truncated. So a listing that follows upon this shows the copies of all that was in a file before
   * it was met, and what becomes of it afterwards is noticed; nothing is read of a file before that.
   */
  private void meetUnread() {
    for (TailedFile file : List.copyOf(all.byKey.values())) {
      try {
        if (file.isRead() && (file.content.isOpen() || file.size > 0 && !file.lines.isMet())) {
          file.lines.meet(file.content);
        }
      } catch (IOException e) {
        all.trouble(file, e);
      }
    }
  }

  /** Finds files that do not hold any more what was read of them. Returns whether there are more of them than before. */
  private boolean findReplaced(Map<String, Seen> seenByKey, long now) {
    boolean newly = false;
    for (TailedFile file : all.byKey.values()) {
      if (file.replaced) {
        continue;
      }
      Seen seen = seenByKey.get(file.key);
      if (seen != null) {
        file.path = seen.path();
      }
      try {
        if (file.content != null && file.content.isOpen()) {
          long size = file.content.size();
          boolean touched = size != file.readTo || seen != null && file.hasChanged(seen);
          file.replaced = size < file.lines.offset() || touched && file.lines.replacedIn(file.content);
        } else if (seen != null && file.hasChanged(seen)) {
          if (file.content == null) {
            reopen(file, seen, now);
          } else {
            file.replaced = file.lines.replacedIn(file.content);
          }
        }
        if (seen != null && file.content != null) {
          file.checked(seen);
        }
        file.replaced |= !file.copyOf.isEmpty() && file.content != null && seen != null && listing.isLive(seen);
      } catch (IOException e) {
        all.trouble(file, e);
      }
      newly |= file.replaced;
    }
    return newly;
  }

  private void reopen(TailedFile file, Seen seen, long now) throws IOException {
    Handle content = all.open(file);
    if (content == null) {
      return;
    }
    Family family = listing.familyOf(seen.name());
    file.checked(seen);
    if (file.lines != null) {
      file.family.reopened.increment();
    }
    file.content = content;
    file.readTo = -1;
    file.grownAt = now;
    if (file.entry == null) {
      file.lines = all.lines(family, file.key);
      file.lines.meet(content);
    } else {
      file.lines = file.entry.isStill(content) ? all.resume(file.entry, family, file.key, content) : null;
      file.replaced = file.lines == null;
    }
  }

  /** Takes over which names known files have now. */
  private void note(Map<String, Seen> seenByKey, long now) {
    for (Family family : all.families.values()) {
      for (TailedFile file : family.files) {
        Seen seen = seenByKey.get(file.key);
        boolean wasLive = file.live;
        file.present = seen != null;
        file.live = seen != null && seen.name().equals(family.liveName);
        if (seen != null) {
          file.goneAt = TailedFile.NEVER;
          if (file.content != null && seen.size() != file.readTo) {
            all.toLook.add(family);
          }
        } else {
          if (file.content != null && !file.content.isOpen()) {
            file.note();
            file.close();
          }
          if (file.goneAt == TailedFile.NEVER) {
            file.goneAt = now;
          }
        }
        if (file.live) {
          file.rotatedAt = TailedFile.NEVER;
        } else if (file.rotatedAt == TailedFile.NEVER) {
          file.rotatedAt = now;
          if (wasLive) {
            family.rotations.increment();
          }
        }
      }
    }
  }
}
