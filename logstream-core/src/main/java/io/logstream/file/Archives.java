package io.logstream.file;

import io.logstream.Batch;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The compressed generations of a family: older than all others, and read before them. Most are copies of files that were read before
 * they were compressed; of those nothing is given but what was written after that.
 */
final class Archives {
  /** So many bytes are decompressed at a time to find out what is in one. */
  private static final long SKIMMED = 4 * 1024 * 1024;

  /** Why something is unread; how much it is in lines nobody can say, so the file's own size is told. */
  static final String DAMAGED = "damaged, size of the compressed file";

  /** So long one that cannot be read to its end must not have changed until it is taken to be damaged. */
  private static final long DAMAGED_MILLIS = 60_000;

  private final Followed all;
  private final Family family;
  private final List<Archive> archives = new ArrayList<>();
  private boolean unseen;

  Archives(Followed all, Family family) {
    this.all = all;
    this.family = family;
  }

  boolean isEmpty() {
    return archives.isEmpty();
  }

  /** Whether it is not known yet what one of them is: then nothing is forgotten of which it may be the copy. */
  boolean areInDoubt() {
    return unseen || archives.stream().anyMatch(a -> a.state == Archive.State.FOUND || a.state == Archive.State.COMPARED);
  }

  // ---------------------------------------------------------------- what there is

  /** Some are there of which nothing is known yet: they are in doubt until they have been seen. */
  void expect(List<Seen> seen) {
    for (Archive archive : archives) {
      seen.stream().filter(one -> one.key().equals(archive.key)).forEach(one -> archive.path = all.dir.resolve(one.name()));
    }
    unseen = seen.stream().anyMatch(one -> !knows(one.key()));
  }

  boolean knows(String key) {
    return archives.stream().anyMatch(a -> a.key.equals(key));
  }

  /**
   * Takes over what a listing shows of this family.
   *
   * @param first whether that is the first one
   */
  void see(List<Seen> seen, boolean first, long now) {
    boolean leaveOut = first && all.startsAtEnd();
    Comparator<String> byAge = RotationNames.byAge(family.liveName);
    unseen = false;
    boolean some = false;
    List<Archive> there = new ArrayList<>();
    for (Seen one : seen) {
      Archive archive = archives.stream().filter(a -> a.key.equals(one.key())).findFirst().orElse(null);
      Path path = all.dir.resolve(one.name());
      if (archive != null && archive.size >= 0 && archive.size != one.size()) {
        archive.judgeAnew();
      } else if (archive == null) {
        archive = new Archive(one.key(), path, all.following.disk);
        archive.foundIn = all.scans;
        archives.add(archive);
        if (leaveOut) {
          archive.lines = all.lines(family, archive.key);
          archive.see(one, path, now);
          archive.done();
        }
      }
      some |= archive.see(one, path, now) && archive.state != Archive.State.DONE;
      there.add(archive);
    }
    for (Archive archive : archives) {
      if (there.contains(archive)) {
        archive.goneAt = TailedFile.NEVER;
      } else if (archive.goneAt == TailedFile.NEVER) {
        archive.goneAt = now;
      }
    }
    archives.sort((a, b) -> byAge.compare(a.path.getFileName().toString(), b.path.getFileName().toString()));
    if (some) {
      all.turns.tell(family);
      all.turns.ready(family);
    }
  }

  void restore(FileMark.Archived saved, Path live) {
    Archive archive = new Archive(saved.entry().key(), live, all.following.disk);
    archive.entry = saved.entry();
    archive.size = saved.entry().size();
    archive.state = saved.done() ? Archive.State.DONE : Archive.State.READ;
    archives.add(archive);
  }

  /** Those of which something is known for good; others are found again. */
  List<FileMark.Archived> marks() {
    if (archives.isEmpty()) {
      return List.of(); // asked for with every batch
    }
    return archives.stream().filter(a -> a.entry != null).map(a -> new FileMark.Archived(a.entry, a.state == Archive.State.DONE)).toList();
  }

