package io.logstream.file;

import io.logstream.Batch;
import io.logstream.Counter;
import io.logstream.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * A live name and the files that have had it, oldest first: one log. They are read in passes. A pass takes the sizes of all files,
 * newest first, and then reads the older ones to their true end and the newest up to the size taken. So what is written late to an old
 * file still comes before what was written to the new one after that.
 */
final class Family {
  /** So long a name must have shown no file until its log is gone for good. */
  private static final long GONE_MILLIS = 600_000;
  private static final int MOST_GONE = 8;
  private static final int NO_PASS = -2;

  final String liveName;
  final Log log;
  final List<TailedFile> files = new ArrayList<>();
  final Archives archives;
  final FileLines.Counts counts;
  final Counter rotations;
  final Counter truncations;
  final Counter reopened;
  private final Followed all;
  /** Where files were left that are not there any more: a copy of one may still turn up, or the file itself. */
  private final ArrayDeque<Gone> gone = new ArrayDeque<>();
  /** The file under way in the present pass. */
  private int at = NO_PASS;
  /** Bytes given in the present turn. */
  long turn;
  /** When any of its files was last seen to grow. */
  long grownAt;
  boolean grewLately;
  boolean ready;
  boolean news;
  /** In the present scan a file was not to be had because names are being shifted: what that is, the next one finds. */
  boolean shifting;
  /** Since when there has been no file of it. */
  private long emptySince = TailedFile.NEVER;
  private boolean left;
  /** Bytes there are that were not given out, since when there have been any, and handles on files without the live name: for the metrics. */
  private volatile long lag;
  private volatile long behindSince = TailedFile.NEVER;
  private volatile int held;
  /** How many files have given a line. */
  int found;

  Family(String liveName, Log log, Followed all) {
    this.liveName = liveName;
    this.log = log;
    this.all = all;
    this.archives = new Archives(all, this);
    this.counts = FileLines.Counts.of(log);
    this.rotations = log.counter("rotations");
    this.truncations = log.counter("truncations");
    this.reopened = log.counter("reopened");
    log.gauge("lag.bytes", () -> lag);
    log.gauge("lag.seconds", this::behindSeconds);
    log.gauge("handles.held", () -> held);
  }

  /**
   * What positions call a file. An inode is used again, so the number of files read before goes with it; it is taken with the first
   * line, because files are read in one order only, so that a repeat after a crash has the same one.
   */
  String label(String key) {
    return found++ + "." + key.substring(key.indexOf(':') + 1);
  }

  // ---------------------------------------------------------------- reading

  /** Puts lines of one of its files into the batch, if there are any. */
  boolean read(Batch batch, long now) {
    if (archives.read(batch, now)) {
      return true;
    }
    if (all.scanWanted || isHeld()) {
      return false;
    }
    while (at != NO_PASS || beginPass(now)) {
      while (at < files.size()) {
        TailedFile file = files.get(at);
        if (file.isRead() && read(file, batch)) {
          return true;
        }
        if (at == NO_PASS || all.scanWanted) {
          return false;
        }
        if (at < files.size() && files.get(at) == file) {
          at++;
        }
      }
      at = NO_PASS;
    }
    return false;
  }

  /** Whether nothing is read because an older file may be found in what looks like a copy. */
  private boolean isHeld() {
    for (int i = 0; i < files.size(); i++) {
      TailedFile file = files.get(i);
      if (file.undecided && file.foundWithLive && file.content != null) {
        return true;
      }
    }
    return false;
  }

  private boolean read(TailedFile file, Batch batch) {
    try {
      if (!isNewest(files.indexOf(file))) {
        file.look();
      }
      if (file.limit == file.readTo && !file.ending) {
        return false;
      }
      if (file.limit > 0 && !file.lines.isMet()) {
        all.scanWanted = true; // it may have been copied and truncated since it was empty: the copy comes first
        return false;
      }
      long before = file.lines.offset();
      switch (file.lines.read(file.content, batch, log, file.limit, file.ending)) {
        case LINES -> {
          turn += file.lines.offset() - before;
          lag = Math.max(0, lag - (file.lines.offset() - before));
          file.note();
          batch.mark(mark());
          return true;
        }
        case REPLACED -> {
          file.readTo = -1;
          file.unchecked();
          all.scanWanted = true;
        }
        default -> {
          file.readTo = file.limit;
          if (file.ending) {
            giveUp(file);
          }
        }
      }
    } catch (IOException e) {
      all.trouble(file, e);
    }
    return false;
  }

  /** Takes the sizes, if no pass is under way, and says whether there is something to read. */
  boolean look(long now) {
    if (at == NO_PASS && (beginPass(now) || all.scanWanted)) {
      all.turns.ready(this);
    }
    measure(now);
    quiet();
    return ready;
  }

  /** It has been looked at: if it has nothing to read and nothing is held back, it is told that it is silent. */
  void quiet() {
    if (!ready && !isHeld()) {
      log.quiet();
    }
  }

