package io.logstream.file;

import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * What a listing shows of a file.
 *
 * @param fileKey what the file system knows the file by, whatever its name; null where it does not tell
 * @param key device and inode, or what else tells a file from others
 * @param modified when it was last changed, in nanoseconds
 */
record Seen(Path path, String name, Object fileKey, String key, long size, long modified) {
  static Seen of(Path path, String name, BasicFileAttributes attributes) {
    return new Seen(path, name, attributes.fileKey(), key(attributes), attributes.size(), modified(attributes));
  }

  /** The same name and file, as a later look shows it. */
  Seen as(BasicFileAttributes now) {
    return new Seen(path, name, fileKey, key, now.size(), modified(now));
  }

  boolean isFile(BasicFileAttributes now) {
    return isFile(fileKey, key, now);
  }

  boolean isUnchanged(BasicFileAttributes now) {
    return now.size() == size && modified(now) == modified && isFile(now);
  }

  /** Whether attributes are those of a file, of which both keys were taken; the one for showing costs more. */
  static boolean isFile(Object fileKey, String key, BasicFileAttributes now) {
    return fileKey == null ? key.equals(key(now)) : fileKey.equals(now.fileKey());
  }

  private static long modified(BasicFileAttributes attributes) {
    return attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
  }

  static String key(BasicFileAttributes attributes) {
    Object key = attributes.fileKey();
    if (key == null) {
      return "created:" + attributes.creationTime().to(TimeUnit.NANOSECONDS);
    }
    String shown = key.toString();
    int inode = shown.indexOf(",ino=");
    return shown.startsWith("(dev=") && inode > 0 && shown.endsWith(")")
        ? shown.substring(5, inode) + ':' + shown.substring(inode + 5, shown.length() - 1) : "key:" + shown;
  }
}
