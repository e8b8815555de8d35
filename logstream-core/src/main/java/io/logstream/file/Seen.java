package io.logstream.file;

import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a listing shows of a file.
 *
 * @param key device and inode, or what else tells a file from others whatever its name
 * @param modified when it was last changed, in nanoseconds
 */
record Seen(String name, String key, long size, long modified) {
  private static final Pattern UNIX_KEY = Pattern.compile("\\(dev=(\\w+),ino=(\\w+)\\)");

  static Seen of(String name, BasicFileAttributes attributes) {
    return new Seen(name, key(attributes), attributes.size(), attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
  }

  static String key(BasicFileAttributes attributes) {
    Object key = attributes.fileKey();
    if (key == null) {
      return "created:" + attributes.creationTime().to(TimeUnit.NANOSECONDS);
    }
    Matcher unix = UNIX_KEY.matcher(key.toString());
    return unix.matches() ? unix.group(1) + ":" + unix.group(2) : "key:" + key;
  }
}
