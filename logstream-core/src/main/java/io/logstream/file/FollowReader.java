package io.logstream.file;

import io.logstream.Batch;
import io.logstream.Counter;
import io.logstream.Log;
import io.logstream.Reader;
import io.logstream.SourceContext;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows the files of one directory. What is true is asked of the file system: which names there are (a scan), and how large the open
 * files are (a look). A watch of the directory only tells when to ask.
 *
 * <p>Files are known by device and inode, and by what was read of them: the fingerprint of the head and of the bytes before the offset. So
 * a scan comes to one of these for each name:
 * <ul>
 * <li>known, and holds what was read of it: it goes on, whatever it is called now;
 * <li>known, but holds something else (truncated, or the inode was used again): replaced, it begins anew, and what it held may be in
 *     a copy of it;
 * <li>unknown, but holds what was read of a file that is gone or replaced: it is a copy, or that file moved, and goes on at its offset;
 * <li>unknown, and the same as a file that is still there: a copy, not read, but kept in mind until that file is replaced;
 * <li>unknown: new.
 * </ul>
 *
 * <p>A listing is not atomic: while names are being shifted, it may miss a file. So one that surprises is repeated until two agree, and
 * as a copy is there before its original is truncated, a truncation that is found makes the listing out of date.
 */
final class FollowReader implements Reader {
  private static final long TURN = 256 * 1024;
  private static final long SWEEP_MILLIS = 5_000;
  private static final long LATELY_MILLIS = 60_000;
  private static final long SHORTEST_INTERVAL = 1_000_000;
  private static final long LONGEST_INTERVAL = 20_000_000;
  private static final int MOST_LISTINGS = 50;
  /** So many families cost nothing to look at. */
  private static final int FEW = 100;
  /** Less than this may be alike in files that have nothing to do with each other, such as a common header. */
  private static final int TELLING = 2 * Fingerprint.BYTES;

  private static final Pattern UNIX_KEY = Pattern.compile("\\(dev=(\\w+),ino=(\\w+)\\)");

  private record Seen(String name, String key, long size, long modified) {}

  private final FileTail description;
  private final FileTail.Following following;
  private final SourceContext context;
  private final Path dir;
  private final PathMatcher glob;
  private final List<PathMatcher> excluded;
  private final FileLines.Counts counts;
  private final Counter rotations;
  private final Counter truncations;
  private final long rescanMillis;
  private final long keepMillis;

  private final Map<String, Family> families = new LinkedHashMap<>();
  private final Map<String, TailedFile> byKey = new LinkedHashMap<>();
  /** Families by the names of their files in the last listing. */
  private Map<String, Family> byName = Map.of();
  private final ArrayDeque<Family> ready = new ArrayDeque<>();
  private final ArrayDeque<Family> news = new ArrayDeque<>();
  /** Families that a watch event or lately read lines make worth a look. */
  private final Set<Family> toLook = new LinkedHashSet<>();

  private boolean first = true;
  private boolean scanWanted = true;
  /** Something could not be opened, or the directory has just changed: the next look at the clock scans again. */
  private boolean scanAgain;
  private boolean hasVanished;
  /** Then what is known of files is kept: a disk that is mounted late brings them back. */
  private boolean dirMissing;
  private long dirModified = Long.MIN_VALUE;
  private long nextLook = Long.MIN_VALUE;
  private long nextSweep = Long.MIN_VALUE;

  /** Whether somebody waits between polls; if not, every poll asks the file system for everything. */
  private boolean attended;
  private volatile WatchService watch;
  private boolean watchRefused;
  private boolean watching;
  private volatile boolean woken;
  /** While lines keep coming they are looked for at intervals, not by event; 0 else. */
  private long interval;
  private long lookAt;

  FollowReader(FileTail description, SourceContext context) {
    this.description = description;
    this.following = description.following;
    this.context = context;
    this.dir = following.dir();
    this.glob = following.glob() == null ? null : FileSystems.getDefault().getPathMatcher("glob:" + following.glob());
    this.excluded = following.excluded().stream().map(g -> FileSystems.getDefault().getPathMatcher("glob:" + g)).toList();
    this.counts = new FileLines.Counts(context.counter("truncatedLines"), context.counter("truncatedBytes"));
    this.rotations = context.counter("rotations");
    this.truncations = context.counter("truncations");
    this.rescanMillis = Math.max(1, following.rescan().toMillis());
    this.keepMillis = following.keepRotated().toMillis();
    restore();
  }

