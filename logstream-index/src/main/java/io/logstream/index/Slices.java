package io.logstream.index;

import io.logstream.LogEvent;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The slices of an index: which one takes an event, when another begins, where they are kept, and which go. Used under the index's lock, but for
 * {@link #all}.
 */
final class Slices {
  private static final long FOREVER_MILLIS = Long.MAX_VALUE / 4;
  private static final int MOST_EVENTS_IN_HEAP_SLICE = 1 << 20;
  private static final int MOST_EVENTS_ON_DISK_SLICE = 1 << 24;
  private static final long MOST_BYTES_ON_DISK_SLICE = 1L << 30;
  private static final int PARTS = 8;
  private static final int MOST_TENANTS = 64;
  private static final int EVENTS_BETWEEN_MEASURES = 4096;
  private static final long BYTES_BETWEEN_MEASURES = 8L << 20;

  private final IndexSettings settings;
  private final IndexDirectory onDisk;
  private final Slicing slicing;
  private final long keepMillis;
  private final long mostEvents;
  private final long mostBytes;
  private final long maxBytes;
  private final Barriers barriers = new Barriers();
  private final SegmentTables tables = new SegmentTables();
  /** In the order in which they began. */
  private final List<Slice> all = new CopyOnWriteArrayList<>();
  /** Those that take events, by whose. */
  private final Map<Tenant, Slice> taking = new HashMap<>();
  private Path overflow;
  private int overflown;
  private long sequence;
  private long commits;
  /** Why something that came in since the last commit is not there any more; null if all is. */
  private String broken;
  private long bytesSinceMeasured;
  private int eventsSinceMeasured;

  /** @param onDisk null for slices in memory */
  Slices(IndexSettings settings, Duration keep, IndexDirectory onDisk) throws IOException {
    this.settings = settings;
    this.onDisk = onDisk;
    this.maxBytes = settings.maxBytes(onDisk != null);
    this.keepMillis = keep.compareTo(Duration.ofMillis(FOREVER_MILLIS)) > 0 ? FOREVER_MILLIS : Math.max(1, keep.toMillis());
    this.slicing = Slicing.of(keepMillis, settings.unit());
    this.mostEvents = Math.max(1, Math.min(onDisk == null ? MOST_EVENTS_IN_HEAP_SLICE : MOST_EVENTS_ON_DISK_SLICE, settings.maxEvents() / PARTS));
    this.mostBytes = onDisk == null ? Math.min(settings.heapBytes(), maxBytes) / PARTS : Math.min(MOST_BYTES_ON_DISK_SLICE, maxBytes / PARTS);
    if (onDisk != null) {
      reopen();
    }
  }

  private void reopen() throws IOException {
    long newest = -1;
    for (Path path : onDisk.slices()) {
      Home home = Home.at(path);
      try {
        Slice slice = Slice.reopened(home, tables);
        all.add(slice);
        CommitData data = slice.about();
        sequence = Math.max(sequence, data.number("next sequence"));
        if (data.number("commits") > newest) {
          newest = data.number("commits");
          barriers.readFrom(data);
        }
      } catch (IOException | RuntimeException e) {
        for (Slice slice : all) {
          slice.close(null);
        }
        home.directory().close();
        throw new IOException("the slice " + path + " cannot be read: " + e.getMessage() + "; move it away to open the index without it", e);
      }
    }
    sequence = Math.max(sequence, onDisk.sequence());
    commits = newest + 1;
    all.sort((a, b) -> Long.compare(a.firstSequence(), b.firstSequence()));
  }

  // ---------------------------------------------------------------- looking

  List<Slice> all() {
    return all;
  }

  /** The number of the next event. */
  long sequence() {
    return sequence;
  }

  long size() {
    long sum = 0;
    for (Slice slice : all) {
      sum += slice.size();
    }
    return sum;
  }

  long bytes() throws IOException {
    long sum = 0;
    for (Slice slice : all) {
      sum += slice.bytes();
    }
    return sum;
  }

  // ---------------------------------------------------------------- adding

  /** Adds an event to the slice that it belongs to, and returns that slice. */
  Slice add(LogEvent event, long now, Feed feed) throws IOException {
    Slice slice = forEvent(event, now, feed);
    try {
      bytesSinceMeasured += slice.add(event, sequence, now, feed);
      sequence++;
    } finally {
      if (!slice.isWritable()) {
        giveUp(slice, feed);
      }
    }
    if (bytesSinceMeasured > Math.min(BYTES_BETWEEN_MEASURES, mostBytes / 4) || ++eventsSinceMeasured >= Math.min(EVENTS_BETWEEN_MEASURES, mostEvents)) {
      measure(feed);
    }
    return slice;
  }

  /** Leaves a slice behind that Lucene cannot go on with. */
  private void giveUp(Slice slice, Feed feed) throws IOException {
    long lost = seal(slice);
    broken = onDisk == null ? null : slice.trouble();
    feed.lost(lost, slice.trouble());
    if (slice.size() == 0) {
      drop(slice);
    }
  }

  private Slice forEvent(LogEvent event, long now, Feed feed) throws IOException {
    Tenant tenant = tenantOf(event);
    Slice slice = taking.get(tenant);
    if (slice != null && !slice.isWritable()) {
      giveUp(slice, feed);
      slice = null;
    }
    if (slice != null && (now >= slice.until || slice.size() >= mostEvents)) {
      seal(slice);
      measure(feed);
      slice = null;
    }
    if (slice == null) {
      for (Slice over : List.copyOf(taking.values())) {
        if (now >= over.until) {
          seal(over);
        }
      }
      expire(now);
      slice = begin(tenant, now);
      taking.put(tenant, slice);
    }
    return slice;
  }

  private Tenant tenantOf(LogEvent event) {
    if (settings.tenant() == null || !(event.value(settings.tenant()) instanceof String value) || value.isEmpty()) {
      return Tenant.ANY;
    }
    Tenant tenant = new Tenant(settings.tenant(), value);
    return taking.size() < MOST_TENANTS || taking.containsKey(tenant) ? tenant : Tenant.ANY;
  }

  private Slice begin(Tenant tenant, long now) throws IOException {
    Slicing.Stretch stretch = slicing.at(now);
    String name = IndexDirectory.prefix(tenant.value()) + stretch.name();
    if (onDisk == null) {
      Slice slice = Slice.begun(name, tenant, stretch.until(), now, settings, Home.inHeap(), tables);
      all.add(slice);
      return slice;
    }
    Slice last = null;
    for (Slice slice : all) {
      last = slice.tenant.equals(tenant) ? slice : last;
    }
    if (last != null && last.trouble().isEmpty() && now < last.until && last.size() < mostEvents && last.bytes() < mostBytes && last.isAsDeclared(settings.declared())) {
      last.take(settings);
      return last;
    }
    Path path = onDisk.create(name, taken -> all.stream().anyMatch(slice -> slice.name.equals(taken)));
    Slice slice = Slice.begun(path.getFileName().toString(), tenant, stretch.until(), now, settings, Home.at(path), tables);
    all.add(slice);
    return slice;
  }

  /** Ends a slice and tells how many events were lost with it. */
  private long seal(Slice slice) throws IOException {
    taking.values().remove(slice);
    return slice.seal(onDisk == null ? null : about());
  }

  void tidy() throws IOException {
    for (Slice slice : taking.values()) {
      slice.tidy();
    }
  }

  // ---------------------------------------------------------------- limits

  /** Begins new slices when those that take events are big enough; moves or lets go the oldest when all together are too big. */
  private void measure(Feed feed) throws IOException {
    bytesSinceMeasured = 0;
    eventsSinceMeasured = 0;
    long buffered = 0;
    for (Slice slice : List.copyOf(taking.values())) {
      if (slice.bytes() >= mostBytes) {
        seal(slice);
      } else {
        buffered += slice.buffered();
      }
    }
    sealLargest();
    if (taking.size() > 1 && (buffered > settings.heapBytes() / PARTS || tables.bytes() > 2 * settings.heapBytes() / PARTS)) {
      for (Slice slice : taking.values()) {
        slice.refresh();
      }
    }
    if (onDisk == null) {
      leaveHeap(feed);
    }
    long bytes = bytes();
    while ((bytes > maxBytes || size() > settings.maxEvents()) && oldestSealed() != null) {
      Slice oldest = oldestSealed();
      bytes -= oldest.bytes();
      dropForSpace(oldest, feed);
    }
  }

  /** Only what takes no events can go or be moved. Those of many tenants together may be most of the index: then the largest take no more. */
  private void sealLargest() throws IOException {
    Map<Slice, Long> bytes = new LinkedHashMap<>();
    for (Slice slice : taking.values()) {
      bytes.put(slice, slice.bytes());
    }
    while (bytes.size() > 1) {
      boolean tooMany = bytes.keySet().stream().mapToLong(Slice::size).sum() > mostEvents * PARTS / 2;
      if (!tooMany && bytes.values().stream().mapToLong(Long::longValue).sum() <= mostBytes * PARTS / 2) {
        return;
      }
      Slice largest = Collections.max(bytes.keySet(), tooMany ? Comparator.comparingLong(Slice::size) : Comparator.comparingLong(bytes::get));
      bytes.remove(largest);
      seal(largest);
    }
  }

  private Slice oldestSealed() {
    Slice oldest = null;
    for (Slice slice : all) {
      if (!taking.containsValue(slice) && (oldest == null || slice.lastArrival < oldest.lastArrival)) {
        oldest = slice;
      }
    }
    return oldest;
  }

  private void dropForSpace(Slice slice, Feed feed) throws IOException {
    feed.droppedForSpace(slice.size());
    drop(slice);
  }

  /** Moves the oldest slices into mapped files when those in the heap take more of it than they may; lets them go where there is no room for files. */
  private void leaveHeap(Feed feed) throws IOException {
    long inHeap = 0;
    for (Slice slice : all) {
      inHeap += slice.isInHeap() ? slice.bytes() : 0;
    }
    for (Slice slice : all) {
      if (inHeap <= settings.heapBytes()) {
        return;
      }
      if (slice.isInHeap() && !taking.containsValue(slice)) {
        long bytes = slice.bytes();
        if (maxBytes <= settings.heapBytes() || !moved(slice, bytes, feed)) {
          dropForSpace(slice, feed);
        }
        inHeap -= bytes;
      }
    }
  }

  private boolean moved(Slice slice, long bytes, Feed feed) {
    try {
      if (overflow == null) {
        overflow = Files.createTempDirectory("logstream-index");
      }
      FileStore store = Files.getFileStore(overflow);
      if (store.getUsableSpace() - bytes < store.getTotalSpace() / 10) {
        feed.context.warn("there is no room for the index in " + overflow + ", of which a tenth is left free, so it keeps no more than its share of the heap");
        return false;
      }
      slice.moveTo(Home.at(Files.createDirectory(overflow.resolve(Integer.toString(overflown++)))));
      return true;
    } catch (IOException e) {
      feed.context.warn("a part of the index cannot be put into temporary files: " + e);
      return false;
    }
  }

  /** Lets go what is too old. */
  void expire(long now) throws IOException {
    for (Slice slice : all) {
      if (now - slice.lastArrival >= keepMillis) {
        drop(slice);
      }
    }
  }

  /** When the next events will be too old; the end of time if there are none. */
  long nextExpiry() {
    long first = Long.MAX_VALUE;
    for (Slice slice : all) {
      first = Math.min(first, slice.lastArrival + keepMillis);
    }
    return first;
  }

  private void drop(Slice slice) throws IOException {
    taking.values().remove(slice);
    all.remove(slice);
    if (onDisk != null && all.isEmpty()) {
      onDisk.keepSequence(sequence);
    }
    slice.drop();
  }

  // ---------------------------------------------------------------- the disk

  boolean areOnDisk() {
    return onDisk != null;
  }

  private CommitData about() {
    CommitData about = CommitData.empty().number("next sequence", sequence).number("commits", commits++);
    barriers.writeTo(about);
    return about;
  }

  /** Everything up to here belongs to a checkpoint of a pipeline. */
  void commit(String pipeline, long checkpoint) throws IOException {
    if (broken != null) {
      throw new IOException("a part of the index was lost (" + broken
          + "), so no further checkpoint can count on it; what it lacks comes again when the pipeline is started anew");
    }
    barriers.note(pipeline, checkpoint, sequence);
    commit();
  }

  void commit() throws IOException {
    for (Slice slice : taking.values()) {
      slice.commit(about());
    }
  }

  boolean isUncommitted() {
    return taking.values().stream().anyMatch(Slice::isUncommitted);
  }

  /**
   * Goes back to what a pipeline had brought up to one of its checkpoints, as it will bring the rest again. What others have brought stays.
   *
   * @return how many events went; -1 if that checkpoint is older than what is known, and all stay
   */
  long backTo(String pipeline, long checkpoint) throws IOException {
    for (Slice slice : List.copyOf(taking.values())) {
      if (!slice.isWritable()) {
        seal(slice);
      }
    }
    broken = null;
    long first = barriers.behind(pipeline, checkpoint);
    if (first < 0) {
      barriers.note(pipeline, checkpoint, sequence);
      return -1;
    }
    long gone = 0;
    barriers.note(pipeline, checkpoint, Math.min(first, sequence));
    for (Slice slice : all) {
      gone += slice.deleteBehind(Terms.of(pipeline), first, about(), settings);
      if (slice.size() == 0 && !taking.containsValue(slice)) {
        drop(slice);
      }
    }
    barriers.note(pipeline, checkpoint, sequence);
    return gone;
  }

  // ---------------------------------------------------------------- the end

  void close() throws IOException {
    if (onDisk == null) {
      for (Slice slice : new ArrayList<>(all)) {
        drop(slice);
      }
      if (overflow != null) {
        Files.deleteIfExists(overflow);
      }
      return;
    }
    for (Slice slice : all) {
      slice.close(about());
    }
    taking.clear();
    all.clear();
    onDisk.close();
  }
}
