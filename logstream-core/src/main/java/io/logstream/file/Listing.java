package io.logstream.file;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Which files the directory shows, and of which family each is by its name. A listing is not atomic: while names are being shifted it
 * may miss a file. So one that surprises is repeated until two agree.
 */
final class Listing {
  static final int MOST_REPEATS = 50;

  private final Followed all;
  private final Following following;
  private final WantedNames wanted;
  /** The names that the directory had in the last listing, if they may be ours, and what they showed. */
  private Set<String> names = Set.of();
  private Map<String, Seen> shown = new HashMap<>();
  /** Families by the names of their files in the last listing. */
  private Map<String, Family> byName = Map.of();
  private boolean hasVanished;
  /** Whether something stands under the live name that is no file. */
  private boolean unfit;
  private boolean dirMissing;
  private boolean first = true;

  Listing(Followed all) {
    this.all = all;
    this.following = all.following;
    this.wanted = new WantedNames(following);
  }

  /** Whether there was no directory. Then what is known of files is kept: a disk that is mounted late brings them back. */
  boolean dirMissing() {
    return dirMissing;
  }

  /** Whether the last listing had this name, be it of a file that is followed or not. */
  boolean has(String name) {
    return names.contains(name);
  }

  /** The family of which the file of this name was in the last listing; null where it had none. */
  Family familyOf(String name) {
    return byName.get(name);
  }

  /** What the name shows, as of the last listing or what was {@link #noted} since; null where it has gone. */
  Seen shown(String name) {
    return shown.get(name);
  }

  /** A later look has shown this. */
  void noted(Seen seen) {
    shown.put(seen.name(), seen);
  }

  /** How many files it has. */
  int size() {
    return shown.size();
  }

  /** The names of the files in the last listing. */
  String[] names() {
    return shown.keySet().toArray(String[]::new);
  }

  /** Whether the directory has other names than in the last listing, as far as they may be ours. */
  boolean hasOtherNames() {
    int there = 0;
    try (DirectoryStream<Path> entries = following.disk.names(all.dir)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (names.contains(name)) {
          there++;
        } else if (wanted(name)) {
          return true;
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return !dirMissing;
    } catch (DirectoryIteratorException | IOException e) {
      return true;
    }
    return there != names.size();
  }

  /** When a name in the directory was last changed; the least number where that cannot be had. */
  long modified() {
    try {
      return following.disk.modified(all.dir).to(TimeUnit.NANOSECONDS);
    } catch (IOException e) {
      return Long.MIN_VALUE;
    }
  }

  /** The files that there are, by key. Where one has several names, the live one is given. */
  Map<String, Seen> take() throws IOException {
    Map<String, Seen> listing = list();
    for (int i = 0; i < MOST_REPEATS && (hasVanished || surprises(listing)); i++) {
      Map<String, Seen> again = list();
      boolean same = !hasVanished && sameFiles(listing, again);
      listing = again;
      if (same) {
        break;
      }
    }
    if (first && listing.isEmpty() && !unfit) {
      all.context.warn(following.glob == null ? all.dir.resolve(following.liveName) + " is not there yet; it is waited for"
          : "no file in " + all.dir + (dirMissing ? ", which is not there yet," : "") + " matches " + following.glob + "; one is waited for");
    }
    first = false;
    Map<String, Seen> byKey = new LinkedHashMap<>();
    for (Seen seen : listing.values()) {
      byKey.merge(seen.key(), seen, (a, b) -> isLive(a) ? a : b);
    }
    return byKey;
  }

  /** Whether it has the live name of its family. */
  boolean isLive(Seen seen) {
    return byName.get(seen.name()).liveName.equals(seen.name());
  }

  /** Whether a name may be one of ours. */
  boolean wanted(String name) {
    return wanted.includes(name);
  }

  /** The live name of the family that a name belongs to; null where it is none of ours. */
  private String liveNameOf(String name, Set<String> there) {
    if (following.glob == null) {
      return following.liveName;
    }
    String plain = RotationNames.plain(name);
    Predicate<String> isLive = base -> all.families.containsKey(base) || there.contains(base) && wanted.isLive(base);
    for (String base : List.of(plain, RotationNames.withoutDateInside(plain))) {
      if (!base.equals(name) && isLive.test(base)) {
        return base;
      }
    }
    String live = RotationNames.liveNameOf(plain, isLive);
    return live != null ? live : wanted.isLive(name) ? plain : null;
  }

  private Map<String, Seen> list() throws IOException {
    hasVanished = false;
    dirMissing = false;
    names = new HashSet<>();
    try (DirectoryStream<Path> entries = following.disk.names(all.dir)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (byName.containsKey(name) || wanted(name)) {
          names.add(name);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } catch (NoSuchFileException | NotDirectoryException e) {
      dirMissing = true;
      byName = Map.of();
      shown = new HashMap<>();
      return shown;
    }
    Map<String, Seen> listing = new HashMap<>();
    Map<String, Family> byNameNow = new HashMap<>();
    for (String name : names) {
      Family known = byName.get(name);
      String live = known != null ? known.liveName : liveNameOf(name, names);
      Seen seen = live == null ? null : look(name);
      if (seen != null) {
        listing.put(name, seen);
        byNameNow.put(name, all.family(live));
      }
    }
    byName = byNameNow;
    shown = listing;
    return listing;
  }

  private Seen look(String name) {
    Path path = all.dir.resolve(name);
    try {
      BasicFileAttributes attributes = following.disk.look(path);
      if (attributes.isRegularFile()) {
        return Seen.of(path, name, attributes);
      }
      if (name.equals(following.liveName)) {
        unfit = true;
        all.context.warn(path + (attributes.isDirectory() ? " is a directory, not a file; FileTail.matching(dir, glob) follows the files in it; it is looked at again"
            : " is not a file that can be followed; it is looked at again"));
      }
    } catch (NoSuchFileException e) {
      hasVanished = true;
    } catch (IOException e) {
      all.context.warn(path + " cannot be looked at: " + Followed.reason(e) + "; it is tried again");
      all.troubled = true;
    }
    return null;
  }

  private boolean surprises(Map<String, Seen> listing) {
    Set<String> keys = new HashSet<>();
    for (Seen seen : listing.values()) {
      boolean known = Compression.of(seen.name()) == null ? all.byKey.containsKey(seen.key()) : familyOf(seen.name()).archives.knows(seen.key());
      if (!known) {
        return true;
      }
      keys.add(seen.key());
    }
    for (TailedFile file : all.byKey.values()) {
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
      if (!seen.key().equals(b.get(seen.name()).key())) {
        return false;
      }
    }
    return true;
  }
}
