package io.logstream.file;

import io.logstream.Batch;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The compressed generations of a family: older than all others, and read before them. Most are copies of files that were read before
 * they were compressed; of those nothing is given but what was written after that.
 */
final class Archives {
  /** So many bytes are decompressed at a time to find out what is in one. */
  private static final long SKIMMED = 4 * 1024 * 1024;
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
    unseen = seen.stream().anyMatch(one -> archives.stream().noneMatch(a -> a.key.equals(one.key())));
  }

  /**
   * Takes over what a listing shows of this family.
   *
   * @param known the files that were known before that listing
   * @param leaveOut whether all of them are left out
   */
  void see(List<Seen> seen, List<TailedFile> known, boolean leaveOut, long now) {
    unseen = false;
    boolean some = false;
    List<Archive> there = new ArrayList<>();
    for (Seen one : seen) {
      Archive archive = archives.stream().filter(a -> a.key.equals(one.key())).findFirst().orElse(null);
      Path path = all.dir.resolve(one.name());
      if (archive != null && archive.size >= 0 && archive.size != one.size()) {
        archive.judgeAnew();
      } else if (archive == null) {
        archive = new Archive(one.key(), path);
        archive.older.addAll(known);
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
    Comparator<String> byAge = RotationNames.byAge(family.liveName);
    archives.sort((a, b) -> byAge.compare(a.path.getFileName().toString(), b.path.getFileName().toString()));
    if (some) {
      all.turns.tell(family);
      all.turns.ready(family);
    }
  }

  void restore(FileMark.Archived saved, Path live) {
    Archive archive = new Archive(saved.entry().key(), live);
    archive.entry = saved.entry();
    archive.size = saved.entry().size();
    archive.state = saved.done() ? Archive.State.DONE : Archive.State.READ;
    archives.add(archive);
  }

  /** Those of which something is known for good; others are found again. */
  List<FileMark.Archived> marks() {
    return archives.stream().filter(a -> a.entry != null).map(a -> new FileMark.Archived(a.entry, a.state == Archive.State.DONE)).toList();
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

  // ---------------------------------------------------------------- reading

  /** Puts lines of the oldest that has some into the batch, or nothing but news while one is looked through. */
  boolean read(Batch batch, long now) {
    for (Archive archive : archives) {
      if (archive.stuck || (archive.goneAt != TailedFile.NEVER && archive.content == null)) {
        continue;
      }
      try {
        switch (archive.state) {
          case FOUND -> compareHead(archive);
          case COMPARED -> compareNext(archive);
          case READ -> {
            if (readOlder(archive, batch)) {
              return true;
            }
            if (readLines(archive, batch)) {
              return true;
            }
          }
          default -> { }
        }
        if (archive.state != Archive.State.COPY && archive.state != Archive.State.DONE && !archive.stuck) {
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
        all.context.warn(archive.path + " cannot be read to its end: it is damaged, or cannot be decompressed; what was read before is delivered");
        archive.lines = archive.lines == null ? all.lines(family, archive.key) : archive.lines;
        archive.done();
        all.turns.tell(family);
      }
    }
  }

  /** What was known before it was there, and has lost the live name, was written before. */
  private boolean readOlder(Archive archive, Batch batch) throws IOException {
    while (!archive.older.isEmpty()) {
      TailedFile file = archive.older.peek();
      if (!file.live && file.isRead() && family.files.contains(file) && family.readToTheEnd(file, batch)) {
        return true;
      }
      archive.older.poll();
    }
    return false;
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
    if (archive.content.damage() != null && length < head.length) {
      throw archive.content.damage();
    }
    List<Archive.Candidate> alike = new ArrayList<>();
    for (TailedFile file : family.files) {
      file.note();
      FileMark.Entry entry = file.content != null && !file.isKnown() ? wholeOf(file) : file.entry;
      if (entry != null && entry.isKnown() && hasHead(archive, entry)) {
        alike.add(new Archive.Candidate(file, entry));
      }
    }
    for (TailedFile file : family.gone()) {
      if (hasHead(archive, file.entry)) {
        alike.add(new Archive.Candidate(file, file.entry));
      }
    }
    alike.sort(Comparator.comparingLong(candidate -> candidate.entry().offset()));
    archive.candidates.clear();
    archive.candidates.addAll(alike);
    archive.state = Archive.State.COMPARED;
  }

  /** As if all of a file had been read of which nothing was. */
  private FileMark.Entry wholeOf(TailedFile file) throws IOException {
    FileLines whole = new FileLines(file.key, () -> "", all.description, family.counts);
    whole.leaveOut(file.content);
    return whole.entry(file.size, file.live, "");
  }

  private static boolean hasHead(Archive archive, FileMark.Entry entry) throws IOException {
    byte[] bytes = new byte[Fingerprint.BYTES];
    return entry.headLength() == archive.content().read(entry.start(), bytes, 0, entry.headLength())
        && Fingerprint.of(bytes, 0, entry.headLength()) == entry.head();
  }

  /** Goes on to where the next candidate has been read to, and compares what stands before that. */
  private void compareNext(Archive archive) throws IOException {
    if (archive.candidates.isEmpty()) {
      isNew(archive);
      return;
    }
    FileMark.Entry candidate = archive.candidates.peek().entry();
    CompressedContent content = archive.content();
    long tailAt = candidate.offset() - candidate.tailLength();
    family.turn += SKIMMED;
    if (!content.skim(tailAt, SKIMMED) && !content.isOver()) {
      return;
    }
    if (content.damage() != null) {
      throw content.damage();
    }
    TailedFile file = archive.candidates.poll().file();
    byte[] tail = new byte[candidate.tailLength()];
    if (content.read(tailAt, tail, 0, tail.length) == tail.length && Fingerprint.of(tail, 0, tail.length) == candidate.tail()) {
      isCopyOf(archive, file, candidate);
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
    archive.original = file;
    archive.state = Archive.State.COPY;
    archive.candidates.clear();
    archive.isCompared = compared.equals(file.entry);
    boolean isThere = family.files.contains(file);
    if (!isThere || (file.content == null && !file.present)) {
      begin(archive);
      if (isThere) {
        all.forget(family, file);
      }
    } else {
      archive.close();
    }
  }

  /** Reads of a copy what was not read of the original. */
  private void begin(Archive archive) {
    archive.lines = null;
    archive.state = Archive.State.READ;
    TailedFile original = archive.original;
    if (original.isKnown()) {
      archive.entry = original.entry.as(archive.key, archive.size);
      try {
        if (archive.compression().mayHold(archive.path, original.entry.offset())) {
          archive.state = Archive.State.DONE;
        }
      } catch (IOException e) {
        // reading it tells more
      }
    }
    all.turns.tell(family);
    all.turns.ready(family);
  }

  void close() {
    archives.forEach(Archive::close);
  }
}
