package io.logstream.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds out, once, what unknown files of one family are, by what is in them:
 * <ul>
 * <li>it holds what was read of a file that is gone or replaced: a copy of that, or that file moved or come back, and goes on at its offset;
 * <li>it holds all of the text of a compressed file that was read, which has been decompressed: nothing more is read of it;
 * <li>it is the same as a file that is still there: a copy, not read, but kept in mind until that file is replaced;
 * <li>it is the beginning of the live file, and too short to tell: undecided, until it has grown or was quiet for long enough;
 * <li>anything else is new.
 * </ul>
 *
 * <p>What a replaced file held may so be in a copy of it; what stands in its place now begins anew.
 */
final class Recognition {
  private static final int TELLING = FileMark.Entry.TELLING;
  /** So many bytes of a copy are compared with the live file, besides its last ones: headers and the ends of lines may be alike. */
  static final int COMPARED = 64 * 1024;
  /** In nanoseconds. */
  private static final long LONG_BEFORE = 1_000_000_000;

  private final Followed all;
  private final Family family;
  private final boolean first;
  private final long now;
  /** Files that hold something else than what was read of them. */
  private final List<TailedFile> replaced = new ArrayList<>();
  /** Files that are not there any more and were not read to an end of which we know. */
  private final List<TailedFile> lost = new ArrayList<>();
  private TailedFile live;

  Recognition(Followed all, Family family, boolean first, long now) {
    this.all = all;
    this.family = family;
    this.first = first;
    this.now = now;
  }

  void of(List<Seen> fresh) {
    FileMark before = family.mark();
    List<TailedFile> found = new ArrayList<>();
    for (Seen seen : fresh) {
      TailedFile file = open(seen);
      if (file != null) {
        found.add(file);
      }
    }
    findShrunk(found);
    openCopies();
    if (family.shifting) {
      found.forEach(TailedFile::close);
      return;
    }
    sort();
    replaced.forEach(this::continueInKnownCopy);
    live = family.live();
    for (TailedFile file : family.files) {
      if (file.undecided && file.content != null) {
        decide(file);
      }
    }
    for (TailedFile original : replaced) {
      TailedFile anew = beginAnew(original);
      boolean isThere = anew.content != null;
      if (original == live) {
        live = isThere ? anew : null;
      }
      if (isThere) {
        found.add(anew);
      } else {
        all.byKey.remove(original.key, original);
      }
    }
    add(found);
    for (TailedFile original : replaced) {
      family.files.remove(original);
      countUnread(original);
    }
    family.liveLast();
    if (family.files.stream().anyMatch(f -> f.size > 0) && !family.mark().equals(before)) {
      all.turns.tell(family);
    }
  }

  /** Copies that were closed because they were quiet, of files that are not what they were. */
  private void openCopies() {
    for (TailedFile original : family.files) {
      for (TailedFile copy : family.files) {
        if (original.replaced && copy.copyOf.equals(original.key) && copy.content == null && copy.present) {
          copy.content = all.open(copy);
        }
      }
    }
  }

  private TailedFile open(Seen seen) {
    TailedFile file = new TailedFile(family, seen.key(), seen.path());
    file.present = true;
    file.content = all.open(file);
    if (file.content == null) {
      return null;
    }
    file.live = seen.name().equals(family.liveName);
    file.rotatedAt = file.live ? TailedFile.NEVER : now;
    file.grownAt = now;
    file.foundIn = all.scans;
    family.grownAt = now;
    file.lines = all.lines(family, seen.key());
    file.checked(seen);
    return file;
  }

  private void sort() {
    for (TailedFile file : family.files) {
      file.undecided &= !file.replaced;
      file.note();
      if (file.replaced) {
        replaced.add(file);
      } else if (file.content == null && !file.present && file.isKnown() && file.copyOf.isEmpty()) {
        lost.add(file);
      }
    }
  }

  private void add(List<TailedFile> found) {
    List<TailedFile> added = new ArrayList<>(found);
    added.sort(family.byAge());
    if (live == null) {
      live = added.stream().filter(f -> f.live).findFirst().orElse(null);
    }
    for (TailedFile file : added) {
      identify(file);
      all.byKey.put(file.key, file);
      if (!family.files.contains(file)) {
        family.files.add(file);
      }
    }
  }

