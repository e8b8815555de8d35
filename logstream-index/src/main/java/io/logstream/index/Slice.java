package io.logstream.index;

import io.logstream.LogEvent;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogByteSizeMergePolicy;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.VectorUtil;

/**
 * The events that came in within a stretch of time: a Lucene index of its own, which is let go as a whole. Documents stand in the order in
 * which events came.
 *
 * <p>Adding, tidying, sealing and letting go is for one thread at a time, which the index sees to; taking a view is for all. The view is
 * replaced under the slice's own lock, because the writer must not be closed while a reader is opened from it.
 */
final class Slice {
  private static final double MERGED_MEGABYTES = 16;
  private static final FieldType WORDS = new FieldType();

  static {
    WORDS.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
    WORDS.setOmitNorms(true);
    WORDS.freeze();
    loadLuceneQuietly();
  }

  /** Lucene's choice of vector code logs a line on newer JDKs. There are no vectors here. */
  private static void loadLuceneQuietly() {
    Logger talkative = Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider");
    Level before = talkative.getLevel();
    talkative.setLevel(Level.OFF);
    try {
      VectorUtil.dotProduct(new float[] {1}, new float[] {1});
    } finally {
      talkative.setLevel(before);
    }
  }

  final long begun;
  long lastArrival;
  private final Schema schema;
  private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
  private final IndexWriter writer;
  private volatile long added;
  private volatile View view;
  private volatile long viewedAt = System.nanoTime();
  private volatile long inView;
  private boolean open = true;
  private long sealedBytes = -1;
  private volatile boolean untidy;

  // one event's document, made again and again of the same parts
  private final List<Field> document = new ArrayList<>();
  private final Words words = new Words();
  private final StoredEvent form = new StoredEvent();
  private final LongPoint timePoint = new LongPoint(Schema.TIME, 0);
  private final NumericDocValuesField timeValue = new NumericDocValuesField(Schema.TIME, 0);
  private final NumericDocValuesField sequence = new NumericDocValuesField(Schema.SEQUENCE, 0);
  private final StoredField stored = new StoredField(Schema.EVENT, new byte[0]);
  private final Field message = new Field(Schema.WORDS, words, WORDS);
  private final Schema.TermField log = new Schema.TermField(Schema.LOG);
  private String logKey;
  private BytesRef logTerm;

  Slice(IndexSettings settings, long now) throws IOException {
    begun = now;
    lastArrival = now;
    schema = new Schema(settings);
    LogByteSizeMergePolicy adjacent = new LogByteSizeMergePolicy();
    adjacent.setMaxMergeMB(MERGED_MEGABYTES);
    adjacent.setNoCFSRatio(0);
    writer = new IndexWriter(directory, new IndexWriterConfig(null)
        .setMergePolicy(adjacent)
        .setMergeScheduler(new TidyingMerges())
        .setMaxFullFlushMergeWaitMillis(0)
        .setUseCompoundFile(false)
        .setRAMBufferSizeMB(Math.min(16, settings.maxBytes() / 16.0 / (1 << 20))));
    view = new View(schema, DirectoryReader.open(writer), null);
  }

  // ---------------------------------------------------------------- writing

