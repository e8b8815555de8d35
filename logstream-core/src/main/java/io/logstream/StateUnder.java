package io.logstream;

import java.util.function.BiConsumer;

/** What lies under a prefix of a larger state. */
record StateUnder(String prefix, State whole) implements State {
  @Override
  public void put(String key, byte[] value) {
    whole.put(prefix + key, value);
  }

  @Override
  public void remove(String key) {
    whole.remove(prefix + key);
  }

  @Override
  public byte[] get(String key) {
    return whole.get(prefix + key);
  }

  @Override
  public void forEach(BiConsumer<String, byte[]> action) {
    whole.forEach((path, value) -> {
      if (path.startsWith(prefix)) {
        action.accept(path.substring(prefix.length()), value);
      }
    });
  }
}