  private void restore() {
    context.saved().forEach((log, mark) -> {
      Path live = Path.of(log);
      if (!dir.equals(live.getParent()) || (glob == null && !live.getFileName().toString().equals(following.liveName()))) {
        return;
      }
      try {
        Family family = family(live.getFileName().toString());
        FileMark saved = FileMark.decode(mark);
        family.found = saved.found();
        for (FileMark.Entry entry : saved.files()) {
          if (entry.headLength() == 0) {
            continue; // nothing was in it by which it could be known: its place among the others is found anew
          }
          TailedFile file = new TailedFile(entry.key(), live);
          file.entry = entry;
          file.size = entry.size();
          file.live = entry.live();
          file.copyOf = entry.copyOf();
          family.files.add(file);
          byKey.put(entry.key(), file);
        }
      } catch (IOException | RuntimeException e) {
        context.warn("the position saved for " + log + " cannot be read (" + e.getMessage() + "); it is read as if it was new");
      }
    });
  }

  private Family family(String live) {
    return families.computeIfAbsent(live, name -> {
      String path = dir.resolve(name).toString();
      Log log = context.log(path, Map.of("file", path));
      return new Family(name, log);
    });
  }

  private long now() {
    return context.clock().millis();
  }

  // ---------------------------------------------------------------- reading

  @Override
  public Found poll(Batch batch) throws IOException {
    long now = now();
    boolean lookAtAll = !attended;
    if (now >= nextLook) {
      lookByTheClock(now);
    }
    boolean again = true;
    for (int scans = 0; again; scans++) {
      for (int i = 0; scanWanted && i < MOST_LISTINGS; i++) {
        scan(now);
      }
      if (attended) {
        lookWhereTold(now);
      }
      if (give(batch, now)) {
        return Found.SOMETHING;
      }
      again = scanWanted && scans < MOST_LISTINGS;
      if (!again && lookAtAll) {
        lookAtAll = false;
        again = true;
        lookByTheClock(now);
        scan(now);
        for (Family family : families.values()) {
          look(family, now);
        }
      }
    }
    return Found.NOTHING;
  }

  /** Gives one batch of the next family that has something. */
  private boolean give(Batch batch, long now) {
    Family told = news.poll();
    if (told != null) {
      told.news = false;
      batch.begin(told.log, told.generation());
      batch.mark(told.mark());
      return true;
    }
    while (!ready.isEmpty()) {
      Family family = ready.peek();
      if (read(family, batch, now)) {
        toLook.add(family);
        if (family.turn >= TURN) {
          family.turn = 0;
          ready.add(ready.poll());
        }
        return true;
      }
      if (scanWanted) {
        return false;
      }
      ready.poll();
      family.ready = false;
      family.turn = 0;
      family.log.quiet();
    }
    return false;
  }

  private boolean read(Family family, Batch batch, long now) {
    while (family.at >= 0 || begin(family, now)) {
      for (; family.at < family.files.size(); family.at++) {
        TailedFile file = family.files.get(family.at);
        if (file.isRead() && !file.undecided && read(family, file, batch)) {
          return true;
        }
        if (family.at < 0 || scanWanted) {
          return false;
        }
      }
      family.at = -1;
    }
    return false;
  }

  private boolean begin(Family family, long now) {
    try {
      return family.beginPass(now);
    } catch (IOException e) {
      for (TailedFile file : family.files) {
        trouble(file, e);
      }
      return false;
    }
  }

  private boolean read(Family family, TailedFile file, Batch batch) {
    try {
      if (!family.isNewest(family.at)) {
        file.look();
      }
      if (file.limit == file.readTo && !file.ending) {
        return false;
      }
      long before = file.lines.offset();
      switch (file.lines.read(file.content, batch, family.log, file.limit, file.ending)) {
        case LINES -> {
          family.turn += file.lines.offset() - before;
          file.note();
          batch.mark(family.mark());
          return true;
        }
        case REPLACED -> {
          file.readTo = -1;
          scanWanted = true;
        }
        default -> {
          file.readTo = file.limit;
          if (file.ending) {
            giveUp(family, file);
          }
        }
      }
    } catch (IOException e) {
      trouble(file, e);
    }
    return false;
  }

  /** What cannot be read now is opened and compared again at the next scan. */
  private void trouble(TailedFile file, IOException e) {
    context.warn(file.path + " cannot be read: " + reason(e) + "; it is tried again");
    file.note();
    file.close();
    file.checkedSize = -1;
    scanAgain = true;
  }

