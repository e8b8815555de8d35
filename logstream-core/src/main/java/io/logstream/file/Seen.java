package io.logstream.file;

import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * What a listing shows of a file.
 *
 * @param key device and inode, or what else tells a file from others whatever its name
 * @param modified when it was last changed, in nanoseconds
 */
record Seen(String name, String key, long size, long modified) {
  static Seen of(String name, BasicFileAttributes attributes) {
    return new Seen(name, key(attributes), attributes.size(), attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
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
