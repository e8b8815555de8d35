package io.logstream.kafka.streams;

import io.logstream.State;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * The state of one task: kept by the stages themselves while they run, and put here, and into the changelog, when Kafka Streams is about to commit.
 *
 * <p>Kafka Streams has no public word for that moment. It tells stores with a cache to empty it then, through an interface of its own that it
 * knows a store by; this store says that it is one. Should a version of Kafka Streams not do so, the first commit stops the run: what is not in
 * the changelog when offsets are committed would be lost with the process.
 */
final class PartStore implements StateStore, CachedStateStore<Object, Object>, State {
  private final KeyValueStore<String, byte[]> kept;
  private Runnable beforeCommit = () -> { };
  private boolean behind;

  private PartStore(KeyValueStore<String, byte[]> kept) {
    this.kept = kept;
  }

  /** What to do before what was done is committed. */
  void beforeCommit(Runnable putAll) {
    beforeCommit = putAll;
  }

  /** The stages know more than this store. */
  void isBehind() {
    behind = true;
  }

  // ---------------------------------------------------------------- State

  @Override
  public void put(String key, byte[] value) {
    kept.put(key, value);
  }

  @Override
  public void remove(String key) {
    if (kept.get(key) != null) {
      kept.delete(key);
    }
  }

  @Override
  public byte[] get(String key) {
    return kept.get(key);
  }

  @Override
  public void forEach(BiConsumer<String, byte[]> action) {
    Map<String, byte[]> all = new HashMap<>();
    try (KeyValueIterator<String, byte[]> entries = kept.all()) {
      while (entries.hasNext()) {
        KeyValue<String, byte[]> entry = entries.next();
        all.put(entry.key, entry.value);
      }
    }
    all.forEach(action);
  }

  // ---------------------------------------------------------------- the moments of Kafka Streams

  @Override
  public void flushCache() {
    if (behind) {
      beforeCommit.run();
      behind = false;
    }
  }

  @Override
  public void clearCache() {
    // what the stages know is all there is
  }

  @Override
  public boolean setFlushListener(CacheFlushListener<Object, Object> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public void commit(Map<TopicPartition, Long> changelogOffsets) {
    if (behind) {
      throw new IllegalStateException("this version of Kafka Streams commits without telling its stores before, so state could be lost; use the version that "
          + "logstream-kafka-streams was built with");
    }
    kept.commit(changelogOffsets);
  }

  @Override
  public String name() {
    return kept.name();
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    kept.init(context, root);
  }

  @Override
  public void close() {
    kept.close();
  }

  @Override
  public boolean persistent() {
    return kept.persistent();
  }

  @Override
  public boolean isOpen() {
    return kept.isOpen();
  }

  /**
   * Makes stores of this name.
   *
   * @param logConfig settings of the changelog's topic
   */
  record Builder(String name, Map<String, String> logConfig) implements StoreBuilder<PartStore> {
    @Override
    public PartStore build() {
      return new PartStore(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray()).withLoggingEnabled(logConfig)
          .withCachingDisabled().build());
    }

    @Override
    public boolean loggingEnabled() {
      return true;
    }

    @Override
    public StoreBuilder<PartStore> withLoggingEnabled(Map<String, String> config) {
      return new Builder(name, Map.copyOf(config));
    }

    @Override
    public StoreBuilder<PartStore> withLoggingDisabled() {
      throw new UnsupportedOperationException("the state of a pipeline is always logged");
    }

    @Override
    public StoreBuilder<PartStore> withCachingEnabled() {
      return this;
    }

    @Override
    public StoreBuilder<PartStore> withCachingDisabled() {
      return this;
    }
  }
}