  /** How far the texts of those were read of which nothing more is to be read, and which this file may be, by its name, when that is decompressed. */
  List<FileMark.Entry> readToTheEndAs(TailedFile file) {
    return archives.stream().filter(a -> a.state == Archive.State.DONE && a.entry != null && a.entry.isKnown())
        .filter(a -> a.isNamedAfter(file) || a.path.endsWith(family.liveName)).map(a -> a.entry).toList();
  }

  /** Nothing more comes from this file: what it had not given out is read from its copy. Whether there is one. */
  boolean goOnAfter(TailedFile original) {
    for (Archive archive : archives) {
      if (archive.original == original) {
        if (archive.state == Archive.State.COPY) {
          begin(archive);
        }
        return true;
      }
    }
    return false;
  }

  /** What was read of one file goes on in another, and so do its compressed copies. */
  void continued(TailedFile original, TailedFile in) {
    for (Archive archive : archives) {
      if (archive.original == original) {
        archive.original = in;
        in.packedAs = archive.key;
      }
    }
  }

  // ---------------------------------------------------------------- reading

  /**
   * Puts lines of the oldest that has some into the batch, or nothing but news while one is looked through. What all of them are is found out
   * first: their order may depend on that. If names are not what they were, nothing is read before they have been looked at.
   */
  boolean read(Batch batch, long now) {
    return read(Archive::isToBeCompared, batch) || read(archive -> archive.state == Archive.State.READ, batch);
  }

  private boolean read(Predicate<Archive> which, Batch batch) {
    for (Archive archive : archives) {
      if (all.scanWanted) {
        return false;
      }
      if (!which.test(archive) || archive.stuck || (archive.goneAt != TailedFile.NEVER && archive.content == null)) {
        continue;
      }
      try {
        switch (archive.state) {
          case FOUND -> compareHead(archive);
          case COMPARED -> compareNext(archive);
          default -> {
            if (readOlder(archive, batch) || readLines(archive, batch)) {
              return true;
            }
          }
        }
        if (which.test(archive) && !archive.stuck) {
          family.tell(batch);
          return true;
        }
      } catch (Compression.MissingException e) {
        all.context.warn(e.getMessage());
        archive.stuck = true;
      } catch (IOException e) {
        stuck(archive, e);
      }
    }
    return false;
  }

  /** What cannot be read may not be complete yet. */
  private void stuck(Archive archive, IOException e) {
    archive.close();
    if (e instanceof NoSuchFileException) {
      all.scanWanted = true;
    } else {
      archive.stuck = true;
    }
  }

  /** Whether one of them waits for its time. */
  boolean ripen() {
    return archives.stream().anyMatch(a -> a.goneAt != TailedFile.NEVER || (a.stuck && a.state != Archive.State.DONE));
  }

  void ripen(long now) {
    if (archives.removeIf(a -> a.goneAt != TailedFile.NEVER && now - a.goneAt >= all.keepMillis() && (a.content == null || a.stuck))) {
      all.turns.tell(family);
    }
    for (Archive archive : archives) {
      if (archive.stuck && archive.state != Archive.State.DONE && now - archive.changedAt >= DAMAGED_MILLIS) {
        all.context.counter("damagedFiles").increment();
        all.context.unread(family.log, Math.max(1, archive.size), DAMAGED);
        all.context.warn(archive.path + " cannot be read to its end: it is damaged, or cannot be decompressed; what was read before is delivered");
        archive.lines = archive.lines == null ? all.lines(family, archive.key) : archive.lines;
        archive.done();
        all.turns.tell(family);
      }
    }
  }

