package io.logstream;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** What one processor has saved so far. */
final class SavedState implements State {
  final Map<String, byte[]> values = new TreeMap<>();

  @Override
  public void put(String key, byte[] value) {
    values.put(key, value.clone());
  }

  @Override
  public void remove(String key) {
    values.remove(key);
  }

  @Override
  public byte[] get(String key) {
    byte[] value = values.get(key);
    return value == null ? null : value.clone();
  }

  @Override
  public void forEach(BiConsumer<String, byte[]> action) {
    new TreeMap<>(values).forEach((key, value) -> action.accept(key, value.clone()));
  }
}
