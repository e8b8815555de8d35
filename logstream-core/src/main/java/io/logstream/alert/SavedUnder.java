package io.logstream.alert;

import io.logstream.State;
import java.util.function.BiConsumer;

/** The part of a state whose keys begin with something. */
record SavedUnder(State whole, String prefix) implements State {
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
    whole.forEach((key, value) -> {
      if (key.startsWith(prefix)) {
        action.accept(key.substring(prefix.length()), value);
      }
    });
  }
}