  /** Nothing more comes from this file: its handle is given back. */
  private void giveUp(Family family, TailedFile file) {
    file.ending = false;
    file.note();
    file.close();
    if (!file.present) {
      forget(family, file);
    }
    tell(family);
  }

  private void forget(Family family, TailedFile file) {
    int index = family.files.indexOf(file);
    family.files.remove(file);
    byKey.remove(file.key, file);
    if (family.at > index) {
      family.at--;
    }
    tell(family);
  }

  private void tell(Family family) {
    if (!family.news) {
      family.news = true;
      news.add(family);
    }
  }

  // ---------------------------------------------------------------- looking

  private void ready(Family family) {
    if (!family.ready) {
      family.ready = true;
      ready.add(family);
    }
  }

  private boolean look(Family family, long now) {
    if (family.at < 0 && begin(family, now)) {
      ready(family);
    }
    if (!family.ready) {
      family.log.quiet();
    }
    return family.ready;
  }

  private void lookWhereTold(long now) {
    if (toLook.isEmpty() || !ready.isEmpty() || (interval > 0 && System.nanoTime() < lookAt)) {
      return;
    }
    boolean grown = false;
    for (Family family : toLook) {
      grown |= look(family, now);
    }
    if (!grown) {
      toLook.clear();
      interval = 0;
    } else {
      interval = interval == 0 ? SHORTEST_INTERVAL : Math.min(LONGEST_INTERVAL, 2 * interval);
      lookAt = System.nanoTime() + interval;
    }
  }

  /** What is due every {@code rescan}: names, if the directory has changed; files that have grown lately; all others more rarely. */
  private void lookByTheClock(long now) {
    nextLook = now + rescanMillis;
    boolean sweep = now >= nextSweep;
    if (sweep) {
      nextSweep = now + Math.max(SWEEP_MILLIS, rescanMillis);
    }
    if (sweep || scanAgain || !watching || directoryModified() != dirModified) {
      scanWanted = true;
    }
    for (Family family : families.values()) {
      if (sweep || families.size() <= FEW || now - family.grownAt < LATELY_MILLIS) {
        look(family, now);
      }
      for (TailedFile file : List.copyOf(family.files)) {
        mature(family, file, now);
      }
    }
  }

  /** Brings to an end what has waited long enough. */
  private void mature(Family family, TailedFile file, long now) {
    try {
      if (file.content != null && file.undecided) {
        long size = file.content.size();
        if (size != file.size) {
          file.size = size;
          file.grownAt = now;
          scanWanted = true;
        } else if (now - file.grownAt >= keepMillis) {
          decideNew(family, file);
        }
      } else if (file.content != null && !file.live && !file.replaced) {
        boolean quiet = now - Math.max(file.grownAt, file.rotatedAt) >= keepMillis;
        if (quiet && !file.copyOf.isEmpty()) {
          giveUp(family, file);
        } else if (quiet && !file.ending && file.content.size() == file.readTo) {
          file.ending = true;
          family.at = -1;
          ready(family);
        }
      } else if (file.content == null && file.goneAt != TailedFile.NEVER && now - file.goneAt >= keepMillis && !dirMissing) {
        long rest = file.size - (file.entry == null ? 0 : file.entry.offset());
        if (rest > 0 && file.copyOf.isEmpty()) {
          context.unread(family.log, rest, "gone before it was read");
        }
        forget(family, file);
      }
    } catch (IOException e) {
      trouble(file, e);
    }
  }

  private void decideNew(Family family, TailedFile file) {
    file.undecided = false;
    file.copyOf = "";
    file.readTo = -1;
    family.at = -1;
    ready(family);
  }

  private long directoryModified() {
    try {
      return Files.getLastModifiedTime(dir).to(TimeUnit.NANOSECONDS);
    } catch (IOException e) {
      return Long.MIN_VALUE;
    }
  }

  // ---------------------------------------------------------------- names

  private boolean wanted(String name) {
    if (name.equals(following.liveName())) {
      return true;
    }
    if (RotationNames.isTemporary(name) || RotationNames.isCompressed(name)) {
      return false;
    }
    if (glob == null && !RotationNames.belongsTo(following.liveName(), name)) {
      return false;
    }
    Path path = Path.of(name);
    for (PathMatcher pattern : excluded) {
      if (pattern.matches(path)) {
        return false;
      }
    }
    return true;
  }