  /**
   * A copy that is longer than its original shows that this was truncated, also if it holds again what was read of it, such as a header
   * with which every file begins. The size of the copy is asked for first: both may be growing.
   */
  private void findShrunk(List<TailedFile> found) {
    TailedFile original = family.live();
    if (original == null || original.content == null || original.replaced || original.lines.offset() == 0) {
      return;
    }
    original.note();
    List<TailedFile> copies = new ArrayList<>(found);
    family.files.stream().filter(file -> file.undecided && file.content != null).forEach(copies::add);
    for (TailedFile copy : copies) {
      try {
        original.replaced |= !copy.live && copy.content.size() > original.content.size() && original.entry.fits(copy.content);
      } catch (IOException e) {
        all.context.warn(copy.path + " cannot be compared with " + original.path + ": " + Followed.reason(e));
      }
    }
  }

  // ---------------------------------------------------------------- what was replaced

  /** A copy that was seen before its original was replaced goes on where that was left. */
  private void continueInKnownCopy(TailedFile original) {
    for (TailedFile copy : List.copyOf(family.files)) {
      if (copy.replaced || !copy.copyOf.equals(original.key)) {
        continue;
      }
      try {
        if (copy.content != null && !original.continued && original.entry.fits(copy.content)) {
          takeOver(copy, original);
        } else if (copy.undecided && copy.content != null && original.entry != null && (!original.isKnown() || !original.beganWith(copy.content))) {
          family.isNew(copy);
        } else if (copy.content != null) {
          isCopy(copy, original.key);
          original.copiedTo = Math.max(original.copiedTo, copy.content.size());
        }
      } catch (IOException e) {
        all.trouble(copy, e);
      }
    }
  }

  private void goOn(TailedFile file, FileMark.Entry with) throws IOException {
    FileLines lines = all.resume(with.upToOffset(), family, file.key, file.content);
    if (lines == null) {
      throw new IOException("it has changed while it was compared");
    }
    file.lines = lines;
    file.copyOf = "";
    file.undecided = false;
    file.readTo = -1;
    file.size = file.content.size();
    file.note();
  }

  private void takeOver(TailedFile copy, TailedFile original) throws IOException {
    goOn(copy, original.entry);
    copy.foundIn = original.foundIn;
    original.continued = true;
    original.copiedTo = copy.size;
    family.archives.continued(original, copy);
    int at = family.files.indexOf(copy);
    int before = family.files.indexOf(original);
    if (before >= 0 && (at < 0 || at > before)) {
      family.files.remove(copy);
      family.files.add(family.files.indexOf(original), copy);
    }
  }

  /** What stands in a file now that held something else. */
  private TailedFile beginAnew(TailedFile original) {
    family.truncations.increment();
    TailedFile anew = new TailedFile(family, original.key, original.path);
    anew.content = original.content == null ? null : original.content.passTo(anew);
    anew.present = original.present;
    anew.live = original.live;
    anew.rotatedAt = original.rotatedAt;
    anew.goneAt = original.goneAt;
    anew.grownAt = now;
    anew.foundIn = all.scans;
    anew.lines = all.lines(family, original.key);
    anew.checked(original.seen());
    return anew;
  }

  private void countUnread(TailedFile original) {
    long known = Math.max(original.copiedTo, original.entry == null ? 0 : original.entry.offset());
    if (!original.continued || original.size > known) {
      family.isGone(original, original.copyOf.isEmpty() ? Math.max(0, original.size - known) : 0, "truncated or replaced before it was read");
    }
  }

  // ---------------------------------------------------------------- what is unknown

  /** Whether an unknown content is new, goes on with what was read of another file, or is a copy of the live one. */
  private void identify(TailedFile file) {
    if (file.content == null) {
      return;
    }
    try {
      file.size = file.content.size();
      file.lines.meet(file.content);
      if (!goesOn(file) && !isOneOfCopies(file) && first) {
        if (all.startsAtEnd()) {
          file.lines.leaveOut(file.content);
        } else if (all.since != null) {
          file.lines.leaveOut(file.content, all.since, all.context, file.path.toString());
        }
      }
    } catch (IOException e) {
      all.trouble(file, e);
    }
    file.note();
  }

  private boolean goesOn(TailedFile file) throws IOException {
    for (TailedFile original : replaced) {
      if (!file.live && !original.key.equals(file.key) && !original.continued && original.wasMet() && original.entry.fits(file.content)) {
        takeOver(file, original);
        return true;
      }
    }
    for (TailedFile original : lost) {
      if ((!file.live || original.entry.offset() >= TELLING && !family.archives.areInDoubt()) && !original.continued && original.entry.fits(file.content)) {
        takeOver(file, original);
        family.files.remove(original);
        all.byKey.remove(original.key, original);
        return true;
      }
    }
    for (TailedFile original : family.gone()) {
      boolean isBack = original.key.equals(file.key) && original.copyOf.isEmpty() && original.packedAs == null && original.entry.offset() >= TELLING;
      if (isBack && original.entry.fits(file.content)) {
        takeOver(file, original);
        family.isBack(original);
        return true;
      }
    }
    for (FileMark.Entry read : file.live ? List.<FileMark.Entry>of() : family.archives.readToTheEndAs(file)) {
      if (read.offset() == file.size && read.offset() >= TELLING && read.fits(file.content)) {
        goOn(file, read);
        return true;
      }
    }
    return false;
  }

