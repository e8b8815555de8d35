package io.logstream;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/** The form of a saved state: bytes by path. */
final class Saved {
  private Saved() {}

  static void number(Map<String, byte[]> all, String path, long value) {
    all.put(path, ByteBuffer.allocate(Long.BYTES).putLong(value).array());
  }

  static long number(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }

  /** A path of what belongs to something of this name; the name may hold anything. */
  static String path(String kind, String name, String rest) {
    return kind + "/" + name.replace("%", "%25").replace("/", "%2F") + "/" + rest;
  }

  /** What belongs to something of this name, by the rest of its path. */
  static Map<String, byte[]> under(Map<String, byte[]> all, String kind, String name) {
    String prefix = path(kind, name, "");
    Map<String, byte[]> under = new TreeMap<>();
    all.forEach((path, value) -> {
      if (path.startsWith(prefix)) {
        under.put(path.substring(prefix.length()), value);
      }
    });
    return under;
  }
}