  /** The live name of the family that a name belongs to; null where it is none of ours. */
  private String liveNameOf(String name, Set<String> names) {
    if (glob == null) {
      return following.liveName();
    }
    String live = RotationNames.liveNameOf(name, base -> families.containsKey(base) || names.contains(base) && glob.matches(Path.of(base)));
    return live != null ? live : glob.matches(Path.of(name)) ? name : null;
  }

  /** The files that there are, by name; null if there is no directory. */
  private Map<String, Seen> list() throws IOException {
    hasVanished = false;
    dirMissing = false;
    Set<String> names = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (wanted(name)) {
          names.add(name);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } catch (NoSuchFileException | NotDirectoryException e) {
      dirMissing = true;
      byName = Map.of();
      return Map.of();
    }
    Map<String, Seen> listing = new HashMap<>();
    Map<String, Family> byNameNow = new HashMap<>();
    for (String name : names) {
      String live = liveNameOf(name, names);
      if (live != null) {
        Seen seen = seen(name);
        if (seen != null) {
          listing.put(name, seen);
          byNameNow.put(name, family(live));
        }
      }
    }
    byName = byNameNow;
    return listing;
  }

  private Seen seen(String name) {
    Path path = dir.resolve(name);
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (attributes.isRegularFile()) {
        return new Seen(name, key(attributes), attributes.size(), attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
      }
      if (name.equals(following.liveName())) {
        context.warn(path + " is not a file that can be followed; it is looked at again");
      }
    } catch (NoSuchFileException e) {
      hasVanished = true;
    } catch (IOException e) {
      context.warn(path + " cannot be looked at: " + reason(e) + "; it is tried again");
      scanAgain = true;
    }
    return null;
  }

  private static String key(BasicFileAttributes attributes) {
    Object key = attributes.fileKey();
    if (key == null) {
      return "created:" + attributes.creationTime().to(TimeUnit.NANOSECONDS);
    }
    Matcher unix = UNIX_KEY.matcher(key.toString());
    return unix.matches() ? unix.group(1) + ":" + unix.group(2) : "key:" + key;
  }

  /**
   * What positions call a file. An inode is used again, so the number of files read before goes with it; it is taken with the first
   * line, because files are read in one order only, so that a repeat after a crash has the same one.
   */
  private static Supplier<String> label(String key, Family family) {
    return () -> family.found++ + "." + key.substring(key.indexOf(':') + 1);
  }

  private static String reason(IOException e) {
    String name = e.getClass().getSimpleName();
    return name + (e.getMessage() == null ? "" : " " + e.getMessage());
  }

  private Map<String, Seen> stableListing() throws IOException {
    Map<String, Seen> listing = list();
    for (int i = 0; i < MOST_LISTINGS && (hasVanished || surprises(listing)); i++) {
      Map<String, Seen> again = list();
      boolean same = !hasVanished && sameFiles(listing, again);
      listing = again;
      if (same) {
        break;
      }
    }
    return listing;
  }

  private boolean surprises(Map<String, Seen> listing) {
    Set<String> keys = new HashSet<>();
    for (Seen seen : listing.values()) {
      if (!byKey.containsKey(seen.key)) {
        return true;
      }
      keys.add(seen.key);
    }
    for (TailedFile file : byKey.values()) {
      if ((file.present || first) && !keys.contains(file.key)) {
        return true;
      }
    }
    return false;
  }

  private static boolean sameFiles(Map<String, Seen> a, Map<String, Seen> b) {
    if (!a.keySet().equals(b.keySet())) {
      return false;
    }
    for (Seen seen : a.values()) {
      if (!seen.key.equals(b.get(seen.name).key)) {
        return false;
      }
    }
    return true;
  }

  // ---------------------------------------------------------------- scanning

  private void scan(long now) {
    scanWanted = false;
    scanAgain = false;
    meetUnread();
    Map<String, Seen> seenByKey;
    try {
      long modified;
      boolean newly;
      int tries = 0;
      do {
        modified = directoryModified();
        seenByKey = byKey(stableListing());
        newly = findReplaced(seenByKey, now);
      } while (newly && ++tries < MOST_LISTINGS);
      if (modified != dirModified) {
        scanAgain = true;
      }
      dirModified = modified;
    } catch (IOException e) {
      context.warn("directory " + dir + " cannot be read: " + reason(e) + "; it is tried again");
      scanAgain = true;
      return;
    }
    note(seenByKey, now);
    Map<Family, List<Seen>> unknown = new LinkedHashMap<>();
    for (Seen seen : seenByKey.values()) {
      if (!byKey.containsKey(seen.key)) {
        unknown.computeIfAbsent(byName.get(seen.name), f -> new ArrayList<>()).add(seen);
      }
    }
    for (Family family : List.copyOf(families.values())) {
      List<Seen> fresh = unknown.getOrDefault(family, List.of());
      boolean undecided = false;
      boolean replaced = false;
      for (TailedFile file : family.files) {
        undecided |= file.undecided;
        replaced |= file.replaced;
      }
      if (!fresh.isEmpty() || undecided || replaced) {
        resolve(family, fresh, seenByKey, now);
      }
      scanWanted |= !fresh.isEmpty() || replaced;
      if (first && !family.files.isEmpty()) {
        tell(family);
      }
      if (family.files.stream().anyMatch(f -> f.isRead() && f.readTo < 0)) {
        family.at = -1;
        ready(family);
      }
    }
    first = false;
  }

