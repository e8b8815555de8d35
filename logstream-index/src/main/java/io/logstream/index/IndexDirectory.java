package io.logstream.index;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A directory that holds the slices of one index, each in a directory of its own, and is locked while the index is open. */
final class IndexDirectory implements AutoCloseable {
  private static final int LONGEST_TENANT = 100;
  private static final Pattern SLICE = Pattern.compile("(.+-)?\\d{4}-\\d\\d(-\\d\\d(T\\d\\d(-\\d\\d-\\d\\d\\.\\d{3})?)?)?(\\.\\d{3,})?");

  private final Path dir;
  /** Not read or written by its channel: an interrupt would close that, and the lock with it. */
  private final RandomAccessFile lockFile;
  private final FileLock lock;

  private IndexDirectory(Path dir, RandomAccessFile lockFile, FileLock lock) {
    this.dir = dir;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Takes a directory for one index.
   *
   * @throws IllegalStateException if another index has it
   */
  static IndexDirectory open(Path dir) throws IOException {
    if (Files.exists(dir) && !Files.isDirectory(dir)) {
      throw new IOException("it wants a directory, and that is a file");
    }
    Files.createDirectories(dir);
    RandomAccessFile lockFile = new RandomAccessFile(dir.resolve("lock").toFile(), "rw");
    FileLock lock;
    try {
      lock = lockFile.getChannel().tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      lockFile.close();
      throw new IllegalStateException("index directory " + dir + " is in use by another index; close that one first, or give each a directory of its own");
    }
    return new IndexDirectory(dir, lockFile, lock);
  }

  /** The slices there are, by name. Deletes what was left of slices that never came to be, or were being let go. */
  List<Path> slices() throws IOException {
    List<Path> slices = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir, Files::isDirectory)) {
      for (Path entry : entries) {
        if (SLICE.matcher(entry.getFileName().toString()).matches()) {
          if (Home.isSlice(entry)) {
            slices.add(entry);
          } else if (Home.isRest(entry)) {
            Home.delete(entry);
          }
        }
      }
    }
    slices.sort(null);
    return slices;
  }

  /**
   * Makes room for a slice: under this name, or with a number behind it where that is taken.
   *
   * @param taken says so of names whose directories somebody may have deleted
   */
  Path create(String name, Predicate<String> taken) throws IOException {
    for (int number = 1; ; number++) {
      String its = number == 1 ? name : String.format(Locale.ROOT, "%s.%03d", name, number);
      try {
        if (!taken.test(its)) {
          return Files.createDirectory(dir.resolve(its));
        }
      } catch (FileAlreadyExistsException e) {
        // the next number
      }
    }
  }

  /** What stands before the time in the name of a slice: nothing, or the tenant, with letters that file names cannot have as their codes. */
  static String prefix(String tenant) {
    if (tenant.isEmpty()) {
      return "";
    }
    StringBuilder name = new StringBuilder();
    for (byte b : tenant.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '-' || b == '.' && name.length() > 0;
      if (plain) {
        name.append((char) b);
      } else {
        name.append(String.format(Locale.ROOT, "%%%02X", b));
      }
    }
    if (name.length() > LONGEST_TENANT) {
      name.setLength(LONGEST_TENANT);
      name.append('~').append(Integer.toHexString(tenant.hashCode()));
    }
    return name.append('-').toString();
  }

  /** The number that {@link #keepSequence} was given last; 0 if it never was. */
  long sequence() throws IOException {
    lockFile.seek(0);
    return lockFile.length() < Long.BYTES ? 0 : lockFile.readLong();
  }

  /** Keeps the number of the next event, for when there is no slice that knows it. */
  void keepSequence(long next) throws IOException {
    lockFile.seek(0);
    lockFile.writeLong(next);
  }

  /** Closes it after a failure that is more worth telling of than another one here. */
  void letGo() {
    try {
      close();
    } catch (IOException e) {
      // the lock goes with the process at the latest
    }
  }

  @Override
  public void close() throws IOException {
    lock.release();
    lockFile.close();
  }
}