  private boolean isOneOfCopies(TailedFile file) throws IOException {
    if (file.live) {
      return false;
    }
    for (TailedFile original : replaced) {
      if (!original.key.equals(file.key) && !original.continued && original.isKnown() && file.size < original.entry.offset() && original.beganWith(file.content)) {
        original.copiedTo = Math.max(original.copiedTo, file.size);
        isCopy(file, original.key);
        return true;
      }
    }
    if (live == null || live.content == null || live.key.equals(file.key)) {
      return false;
    }
    long alike = asLive(file.content);
    if (alike < 0 && !truncatedMeanwhile()) {
      return false;
    }
    if (alike >= TELLING) {
      isCopy(file, live.key);
    } else if (first && (all.startsAtEnd() || all.since != null)) {
      return false;
    } else {
      file.copyOf = live.key;
      file.undecided = true;
      file.foundWithLive = file.size > 0 && !family.files.contains(live);
    }
    return true;
  }

  /**
   * A rotated name whose content is, so far, the beginning of the live file: as long as that is short, it may be a common header. Where
   * both were found together, nothing is read of the live file before this is known, so that what turns out to be a file of its own comes
   * first. That is so at once if it was last changed long before the live file, so that it is no copy which is being made.
   */
  private void decide(TailedFile file) {
    try {
      long alike = live == null || live.content == null ? -1 : asLive(file.content);
      if (alike < 0) {
        if (!truncatedMeanwhile()) {
          family.isNew(file);
        }
      } else if (alike >= TELLING) {
        isCopy(file, live.key);
      } else if (file.foundWithLive) {
        long size = file.content.size();
        if (size != file.size) {
          file.size = size;
          file.grownAt = now;
        } else if (live.seen().modified() - file.seen().modified() >= LONG_BEFORE) {
          family.isNew(file);
        }
      }
    } catch (IOException e) {
      all.trouble(file, e);
    }
  }

  /** It is a copy: known by what is in it, and not read. */
  private void isCopy(TailedFile file, String originalKey) throws IOException {
    file.copyOf = originalKey;
    file.undecided = false;
    if (live != null) {
      live.note();
    }
    file.lines = all.lines(family, file.key);
    file.lines.leaveOut(file.content);
    file.readTo = file.content.size();
    file.note();
  }

  /** If the live file was truncated while it was compared, that says nothing: the next scan finds the truncation first. */
  private boolean truncatedMeanwhile() throws IOException {
    boolean truncated = live != null && live.isRead() && live.lines.replacedIn(live.content);
    all.scanWanted |= truncated;
    return truncated;
  }

  /**
   * How many bytes of a content that is, as far as can be told, the beginning of the live file tell that, -1 if it is not. If it is, it shows
   * from now on when the live file does not hold that any more. The content may grow meanwhile: what counts is what was compared.
   */
  private long asLive(Content content) throws IOException {
    if (!beginsAlike(content, content.size())) {
      return -1;
    }
    live.lines.meetCopied(live.content);
    long size = content.size();
    return beginsAlike(content, size) ? telling(content, size) : -1;
  }

  /** How many of its first bytes there are that tell it from other files. Those of a hole, which truncation leaves under a writer that does not append, do not. */
  private static long telling(Content content, long size) throws IOException {
    byte[] bytes = new byte[(int) Math.min(TELLING, size)];
    if (content.read(0, bytes, 0, Math.min(1, bytes.length)) < 1 || bytes[0] != 0) {
      return size;
    }
    int told = 0;
    for (int got = content.read(size - bytes.length, bytes, 0, bytes.length); told < got && bytes[got - 1 - told] != 0; ) {
      told++;
    }
    return told;
  }

  private boolean beginsAlike(Content content, long size) throws IOException {
    int last = (int) Math.min(Fingerprint.BYTES, size);
    return size <= live.content.size() && isAlike(content, 0, (int) Math.min(COMPARED, size)) && isAlike(content, size - last, last);
  }

  private boolean isAlike(Content content, long at, int length) throws IOException {
    byte[] a = new byte[length];
    byte[] b = new byte[length];
    return content.read(at, a, 0, length) == length && live.content.read(at, b, 0, length) == length && Arrays.equals(a, b);
  }
}