  /**
   * A copy is there before its original is truncated. So a listing that follows upon this shows the copies of all that was in a file before
   * it was met, and what becomes of it afterwards is noticed; nothing is read of a file before that.
   */
  private void meetUnread() {
    for (TailedFile file : List.copyOf(byKey.values())) {
      try {
        if (file.isRead()) {
          file.lines.meet(file.content);
        }
      } catch (IOException e) {
        trouble(file, e);
      }
    }
  }

  /** One name for each file: the live one, if it has that. */
  private Map<String, Seen> byKey(Map<String, Seen> listing) {
    Map<String, Seen> byFile = new LinkedHashMap<>();
    for (Seen seen : listing.values()) {
      byFile.merge(seen.key, seen, (a, b) -> byName.get(a.name).liveName.equals(a.name) ? a : b);
    }
    return byFile;
  }

  /** Finds files that do not hold any more what was read of them. Returns whether there are more of them than before. */
  private boolean findReplaced(Map<String, Seen> seenByKey, long now) {
    boolean newly = false;
    for (TailedFile file : byKey.values()) {
      if (file.replaced) {
        continue;
      }
      Seen seen = seenByKey.get(file.key);
      try {
        if (file.content != null) {
          long size = file.content.size();
          file.replaced = size < file.lines.offset() || (size != file.readTo && file.lines.replacedIn(file.content));
        } else if (seen != null && (seen.size != file.checkedSize || seen.modified != file.checkedModified)) {
          reopen(file, seen, now);
        }
        file.replaced |= !file.copyOf.isEmpty() && file.content != null && seen != null && byName.get(seen.name).liveName.equals(seen.name);
      } catch (IOException e) {
        trouble(file, e);
      }
      newly |= file.replaced;
    }
    return newly;
  }

  private void reopen(TailedFile file, Seen seen, long now) throws IOException {
    Content content = open(seen);
    if (content == null) {
      return;
    }
    file.path = dir.resolve(seen.name);
    file.checkedSize = seen.size;
    file.checkedModified = seen.modified;
    file.content = content;
    file.readTo = -1;
    file.grownAt = now;
    if (file.entry == null) {
      file.lines = lines(byName.get(seen.name), file.key);
      file.lines.meet(content);
    } else if (file.entry.fits(content)) {
      file.lines = FileLines.resume(file.entry, file.key, label(file.key, byName.get(seen.name)), content, description.maxRecord, counts);
    } else {
      file.replaced = true;
    }
  }

  private FileLines lines(Family family, String key) {
    return new FileLines(key, label(key, family), description.maxRecord, counts);
  }

  /** Opens what a listing has shown; null where that cannot be had now. */
  private Content open(Seen seen) {
    Path path = dir.resolve(seen.name);
    try {
      Content content = Content.open(path);
      if (seen.key.equals(key(Files.readAttributes(path, BasicFileAttributes.class)))) {
        return content;
      }
      content.close();
      scanWanted = true;
    } catch (NoSuchFileException e) {
      scanWanted = true;
    } catch (IOException e) {
      context.warn(path + " cannot be opened: " + reason(e) + "; it is tried again");
      scanAgain = true;
    }
    return null;
  }

  /** Takes over which names known files have now. */
  private void note(Map<String, Seen> seenByKey, long now) {
    for (Family family : families.values()) {
      for (TailedFile file : family.files) {
        Seen seen = seenByKey.get(file.key);
        boolean wasLive = file.live;
        file.present = seen != null;
        file.live = seen != null && seen.name.equals(family.liveName);
        if (seen != null) {
          file.path = dir.resolve(seen.name);
          file.goneAt = TailedFile.NEVER;
        } else if (file.goneAt == TailedFile.NEVER) {
          file.goneAt = now;
        }
        if (file.live) {
          file.rotatedAt = TailedFile.NEVER;
        } else if (file.rotatedAt == TailedFile.NEVER) {
          file.rotatedAt = now;
          if (wasLive) {
            rotations.increment();
          }
        }
      }
    }
  }