  /** Reads what was written before. */
  private boolean readOlder(Archive archive, Batch batch) throws IOException {
    for (TailedFile file : List.copyOf(family.files)) {
      if (file.isRead() && !file.live && isOlder(file, archive) && family.readToTheEnd(file, batch)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a file that has lost the live name was written before what is in this archive. Names tell: its own, or that of its compressed copy.
   * One that has neither is older than what was found after it.
   */
  private boolean isOlder(TailedFile file, Archive archive) {
    Path name = file.present ? file.path : null;
    for (Archive other : archives) {
      if (other.original == file || other.key.equals(file.packedAs)) {
        name = other.path;
      }
    }
    int order = name == null ? 0 : RotationNames.byAge(family.liveName).compare(name.getFileName().toString(), archive.path.getFileName().toString());
    return order < 0 || order == 0 && file.foundIn < archive.foundIn;
  }

  private boolean readLines(Archive archive, Batch batch) throws IOException {
    if (archive.lines == null && !resume(archive)) {
      return false;
    }
    CompressedContent content = archive.content();
    long before = archive.lines.offset();
    FileLines.Outcome outcome = archive.lines.read(content, batch, family.log, Long.MAX_VALUE, false);
    if (outcome == FileLines.Outcome.NOTHING && content.isOver() && content.damage() == null) {
      outcome = archive.lines.read(content, batch, family.log, Long.MAX_VALUE, true);
    }
    if (outcome == FileLines.Outcome.LINES) {
      family.turn += archive.lines.offset() - before;
      archive.note();
      batch.mark(family.mark());
      return true;
    }
    if (content.damage() != null) {
      stuck(archive, content.damage());
    } else if (outcome == FileLines.Outcome.REPLACED) {
      throw new IOException(archive.path + " was changed while it was read");
    } else {
      TailedFile original = archive.original;
      if (original != null && original.size > archive.lines.offset()) {
        all.context.unread(family.log, original.size - archive.lines.offset(), "written after it was compressed, and gone before it was read");
      }
      archive.done();
      all.turns.tell(family);
    }
    return false;
  }

  /** Goes on where an earlier run, or the reading of the original, had come to. */
  private boolean resume(Archive archive) throws IOException {
    FileMark.Entry from = archive.entry;
    if (from == null || !from.isKnown()) {
      archive.lines = all.lines(family, archive.key);
    } else if ((archive.isCompared && archive.content != null) || from.fits(archive.content())) {
      archive.lines = all.resume(from, family, archive.key, archive.content());
    } else if (archive.content().damage() != null) {
      stuck(archive, archive.content().damage());
      return false;
    } else if (archive.original != null) {
      archive.done();
      return false;
    } else {
      archive.entry = null;
      archive.state = Archive.State.FOUND;
      return false;
    }
    return archive.lines != null;
  }

  // ---------------------------------------------------------------- what one is

  private void compareHead(Archive archive) throws IOException {
    byte[] head = new byte[Fingerprint.BYTES];
    int length = archive.content().read(0, head, 0, head.length);
    if (length < head.length && archive.content.damage() != null) {
      throw archive.content.damage();
    }
    List<Archive.Candidate> alike = new ArrayList<>();
    for (TailedFile file : List.copyOf(family.files)) {
      if (!file.copyOf.isEmpty()) {
        continue; // what was given of it is what was given of its original
      }
      file.note();
      FileMark.Entry entry = file.entry;
      if (file.content != null && !file.isKnown()) {
        try {
          entry = wholeOf(file);
        } catch (IOException e) {
          all.trouble(file, e);
          return;
        }
      }
      if (entry != null && entry.isKnown() && hasHead(head, length, entry)) {
        alike.add(new Archive.Candidate(file, entry));
      }
    }
    for (TailedFile file : family.gone()) {
      if (file.copyOf.isEmpty() && hasHead(head, length, file.entry)) {
        alike.add(new Archive.Candidate(file, file.entry));
      }
    }
    alike.sort(Comparator.comparingLong(candidate -> candidate.entry.offset()));
    archive.candidates.clear();
    archive.candidates.addAll(alike);
    archive.alike = null;
    archive.state = Archive.State.COMPARED;
  }

  /** As if all of a file had been read of which nothing was. */
  private FileMark.Entry wholeOf(TailedFile file) throws IOException {
    FileLines whole = new FileLines(file.key, () -> "", all.description, family.counts);
    whole.leaveOut(file.content);
    return whole.entry(file.size, file.live, "");
  }

  /** Whether a text begins like a file; one that is shorter than what is known of that may. */
  private static boolean hasHead(byte[] head, int length, FileMark.Entry entry) {
    int from = (int) Math.min(length, entry.start());
    int known = Math.min(entry.headLength(), head.length - from);
    return known < entry.headLength() || length - from < known || Fingerprint.of(head, from, known) == entry.head();
  }

  /** Goes on to what is known of the next candidate, and compares that. The one that it is like for longest is its original. */
  private void compareNext(Archive archive) throws IOException {
    Archive.Candidate candidate = archive.candidates.peek();
    if (candidate == null && archive.alike == null) {
      isNew(archive);
      return;
    }
    if (candidate == null) {
      isCopyOf(archive, archive.alike.file, archive.alike.entry);
      return;
    }
    CompressedContent content = archive.content();
    family.turn += SKIMMED;
    if (!content.skim(candidate.from(), SKIMMED) && !content.isOver()) {
      return;
    }
    Boolean same = candidate.isIn(content);
    if (content.damage() != null) {
      throw content.damage();
    }
    if (same == null) {
      archive.textSize = content.end();
      try {
        if (candidate.asBeginning(archive)) {
          return;
        }
      } catch (IOException e) {
        all.trouble(candidate.file, e);
        archive.state = Archive.State.FOUND;
        return;
      }
    } else if (same && !isAnother(content, candidate)) {
      archive.alike = candidate;
    }
    archive.candidates.poll();
  }

  /**
   * Whether a text that is like all that was read of a file is not its copy after all: it is not like what stands behind that in the live file, while nothing
   * tells that the file was replaced, so both have one header. If it is a copy, it shows from now on when the file does not hold that any more.
   */
  private boolean isAnother(CompressedContent text, Archive.Candidate candidate) throws IOException {
    TailedFile file = candidate.file;
    if (file.content == null || !file.isRead()) {
      return false;
    }
    long from = candidate.entry.offset();
    byte[] inText = new byte[file.live ? (int) Math.max(0, Recognition.COMPARED - from) : 0];
    int length = text.read(from, inText, 0, inText.length);
    try {
      file.lines.meetCopied(file.content);
      byte[] inFile = new byte[inText.length];
      int both = Math.min(length, Math.max(0, file.content.read(from, inFile, 0, inFile.length)));
      return !Arrays.equals(inText, 0, both, inFile, 0, both) && !file.lines.replacedIn(file.content);
    } catch (IOException e) {
      all.trouble(file, e);
      return false;
    }
  }

  private void isNew(Archive archive) {
    if (all.since != null) {
      all.context.warn(archive.path + " is compressed and cannot be searched for " + all.since.time() + "; it is read from the beginning");
    }
    archive.state = Archive.State.READ;
    archive.lines = all.lines(family, archive.key);
    archive.note();
  }

  private void isCopyOf(Archive archive, TailedFile file, FileMark.Entry compared) {
    archive.state = Archive.State.COPY;
    archive.original = file;
    archive.alike = null;
    file.packedAs = archive.key;
    archive.isCompared = compared.equals(file.entry);
    boolean isThere = family.files.contains(file);
    if (hasNothingMore(archive)) {
      archive.entry = file.entry.as(archive.key, archive.size);
      archive.original = null;
      archive.done();
      if (isThere && file.content == null && !file.present) {
        all.forget(family, file);
      }
      all.turns.tell(family);
    } else if (!isThere || (file.content == null && !file.present)) {
      begin(archive);
      if (isThere) {
        all.forget(family, file);
      }
    } else {
      archive.close();
    }
  }

  /** Whether all that is in a copy was read of the original. */
  private static boolean hasNothingMore(Archive archive) {
    if (!archive.original.isKnown()) {
      return false;
    }
    long offset = archive.original.entry.offset();
    try {
      return archive.textSize >= 0 ? archive.textSize <= offset : archive.mayHold(offset);
    } catch (IOException e) {
      return false; // reading it tells more
    }
  }

  /** Reads of a copy what was not read of the original. */
  private void begin(Archive archive) {
    archive.lines = null;
    archive.state = Archive.State.READ;
    if (archive.original.isKnown()) {
      archive.entry = archive.original.entry.as(archive.key, archive.size);
      if (hasNothingMore(archive)) {
        archive.done();
      }
    }
    all.turns.tell(family);
    all.turns.ready(family);
  }

  void close() {
    archives.forEach(Archive::close);
  }
}
