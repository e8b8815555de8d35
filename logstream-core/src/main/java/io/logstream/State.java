package io.logstream;

import java.util.function.BiConsumer;

/** What a processor has saved, as bytes by key. What was put once stays until it is put again or removed. */
public interface State {
  /** Puts a value in place of what was there under this key. */
  void put(String key, byte[] value);

  /** Removes a key. */
  void remove(String key);

  /** The value of a key, or null. */
  byte[] get(String key);

  /** Gives all keys and values, ordered by key. */
  void forEach(BiConsumer<String, byte[]> action);

  /** The part of it whose keys begin with this prefix, as a state of its own, for what a processor is put together from. */
  default State under(String prefix) {
    return new StateUnder(prefix, this);
  }
}