  // ---------------------------------------------------------------- what new files are

  private void resolve(Family family, List<Seen> fresh, Map<String, Seen> seenByKey, long now) {
    FileMark before = family.mark();
    Map<TailedFile, Seen> found = new LinkedHashMap<>();
    for (Seen seen : fresh) {
      TailedFile file = openNew(family, seen, now);
      if (file != null) {
        found.put(file, seen);
      }
    }
    findShrunk(family, found.keySet());
    List<TailedFile> replaced = new ArrayList<>();
    List<TailedFile> lost = new ArrayList<>();
    for (TailedFile file : family.files) {
      file.undecided &= !file.replaced;
      file.note();
      if (file.replaced) {
        replaced.add(file);
      } else if (file.content == null && !file.present && file.isKnown() && file.copyOf.isEmpty()) {
        lost.add(file);
      }
    }
    for (TailedFile original : replaced) {
      continueInKnownCopy(family, original);
    }
    TailedFile live = family.live();
    for (TailedFile file : family.files) {
      if (file.undecided && file.content != null) {
        decide(family, file, live);
      }
    }
    for (TailedFile original : replaced) {
      TailedFile anew = beginAnew(family, original, now);
      Seen seen = seenByKey.get(anew.key);
      if (seen == null) {
        family.files.add(family.files.indexOf(original), anew);
      } else {
        found.put(anew, seen);
      }
    }
    Comparator<Seen> byAge = Comparator.comparing((Seen s) -> s.name.equals(family.liveName)).thenComparingLong(Seen::modified)
        .thenComparing(Seen::name, RotationNames.byAge(family.liveName));
    List<TailedFile> added = new ArrayList<>(found.keySet());
    added.sort(Comparator.comparing(found::get, byAge));
    if (live == null) {
      live = added.stream().filter(f -> f.live).findFirst().orElse(null);
    }
    for (TailedFile file : added) {
      identify(family, file, replaced, lost, live);
      byKey.put(file.key, file);
      if (!family.files.contains(file)) {
        family.files.add(place(family, found.get(file), seenByKey, byAge), file);
      }
    }
    for (TailedFile original : replaced) {
      family.files.remove(original);
      countUnread(family, original);
    }
    family.liveLast();
    if (family.files.stream().anyMatch(f -> f.size > 0) && !family.mark().equals(before)) {
      tell(family);
    }
  }

  /** A new file comes after all that have been begun, but one that was known earlier and has given nothing yet may be younger. */
  private static int place(Family family, Seen fresh, Map<String, Seen> seenByKey, Comparator<Seen> byAge) {
    for (int i = 0; i < family.files.size(); i++) {
      TailedFile other = family.files.get(i);
      Seen seen = seenByKey.get(other.key);
      if (seen != null && (other.live || other.lines != null && other.lines.isUntouched()) && byAge.compare(fresh, seen) < 0) {
        return i;
      }
    }
    return family.files.size();
  }

  /**
   * A copy that is longer than its original shows that this was truncated, also if it holds again what was read of it, such as a header
   * with which every file begins. The size of the copy is asked for first: both may be growing.
   */
  private void findShrunk(Family family, Set<TailedFile> found) {
    TailedFile live = family.live();
    if (live == null || live.content == null || live.replaced || live.lines.offset() == 0) {
      return;
    }
    live.note();
    List<TailedFile> copies = new ArrayList<>(found);
    family.files.stream().filter(file -> file.undecided && file.content != null).forEach(copies::add);
    for (TailedFile copy : copies) {
      try {
        live.replaced |= !copy.live && copy.content.size() > live.content.size() && live.entry.fits(copy.content);
      } catch (IOException e) {
        context.warn(copy.path + " cannot be compared with " + live.path + ": " + reason(e));
      }
    }
  }

  /** A copy that was seen before its original was replaced goes on where that was left. */
  private void continueInKnownCopy(Family family, TailedFile original) {
    for (TailedFile copy : List.copyOf(family.files)) {
      if (copy.replaced || !copy.copyOf.equals(original.key)) {
        continue;
      }
      try {
        if (copy.content == null && copy.present) {
          copy.content = Content.open(copy.path);
        }
        if (copy.content != null && !original.continued && original.entry.fits(copy.content)) {
          takeOver(family, copy, original);
        } else if (copy.undecided && copy.content != null && original.lines != null && !original.lines.beganWith(copy.content)) {
          decideNew(family, copy);
        } else if (copy.content != null) {
          copied(copy, original.key);
          original.copiedTo = Math.max(original.copiedTo, copy.content.size());
        }
      } catch (IOException e) {
        trouble(copy, e);
      }
    }
  }

