package io.logstream;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/** The form of a saved state: bytes by path. */
final class Saved {
  /** Stands between the parts of a path, which may hold anything else: names, file paths, keys of stages. */
  static final char PARTING = '\0';

  private Saved() {}

  static String path(String... parts) {
    return String.join(String.valueOf(PARTING), parts);
  }

  static void number(Map<String, byte[]> all, String path, long value) {
    all.put(path, ByteBuffer.allocate(Long.BYTES).putLong(value).array());
  }

  static long number(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }

  /** What lies under a prefix, without the prefix. */
  static Map<String, byte[]> under(Map<String, byte[]> all, String prefix) {
    Map<String, byte[]> under = new TreeMap<>();
    for (Map.Entry<String, byte[]> entry : all.entrySet()) {
      if (entry.getKey().startsWith(prefix)) {
        under.put(entry.getKey().substring(prefix.length()), entry.getValue());
      }
    }
    return under;
  }
}