  /** Whether any name shows a file of it. */
  boolean hasNames() {
    for (int i = 0; i < files.size(); i++) {
      if (files.get(i).present) {
        return true;
      }
    }
    return false;
  }

  /** Puts more lines of a file that is not the live one into the batch, if it has any. */
  boolean readToTheEnd(TailedFile file, Batch batch) throws IOException {
    file.look();
    return read(file, batch);
  }

  private void measure(long now) {
    long behind = 0;
    int handles = 0;
    for (int i = 0; i < files.size(); i++) {
      TailedFile file = files.get(i);
      if (file.isRead()) {
        behind += Math.max(0, file.size - file.lines.offset());
        handles += file.content.isOpen() && !file.live ? 1 : 0;
      }
    }
    lag = behind;
    held = handles;
    if (behind == 0) {
      behindSince = TailedFile.NEVER;
    } else if (behindSince == TailedFile.NEVER) {
      behindSince = now;
    }
  }

  private double behindSeconds() {
    long since = behindSince;
    return since == TailedFile.NEVER || lag == 0 ? 0 : all.secondsSince(since);
  }

  /** Begins a pass if anything has grown since the last one. */
  private boolean beginPass(long now) {
    boolean any = false;
    for (int i = files.size() - 1; i >= 0; i--) {
      TailedFile file = files.get(i);
      if (file.isRead()) {
        try {
          long before = file.size;
          long size = file.look();
          if (size != file.readTo || file.ending) {
            any = true;
            if (size != before) {
              file.grownAt = now;
              file.ending = false;
              grownAt = now;
            }
          }
        } catch (IOException e) {
          all.trouble(file, e);
        }
      }
    }
    at = any && !all.scanWanted ? 0 : NO_PASS;
    return at == 0;
  }

  /** What was taken of sizes does not hold any more. */
  void readAnew() {
    at = NO_PASS;
    all.turns.ready(this);
  }

  private boolean isNewest(int index) {
    for (int i = index + 1; i < files.size(); i++) {
      if (files.get(i).isRead()) {
        return false;
      }
    }
    return true;
  }

  /** Nothing more comes from this file: its handle is given back. */
  private void giveUp(TailedFile file) {
    file.ending = false;
    file.close();
    file.note();
    if (!file.present) {
      isGone(file, 0, "");
      all.forget(this, file);
    }
    all.turns.tell(this);
  }

  void remove(TailedFile file) {
    int index = files.indexOf(file);
    files.remove(file);
    if (index >= 0 && at > index) {
      at--;
    }
  }

  /** A file that is not there any more, and what is to be said if no copy of it is found. */
  private record Gone(TailedFile file, long rest, String reason) {}

  List<TailedFile> gone() {
    return gone.stream().map(Gone::file).filter(TailedFile::isKnown).toList();
  }

  /** It has a name again. */
  void isBack(TailedFile file) {
    gone.removeIf(one -> one.file == file);
  }

  /** While it is not known what is in the compressed files, a checkpoint holds what they may be copies of. */
  private List<FileMark.Entry> goneEntries() {
    return gone.stream().filter(one -> one.file.isKnown() && one.file.copyOf.isEmpty()).map(one -> one.file.entry.gone(one.rest)).toList();
  }

  /** Nothing more can be read of a file, of which so many bytes were not, unless they are in a copy of it. */
  void isGone(TailedFile file, long rest, String reason) {
    file.present = false;
    file.live = false;
    gone.add(new Gone(file, rest, reason));
    tellUnread();
  }

  /** Once it is known of all compressed files what they are, what is in none of them was destroyed. */
  void tellUnread() {
    if (archives.areInDoubt()) {
      return;
    }
    for (int i = gone.size(); i > 0; i--) {
      Gone one = gone.poll();
      if (!archives.goOnAfter(one.file) && one.rest > 0) {
        all.context.unread(log, one.rest, one.reason);
      }
      gone.add(new Gone(one.file, 0, one.reason));
    }
    while (gone.size() > MOST_GONE) {
      gone.poll();
    }
  }

  // ---------------------------------------------------------------- growing old

  /** Whether it, or any of its files, waits for its time. */
  boolean ripens() {
    if (archives.ripen() || (files.isEmpty() && archives.isEmpty() && !isTheOnlyOne() && !left)) {
      return true;
    }
    for (TailedFile file : files) {
      if (file.content != null ? file.undecided || (!file.live && !file.replaced) : file.goneAt != TailedFile.NEVER) {
        return true;
      }
    }
    return false;
  }