  private void takeOver(Family family, TailedFile copy, TailedFile original) throws IOException {
    copy.lines = FileLines.resume(original.entry, copy.key, label(copy.key, family), copy.content, description.maxRecord, counts);
    copy.copyOf = "";
    copy.undecided = false;
    copy.readTo = -1;
    copy.size = copy.content.size();
    copy.note();
    original.continued = true;
    original.copiedTo = copy.size;
    family.files.remove(copy);
    family.files.add(family.files.indexOf(original), copy);
  }

  /** A rotated name whose content is, so far, the beginning of the live file: as long as that is short, it may be a common header. */
  private void decide(Family family, TailedFile file, TailedFile live) {
    try {
      if (live == null || live.content == null || !isBeginningOf(live, file.content)) {
        if (!truncatedMeanwhile(live)) {
          decideNew(family, file);
        }
      } else if (file.content.size() >= TELLING) {
        copied(file, live.key);
      }
    } catch (IOException e) {
      trouble(file, e);
    }
  }

  /** It is a copy: known by what is in it, and not read. */
  private void copied(TailedFile file, String originalKey) throws IOException {
    file.copyOf = originalKey;
    file.undecided = false;
    file.lines = new FileLines(file.key, () -> "copy", description.maxRecord, counts);
    file.lines.leaveOut(file.content);
    file.readTo = file.content.size();
    file.note();
  }

  /** If the live file was truncated while it was compared, that says nothing: the next scan finds the truncation first. */
  private boolean truncatedMeanwhile(TailedFile live) throws IOException {
    boolean truncated = live != null && live.isRead() && live.lines.replacedIn(live.content);
    scanWanted |= truncated;
    return truncated;
  }

  private static boolean isBeginningOf(TailedFile original, Content content) throws IOException {
    long size = content.size();
    if (size > original.content.size()) {
      return false;
    }
    int length = (int) Math.min(Fingerprint.BYTES, size);
    byte[] a = new byte[length];
    byte[] b = new byte[length];
    for (long at : new long[] {0, size - length}) {
      if (content.read(at, a, 0, length) != length || original.content.read(at, b, 0, length) != length || !Arrays.equals(a, b)) {
        return false;
      }
    }
    return true;
  }

  private TailedFile openNew(Family family, Seen seen, long now) {
    Content content = open(seen);
    if (content == null) {
      return null;
    }
    TailedFile file = new TailedFile(seen.key, dir.resolve(seen.name));
    file.content = content;
    file.present = true;
    file.live = seen.name.equals(family.liveName);
    file.rotatedAt = file.live ? TailedFile.NEVER : now;
    file.grownAt = now;
    family.grownAt = now;
    file.lines = lines(family, seen.key);
    return file;
  }

  /** What stands in a file now that held something else. */
  private TailedFile beginAnew(Family family, TailedFile original, long now) {
    truncations.increment();
    TailedFile anew = new TailedFile(original.key, original.path);
    anew.content = original.content;
    anew.present = original.present;
    anew.live = original.live;
    anew.rotatedAt = original.rotatedAt;
    anew.goneAt = original.goneAt;
    anew.grownAt = now;
    anew.lines = lines(family, original.key);
    return anew;
  }

  /** Finds out whether an unknown content is new, goes on with what was read of another file, or is a copy of the live one. */
  private void identify(Family family, TailedFile file, List<TailedFile> replaced, List<TailedFile> lost, TailedFile live) {
    if (file.content == null) {
      return;
    }
    try {
      file.size = file.content.size();
      file.lines.meet(file.content);
      if (!goesOn(family, file, replaced, lost) && !isCopy(family, file, replaced, live) && first && following.fromEnd() && context.saved().isEmpty()) {
        file.lines.leaveOut(file.content);
      }
    } catch (IOException e) {
      trouble(file, e);
    }
    file.note();
  }