  /** Adds an event and returns how many bytes are kept of it, before they are packed. */
  int add(LogEvent event, long number, long now, Feed feed) throws IOException {
    Map<String, Object> fields = event.fields();
    String file = event.text("file");
    String host = event.text("host");
    document.clear();
    form.begin(event, number, file, host, fields.size());
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      Schema.Known known = schema.known(field.getKey());
      form.field(event, field.getKey(), known, field.getValue());
      index(known, field.getValue(), feed);
    }
    if (file != null && !fields.containsKey("file")) {
      index(schema.known("file"), file, feed);
    }
    if (host != null && !fields.containsKey("host")) {
      index(schema.known("host"), host, feed);
    }
    timePoint.setLongValue(event.epochMillis());
    timeValue.setLongValue(event.epochMillis());
    sequence.setLongValue(number);
    BytesRef kept = form.written();
    stored.setBytesValue(kept);
    if (!form.log().equals(logKey)) {
      logKey = form.log();
      logTerm = Terms.of(logKey);
    }
    document.add(log.of(logTerm));
    document.add(timePoint);
    document.add(timeValue);
    document.add(sequence);
    document.add(stored);
    if (event.to() > event.from()) {
      if (event.to() - event.from() > io.logstream.match.Words.LONGEST_TEXT) {
        feed.cut();
        schema.known(Schema.MESSAGE).cut();
      }
      words.over(event.bytes(), event.from(), event.to());
      document.add(message);
      index(schema.known(Schema.MESSAGE), null, feed);
    }
    lastArrival = now;
    writer.addDocument(document);
    added++;
    return kept.length;
  }

  private void index(Schema.Known known, Object value, Feed feed) {
    if (known == null) {
      feed.unsearchableField();
    } else if (!known.addTo(document, value)) {
      feed.cut();
    }
  }

  /** The event added last, as a hit. */
  LogHit last() {
    BytesRef last = form.written();
    return StoredEvent.read(Arrays.copyOf(last.bytes, last.length), schema);
  }

  /** Where the event added last stands in its source. */
  StoredEvent form() {
    return form;
  }

  /** Whether it still takes events; no longer after an error that Lucene calls tragic. */
  boolean isWritable() {
    return writer.isOpen();
  }

  /** Joins small segments that searches have left behind. */
  void tidy() throws IOException {
    if (untidy) {
      untidy = false;
      writer.maybeMerge();
    }
  }

  /**
   * Takes no more events from here on.
   *
   * @return how many events are lost, because the writer had broken before they were visible
   */
  long seal() throws IOException {
    boolean whole = writer.isOpen();
    synchronized (this) {
      if (whole) {
        refresh();
      }
      open = false;
    }
    if (whole) {
      writer.close();
      replace(new View(schema, DirectoryReader.open(directory), view));
    }
    sealedBytes = measured();
    long lost = added - inView;
    added = inView;
    return lost;
  }

  /** Lets everything go as soon as the searches under way have ended. */
  void drop() throws IOException {
    synchronized (this) {
      open = false;
      if (view != null) {
        view.leave();
        view = null;
      }
    }
    writer.rollback();
    directory.close();
  }

  /** Events in it, those included that no view has yet. */
  long size() {
    return added;
  }

  /** What it takes of memory, about. */
  long bytes() throws IOException {
    return sealedBytes >= 0 ? sealedBytes : measured();
  }

  private long measured() throws IOException {
    long bytes = writer.isOpen() ? writer.ramBytesUsed() : 0;
    for (String file : directory.listAll()) {
      try {
        bytes += directory.fileLength(file);
      } catch (NoSuchFileException e) {
        // temporary, and gone since it was listed: searches make files as well
      }
    }
    return bytes;
  }

  // ---------------------------------------------------------------- views

  /** The newest view, entered; null if the slice was let go. */
  View enter() {
    for (View newest = view; newest != null; newest = view) {
      if (newest.enter()) {
        return newest;
      }
    }
    return null;
  }

  /** Makes what was added visible, unless the view is younger than this. */
  void refreshIfOlder(long nanos) throws IOException {
    if (inView != added && System.nanoTime() - viewedAt >= nanos) {
      refresh();
    }
  }

  /** Makes visible what was added up to now. */
  synchronized void refresh() throws IOException {
    if (!open || inView == added) {
      return;
    }
    long sure = added;
    DirectoryReader newer = DirectoryReader.openIfChanged(view.reader, writer);
    if (newer != null) {
      replace(new View(schema, newer, view));
      untidy = true;
    }
    inView = sure;
    viewedAt = System.nanoTime();
  }

  private synchronized void replace(View newer) {
    View older = view;
    view = newer;
    older.leave();
  }
}