  /** Brings to an end what has waited long enough. */
  void ripen(long now, boolean dirMissing) {
    archives.ripen(now);
    tellUnread();
    for (TailedFile file : List.copyOf(files)) {
      try {
        if (file.content != null && file.undecided) {
          ripenUndecided(file, now);
        } else if (file.content != null && !file.live && !file.replaced) {
          ripenRotated(file, now);
        } else if (file.content == null && file.goneAt != TailedFile.NEVER && now - file.goneAt >= all.keepMillis() && !dirMissing && !archives.areInDoubt()) {
          long rest = file.size - (file.entry == null ? 0 : file.entry.offset());
          isGone(file, file.copyOf.isEmpty() ? rest : 0, "gone before it was read");
          all.forget(this, file);
        }
      } catch (IOException e) {
        all.trouble(file, e);
      }
    }
    if (!files.isEmpty() || !archives.isEmpty() || isTheOnlyOne()) {
      emptySince = TailedFile.NEVER;
    } else if (emptySince == TailedFile.NEVER) {
      emptySince = now;
    } else if (now - emptySince >= GONE_MILLIS && !dirMissing) {
      leave();
    }
  }

  /** Whether its name was given, so that it is waited for. */
  private boolean isTheOnlyOne() {
    return liveName.equals(all.following.liveName);
  }

  /** Nothing is known of it from now on. */
  void leave() {
    left = true;
    all.families.remove(liveName, this);
    all.turns.tell(this);
  }

  private void ripenUndecided(TailedFile file, long now) throws IOException {
    long size = file.content.size();
    if (size != file.size) {
      file.size = size;
      file.grownAt = now;
      all.scanWanted = true;
    } else if (now - file.grownAt >= all.keepMillis()) {
      isNew(file);
    }
  }

  private void ripenRotated(TailedFile file, long now) throws IOException {
    boolean quiet = now - Math.max(file.grownAt, file.rotatedAt) >= all.keepMillis();
    if (!quiet || !file.present && archives.areInDoubt()) {
      return; // what may be a copy of it is known by it
    }
    if (!file.copyOf.isEmpty()) {
      giveUp(file);
    } else if (!file.ending && file.content.size() == file.readTo) {
      file.ending = true;
      readAnew();
    }
  }

  /** It is not a copy: it is read. */
  void isNew(TailedFile file) {
    file.undecided = false;
    file.copyOf = "";
    file.readTo = -1;
    readAnew();
  }

  // ---------------------------------------------------------------- what it consists of

  /** Takes over what an earlier run had come to. */
  void restore(FileMark saved, Path live) {
    found = saved.found();
    for (FileMark.Entry entry : saved.files()) {
      if (entry.headLength() == 0) {
        continue; // nothing was in it by which it could be known: its place among the others is found anew
      }
      TailedFile file = new TailedFile(this, entry.key(), live);
      file.entry = entry;
      file.size = entry.size();
      file.live = entry.live();
      file.copyOf = entry.copyOf();
      files.add(file);
      all.byKey.put(entry.key(), file);
    }
    saved.archives().forEach(archived -> archives.restore(archived, live));
    for (FileMark.Entry entry : saved.gone()) {
      TailedFile file = new TailedFile(this, entry.key(), live);
      file.entry = entry;
      file.size = entry.size();
      gone.add(new Gone(file, entry.size() - entry.offset(), "gone before it was read"));
    }
  }

  TailedFile live() {
    for (int i = files.size() - 1; i >= 0; i--) {
      if (files.get(i).live) {
        return files.get(i);
      }
    }
    return null;
  }

  /** Oldest first: the live file is the newest, others are as old as their last change, and where that is the same, as their names say. */
  Comparator<TailedFile> byAge() {
    return Comparator.comparing((TailedFile file) -> file.live).thenComparingLong(file -> file.seen().modified())
        .thenComparing(file -> file.seen().name(), RotationNames.byAge(liveName));
  }

  /**
   * Puts files of which nothing was given in the order of their age, as far as that shows now: of one that was empty it shows late. When one
   * that has no name any more was last changed, nobody knows: it stays where it is.
   */
  void orderUntouched() {
    if (files.size() < 2) {
      return;
    }
    List<TailedFile> untouched = new ArrayList<>();
    files.stream().filter(file -> file.present && file.isRead() && file.lines.isUntouched()).forEach(untouched::add);
    List<TailedFile> ordered = new ArrayList<>(untouched);
    ordered.sort(byAge());
    if (!ordered.equals(untouched)) {
      Iterator<TailedFile> next = ordered.iterator();
      files.replaceAll(file -> untouched.contains(file) ? next.next() : file);
      readAnew();
    }
  }

  /** The live file is the newest, whatever the order in which files were found. */
  void liveLast() {
    TailedFile live = live();
    if (live != null && files.get(files.size() - 1) != live) {
      files.remove(live);
      files.add(live);
    }
    at = NO_PASS;
  }

  /** Says how far it has been read, where no lines say that. */
  void tell(Batch batch) {
    batch.begin(log, files.isEmpty() || files.get(files.size() - 1).lines == null ? "" : files.get(files.size() - 1).lines.generation());
    if (left) {
      batch.gone();
    } else {
      batch.mark(mark());
    }
  }

  FileMark mark() {
    List<FileMark.Entry> entries = new ArrayList<>(files.size());
    for (TailedFile file : files) {
      if (file.entry != null) {
        entries.add(file.entry);
      }
    }
    return new FileMark(found, entries, archives.marks(), gone.isEmpty() || !archives.areInDoubt() ? List.of() : goneEntries());
  }
}