  private boolean goesOn(Family family, TailedFile file, List<TailedFile> replaced, List<TailedFile> lost) throws IOException {
    for (TailedFile original : replaced) {
      if (!file.live && !original.key.equals(file.key) && !original.continued && original.wasMet() && original.entry.fits(file.content)) {
        takeOver(family, file, original);
        return true;
      }
    }
    for (TailedFile original : lost) {
      if ((!file.live || original.entry.offset() >= TELLING) && !original.continued && original.entry.fits(file.content)) {
        takeOver(family, file, original);
        family.files.remove(original);
        byKey.remove(original.key, original);
        return true;
      }
    }
    return false;
  }

  private boolean isCopy(Family family, TailedFile file, List<TailedFile> replaced, TailedFile live) throws IOException {
    if (file.live) {
      return false;
    }
    for (TailedFile original : replaced) {
      if (!original.key.equals(file.key) && !original.continued && original.lines != null && original.isKnown() && file.size < original.entry.offset()
          && original.lines.beganWith(file.content)) {
        original.copiedTo = Math.max(original.copiedTo, file.size);
        copied(file, original.key);
        return true;
      }
    }
    if (live == null || live.content == null || live.key.equals(file.key)) {
      return false;
    }
    boolean beginning = isBeginningOf(live, file.content);
    if (!beginning && !truncatedMeanwhile(live)) {
      return false;
    }
    if (beginning && file.size >= TELLING) {
      copied(file, live.key);
    } else if (!family.files.contains(live)) {
      return false;
    } else {
      file.copyOf = live.key;
      file.undecided = true;
    }
    return true;
  }

  private void countUnread(Family family, TailedFile original) {
    long known = Math.max(original.copiedTo, original.entry == null ? 0 : original.entry.offset());
    if (original.size > known && original.copyOf.isEmpty()) {
      context.unread(family.log, original.size - known, "truncated or replaced before it was read");
    }
  }

  // ---------------------------------------------------------------- waiting

  @Override
  public void tend() {
    long now = now();
    if (now >= nextLook) {
      lookByTheClock(now);
    }
    if (scanWanted) {
      scan(now);
    }
  }

  @Override
  public void await(long nanos) {
    attended = true;
    watch();
    WatchService service = watch;
    if (interval > 0 || service == null) {
      long left = interval > 0 ? lookAt - System.nanoTime() : nanos;
      if (left > 0 && !woken) {
        LockSupport.parkNanos(this, Math.min(left, nanos));
      }
      if (interval == 0) {
        toLook.addAll(families.values());
      }
      return;
    }
    try {
      WatchKey key = service.poll(woken ? 0 : nanos, TimeUnit.NANOSECONDS);
      for (; key != null; key = service.poll()) {
        take(key);
      }
    } catch (ClosedWatchServiceException e) {
      watch = null;
      watching = false;
    } catch (InterruptedException e) {
      // the mark is left off: a file channel that is read by an interrupted thread closes itself
    }
    woken = false;
  }

  private void take(WatchKey key) {
    for (WatchEvent<?> event : key.pollEvents()) {
      Family family = event.context() instanceof Path name ? byName.get(name.toString()) : null;
      if (family != null && event.kind() == StandardWatchEventKinds.ENTRY_MODIFY) {
        toLook.add(family);
      } else if (event.context() instanceof Path name && !wanted(name.toString())) {
        continue;
      } else {
        scanWanted = true;
      }
    }
    if (!key.reset()) {
      closeWatch();
    }
  }

  /** Begins to watch the directory, as soon as that is possible. What happened before is looked for afterwards. */
  private void watch() {
    if (watching || watchRefused) {
      return;
    }
    try {
      if (watch == null) {
        watch = FileSystems.getDefault().newWatchService();
      }
      dir.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_DELETE);
      watching = true;
      scanWanted = true;
      toLook.addAll(families.values());
    } catch (NoSuchFileException | NotDirectoryException | ClosedWatchServiceException e) {
      // it may appear later, or the run is being closed
    } catch (IOException | UnsupportedOperationException e) {
      context.warn("directory " + dir + " cannot be watched (" + e + "); it is looked at every " + following.rescan());
      watchRefused = true;
      closeWatch();
    }
  }

  private void closeWatch() {
    WatchService service = watch;
    watch = null;
    watching = false;
    if (service != null) {
      try {
        service.close();
      } catch (IOException e) {
        // nothing depends on it any more
      }
    }
  }

  @Override
  public void wake() {
    woken = true;
    WatchService service = watch;
    if (service != null) {
      try {
        service.close();
      } catch (IOException e) {
        // it ends by itself after the time that was given
      }
    }
  }

  @Override
  public void close() {
    closeWatch();
    byKey.values().forEach(TailedFile::close);
  }
}
