package io.logstream.file;

import io.logstream.Batch;
import io.logstream.Reader;
import io.logstream.SourceContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;

/**
 * Follows the files of one directory. What is true is asked of the file system: which names there are (a {@link Scan}), and how large the
 * files are (a look at a {@link Family}). A {@link DirectoryWatch} only tells when to ask; without its news, changed names and files that
 * have grown lately are found at every rescan, all others when a {@link Sweep} comes to them.
 *
 * <p>Files are known by device and inode, and by what was read of them: the fingerprint of the head and of the bytes before the offset.
 */
final class FollowReader implements Reader, DirectoryWatch.Told {
  private static final long LATELY_MILLIS = 60_000;
  private static final int MOST_SCANS = 50;
  /** So many families can be looked at as often as that. */
  private static final int FEW = 50;

  private final Followed all;
  private final Listing listing;
  private final Scan scan;
  private final Sweep sweep;
  private final DirectoryWatch watch;
  private final ArrayDeque<Family> lately = new ArrayDeque<>();
  private final long rescanMillis;
  private long nextLook = Long.MIN_VALUE;
  /** When what could not be had is tried again. */
  private long nextTry = Long.MIN_VALUE;
  /** Whether somebody waits between polls; if not, every poll asks the file system for everything. */
  private boolean attended;
  private final Pace pace = new Pace();

  FollowReader(FileTail description, SourceContext context) {
    all = new Followed(description, context);
    listing = new Listing(all);
    scan = new Scan(all, listing);
    watch = new DirectoryWatch(all.dir,
        why -> context.warn("directory " + all.dir + " cannot be watched (" + why + "); it is looked at every " + all.following.rescan));
    rescanMillis = Math.max(1, all.following.rescan.toMillis());
    sweep = new Sweep(all, listing, rescanMillis);
    context.saved().forEach(this::restore);
  }

  private void restore(String log, byte[] mark) {
    Path live = Path.of(log);
    String name = live.getFileName().toString();
    if (!all.dir.equals(live.getParent()) || (all.following.glob == null && !name.equals(all.following.liveName))) {
      if (Files.notExists(live)) {
        new Family(name, all.context.log(log, Map.of()), all).leave();
      }
      return;
    }
    try {
      all.family(name).restore(FileMark.decode(mark), live);
    } catch (IOException | RuntimeException e) {
      all.context.warn("the position saved for " + log + " cannot be read (" + e.getMessage() + "); it is read as if it was new");
    }
  }

  private long now() {
    return all.now();
  }

  // ---------------------------------------------------------------- reading

  @Override
  public Found poll(Batch batch) {
    long now = now();
    boolean lookAtAll = !attended;
    if (now >= nextLook) {
      lookByTheClock(now);
    }
    boolean again = true;
    for (int scans = 0; again; scans++) {
      for (int i = 0; all.scanWanted && i < MOST_SCANS; i++) {
        scan(now);
      }
      if (attended) {
        lookWhereTold(now);
      }
      Family given = all.turns.give(batch, now);
      if (given != null) {
        all.toLook.add(given);
        if (!given.grewLately) {
          given.grewLately = true;
          lately.add(given);
        }
        return Found.SOMETHING;
      }
      again = all.scanWanted && scans < MOST_SCANS;
      if (!again && lookAtAll) {
        lookAtAll = false;
        again = true;
        lookByTheClock(now);
        scan(now);
        for (Family family : all.families.values()) {
          family.look(now);
        }
      }
    }
    return Found.NOTHING;
  }

  // ---------------------------------------------------------------- looking

  private void scan(long now) {
    scan.run(now);
    nextTry = now + Math.max(rescanMillis, Sweep.MILLIS_PER_NAME * listing.size());
  }

  /** Looks at what is told to have grown, while others have their turns too. */
  private void lookWhereTold(long now) {
    boolean busy = !all.turns.isEmpty();
    if (!pace.isDue(busy, System.nanoTime())) {
      return;
    }
    if (pace.asks(busy)) {
      watch.tellNews(this);
    }
    for (Iterator<Family> told = all.toLook.iterator(); told.hasNext(); ) {
      if (!told.next().look(now)) {
        told.remove();
      }
    }
    pace.looked(busy, !all.toLook.isEmpty(), System.nanoTime());
  }

  /** What is due every {@code rescan}: names, if the directory has changed; files that have grown lately; a few of all others. */
  private void lookByTheClock(long now) {
    nextLook = now + rescanMillis;
    if (all.scanAgain || all.troubled && now >= nextTry || scan.isOutOfDate()) {
      all.scanWanted = true;
    }
    if (all.families.size() <= FEW) {
      all.families.values().forEach(family -> family.look(now));
    } else {
      lookAtSome(now);
    }
    sweep.goOn(now);
    all.ripen(now, listing.dirMissing());
  }

  /** Looks at the next few of those that have grown lately. */
  private void lookAtSome(long now) {
    for (int i = Math.min(FEW, lately.size()); i > 0; i--) {
      Family family = lately.poll();
      if (now - family.grownAt < LATELY_MILLIS) {
        family.look(now);
        lately.add(family);
      } else {
        family.grewLately = false;
      }
    }
  }

  // ---------------------------------------------------------------- waiting

  @Override
  public void tend() {
    long now = now();
    if (now >= nextLook) {
      lookByTheClock(now);
    }
    if (all.scanWanted) {
      scan(now);
    }
  }

  @Override
  public boolean notices() {
    return true;
  }

  @Override
  public void await(long atMost) {
    attended = true;
    long nanos = Math.min(atMost, Math.max(0, nextLook - now()) * 1_000_000);
    if (watch.begin()) {
      all.scanWanted = true;
      all.toLook.addAll(all.families.values());
    } else if (pace.asks(false)) {
      watch.pause(Math.min(nanos, pace.untilLook(System.nanoTime())));
    } else if (watch.isWatching()) {
      watch.await(nanos, this);
    } else {
      watch.pause(nanos);
    }
  }

  @Override
  public void written(String name) {
    Family family = listing.familyOf(name);
    if (family != null) {
      all.toLook.add(family);
    } else if (!listing.has(name)) {
      changed(name);
    }
  }

  @Override
  public void changed(String name) {
    all.scanWanted |= name == null || listing.wanted(name);
  }

  @Override
  public void wake() {
    watch.wake();
  }

  @Override
  public void close() {
    watch.close();
    all.byKey.values().forEach(TailedFile::close);
    all.families.values().forEach(family -> family.archives.close());
  }
}
