package io.logstream.index;

import io.logstream.LogEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogByteSizeMergePolicy;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.VectorUtil;

/**
 * The events that came in within a stretch of time: a Lucene index of its own, which is let go as a whole. Documents stand in the order in
 * which events came.
 *
 * <p>Opening, adding, tidying, sealing, moving and letting go is for one thread at a time, which the index sees to; taking a view is for all. The view
 * is replaced under the slice's own lock, because the writer must not be closed while a reader is opened from it.
 */
final class Slice implements LogEvent.FieldTaker {
  // what a merge makes at most, so that it stays short; in the heap, what a segment has that is written because the buffer is full, so that only smaller
  // ones are merged; on the disk there may be many more events in a slice
  private static final double MERGED_MEGABYTES = 5;
  private static final double MERGED_MEGABYTES_ON_DISK = 16;

  static {
    loadLuceneQuietly();
  }

  /** Lucene's choices of code for vectors and for mapped files log a line on newer JDKs. */
  private static void loadLuceneQuietly() {
    List<Logger> talkative = List.of(Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider"),
        Logger.getLogger("org.apache.lucene.store.MemorySegmentIndexInputProvider"), Logger.getLogger("org.apache.lucene.store.MMapDirectory"));
    List<Level> before = new ArrayList<>();
    for (Logger one : talkative) {
      before.add(one.getLevel());
      one.setLevel(Level.OFF);
    }
    try {
      VectorUtil.dotProduct(new float[] {1}, new float[] {1});
      Objects.requireNonNull((Object) MMapDirectory.UNMAP_SUPPORTED);
    } finally {
      for (int i = 0; i < talkative.size(); i++) {
        talkative.get(i).setLevel(before.get(i));
      }
    }
  }

  /** Its name, by which slices of one tenant are in order. */
  final String name;
  /** Whose events it takes. */
  final Tenant tenant;
  /** When it takes no more. */
  final long until;
  long lastArrival;
  private final Schema schema;
  private final SegmentTables tables;
  private volatile Home home;
  /** Null while it takes no events. */
  private volatile IndexWriter writer;
  private volatile long added;
  private volatile View view;
  private volatile long viewedAt = System.nanoTime();
  private volatile long inView;
  private TidyingMerges merges;
  private boolean open;
  private long sealedBytes = -1;
  private String trouble = "";
  private volatile boolean untidy;

  // one event's document, made again and again of the same parts
  private final EventDocument document = new EventDocument();
  private final StoredEvent form = new StoredEvent();
  private final NumericDocValuesField timeValue = new NumericDocValuesField(Schema.TIME, 0);
  private final NumericDocValuesField sequence = new NumericDocValuesField(Schema.SEQUENCE, 0);
  private final StoredField stored = new StoredField(Schema.EVENT, new byte[0]);
  private final NameSet names = new NameSet();
  private String logKey;
  private BytesRef logTerm;
  private LogEvent taken;
  private Feed taking;
  private boolean fileGiven;
  private boolean hostGiven;

  private Slice(String name, Tenant tenant, long until, long lastArrival, Schema schema, Home home, SegmentTables tables) {
    this.name = name;
    this.tenant = tenant;
    this.until = until;
    this.lastArrival = lastArrival;
    this.schema = schema;
    this.home = home;
    this.tables = tables;
  }

  /** A new one, which takes events. */
  static Slice begun(String name, Tenant tenant, long until, long now, IndexSettings settings, Home home, SegmentTables tables) throws IOException {
    Slice slice = new Slice(name, tenant, until, now, new Schema(settings.declared(), settings.maxFields()), home, tables);
    slice.take(settings);
    return slice;
  }

  /** One that an earlier process has written, as of its last commit. It takes no events until {@link #take}. */
  static Slice reopened(Home home, SegmentTables tables) throws IOException {
    DirectoryReader reader = DirectoryReader.open(home.directory());
    try {
      CommitData data = CommitData.of(reader.getIndexCommit().getUserData());
      Slice slice = new Slice(home.path().getFileName().toString(), Tenant.of(data), data.number("until"), data.number("last arrival"), Schema.of(data), home, tables);
      slice.view = new View(slice.schema, slice.tenant, reader, null);
      slice.added = reader.numDocs();
      slice.inView = slice.added;
      slice.sealedBytes = home.bytes();
      return slice;
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** What its last commit says about it. */
  CommitData about() throws IOException {
    return CommitData.of(view.reader.getIndexCommit().getUserData());
  }

  /** The number of the oldest event in it; of none, the greatest there is. */
  long firstSequence() {
    return view.firstSequence();
  }

  boolean isAsDeclared(Declared declared) {
    return schema.declared().equals(declared);
  }

  /** Takes events from here on. */
  void take(IndexSettings settings) throws IOException {
    LogByteSizeMergePolicy adjacent = new LogByteSizeMergePolicy();
    adjacent.setMaxMergeMB(home.isInHeap() ? MERGED_MEGABYTES : MERGED_MEGABYTES_ON_DISK);
    adjacent.setNoCFSRatio(0);
    merges = new TidyingMerges();
    writer = new IndexWriter(home.directory(), new IndexWriterConfig(null)
        .setMergePolicy(adjacent)
        .setMergeScheduler(merges)
        .setMaxFullFlushMergeWaitMillis(0)
        .setUseCompoundFile(!home.isInHeap())
        .setCodec(new SegmentCodec(document, tables))
        .setRAMBufferSizeMB(settings.mostUnwritten(home.isInHeap()) / (double) (1 << 20)));
    replace(new View(schema, tenant, DirectoryReader.open(writer), view));
    added = view.reader.numDocs();
    inView = added;
    open = true;
    sealedBytes = -1;
  }

  // ---------------------------------------------------------------- writing

  /** Adds an event and returns how many bytes are kept of it, before they are packed. */
  int add(LogEvent event, long number, long now, Feed feed) throws IOException {
    if (!isWritable()) {
      throw new AlreadyClosedException("slice " + name + " takes no events");
    }
    document.clear();
    names.clear();
    taking = feed;
    taken = event;
    fileGiven = false;
    hostGiven = false;
    String file = event.text("file");
    String host = event.text("host");
    form.begin(event, file, host);
    event.giveFields(this);
    form.end();
    if (file != null && !fileGiven) {
      index("file", file);
    }
    if (host != null && !hostGiven) {
      index("host", host);
    }
    timeValue.setLongValue(event.epochMillis());
    sequence.setLongValue(number);
    BytesRef kept = form.written();
    stored.setBytesValue(kept);
    if (!form.log().equals(logKey)) {
      logKey = form.log();
      logTerm = Terms.of(logKey);
    }
    document.terms.add(Schema.LOG, logTerm);
    if (feed.label != null) {
      document.terms.add(Schema.FEEDER, feed.label);
    }
    document.fields.add(timeValue);
    document.fields.add(sequence);
    document.fields.add(stored);
    if (event.to() > event.from()) {
      Schema.Known known = known(Schema.MESSAGE);
      if (event.to() - event.from() > io.logstream.match.Words.LONGEST_TEXT) {
        feed.cut();
        known.cut();
      }
      document.message(event.bytes(), event.from(), event.to());
    }
    if (!names.isEmpty()) {
      names.into(document.terms);
    }
    document.endTerms();
    lastArrival = now;
    writer.addDocument(document.fields);
    added++;
    return kept.length;
  }

  /** A name that the event under way has; null if it is not searchable. */
  private Schema.Known known(String field) {
    Schema.Known known = schema.known(field);
    if (known == null) {
      taking.unsearchableField();
    } else {
      names.add(known.number);
      fileGiven |= known.number == Schema.FILE;
      hostGiven |= known.number == Schema.HOST;
    }
    return known;
  }

  private void index(String field, Object value) {
    Schema.Known known = known(field);
    if (known != null && !known.addTo(document, value)) {
      taking.cut();
    }
  }

  @Override
  public void text(String field, int from, int to) {
    Schema.Known known = known(field);
    form.text(field, known, from, to);
    if (known != null && !known.addTo(document, taken.bytes(), from, to)) {
      taking.cut();
    }
  }

  @Override
  public void whole(String field, long value) {
    Schema.Known known = known(field);
    form.whole(field, known, value);
    if (known != null) {
      known.addTo(document, value);
    }
  }

  @Override
  public void decimal(String field, double value) {
    Schema.Known known = known(field);
    form.decimal(field, known, value);
    if (known != null) {
      known.addTo(document, value);
    }
  }

  @Override
  public void other(String field, Object value) {
    Schema.Known known = known(field);
    form.other(field, known, value);
    if (known != null && !known.addTo(document, value)) {
      taking.cut();
    }
  }

  /** The event added last, as a hit. */
  LogHit last() {
    BytesRef last = form.written();
    return StoredEvent.hit(sequence.numericValue().longValue(), timeValue.numericValue().longValue(), Arrays.copyOf(last.bytes, last.length), schema);
  }

  /** Where the event added last stands in its source. */
  StoredEvent form() {
    return form;
  }

  /** Whether it takes events; no longer when it is sealed, or after an error that Lucene calls tragic. */
  boolean isWritable() {
    IndexWriter its = writer;
    return its != null && its.isOpen();
  }

  /** What has made it unwritable. */
  String trouble() {
    return trouble;
  }

  /** Joins small segments that searches have left behind. */
  void tidy() throws IOException {
    if (untidy && isWritable()) {
      untidy = false;
      merges.tidy();
    }
  }

  /** Puts what was added on the disk, so that it is there after a crash, with what there is to be known about it. */
  void commit(CommitData about) throws IOException {
    if (isWritable() && writer.hasUncommittedChanges()) {
      describe(about);
      writer.commit();
    }
  }

  /** Whether some of what was added is not on the disk for good. */
  boolean isUncommitted() {
    return isWritable() && writer.hasUncommittedChanges();
  }

  private void describe(CommitData about) {
    tenant.writeTo(about);
    schema.writeTo(about);
    about.number("until", until).number("last arrival", lastArrival);
    writer.setLiveCommitData(about.values().entrySet());
  }

  /** Deletes the events that this pipeline has brought from a sequence number on, and tells how many these were. */
  long deleteBehind(BytesRef label, long firstSequence, CommitData about, IndexSettings settings) throws IOException {
    refresh();
    Query behind = new BooleanQuery.Builder()
        .add(new TermQuery(Schema.ofFeeder(label)), BooleanClause.Occur.FILTER)
        .add(NumericDocValuesField.newSlowRangeQuery(Schema.SEQUENCE, firstSequence, Long.MAX_VALUE), BooleanClause.Occur.FILTER).build();
    int doomed = view.searcher.count(behind);
    if (doomed > 0) {
      boolean sealed = writer == null;
      if (sealed) {
        take(settings);
      }
      writer.deleteDocuments(behind);
      writer.forceMergeDeletes();
      inView = -1;
      refresh();
      added = view.reader.numDocs();
      inView = added;
      if (sealed) {
        seal(about);
      } else {
        commit(about);
      }
    }
    return doomed;
  }

  /**
   * Takes no more events from here on. After an error that Lucene calls tragic, a slice on disk is as it was when it was last put there.
   *
   * @param about what there is to be known about it; null in the heap
   * @return how many events are lost, because the writer had broken before they were visible, or on the disk
   */
  long seal(CommitData about) throws IOException {
    boolean whole = isWritable();
    trouble = whole ? "" : String.valueOf(writer.getTragicException());
    synchronized (this) {
      if (whole) {
        refresh();
      }
      open = false;
    }
    if (whole) {
      if (about != null && writer.hasUncommittedChanges()) {
        describe(about);
      }
      writer.close();
      replace(new View(schema, tenant, DirectoryReader.open(home.directory()), view));
      home.deleteUnused();
    }
    if (!whole && !home.isInHeap()) {
      goBackToCommit();
    }
    writer = null;
    sealedBytes = home.bytes();
    long lost = added - inView;
    added = inView;
    return lost;
  }

  /** Shows what is on the disk for good. If that cannot be read, what is visible stays so until the index is closed. */
  private void goBackToCommit() {
    try {
      DirectoryReader committed = DirectoryReader.open(home.directory());
      replace(new View(schema, tenant, committed, view));
      inView = committed.numDocs();
    } catch (IOException e) {
      trouble += "; and " + e;
    }
  }

  boolean isInHeap() {
    return home.isInHeap();
  }

  /** Moves it out of the heap. Only when it is sealed. */
  void moveTo(Home elsewhere) throws IOException {
    try {
      for (String file : home.directory().listAll()) {
        elsewhere.directory().copyFrom(home.directory(), file, file, IOContext.READONCE);
      }
      replace(new View(schema, tenant, DirectoryReader.open(elsewhere.directory()), null));
    } catch (IOException | RuntimeException e) {
      elsewhere.delete();
      throw e;
    }
    home.delete();
    home = elsewhere;
    elsewhere.hide();
  }

  /** Lets everything go as soon as the searches under way have ended. */
  void drop() throws IOException {
    leave();
    if (writer != null) {
      writer.rollback();
    }
    home.delete();
  }

  /** Leaves what is on the disk there, what was added last included. */
  void close(CommitData about) throws IOException {
    if (isWritable()) {
      synchronized (this) {
        open = false;
      }
      describe(about);
      writer.close();
    }
    leave();
    home.directory().close();
  }

  private synchronized void leave() {
    open = false;
    if (view != null) {
      view.leave();
      view = null;
    }
  }

  /** Events in it, those included that no view has yet. */
  long size() {
    return added;
  }

  /** What it takes of memory or of the disk, about. */
  long bytes() throws IOException {
    IndexWriter its = writer;
    return sealedBytes >= 0 ? sealedBytes : home.bytes() + (its != null && its.isOpen() ? its.ramBytesUsed() : 0);
  }

  /** What it takes of the heap besides: events not written out yet. For the thread that adds. */
  long buffered() {
    return isWritable() ? writer.ramBytesUsed() : 0;
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
    DirectoryReader newer;
    try {
      newer = DirectoryReader.openIfChanged(view.reader, writer);
    } catch (AlreadyClosedException e) {
      throw new IOException("slice " + name + " takes no more: " + writer.getTragicException(), e);
    }
    if (newer != null) {
      replace(new View(schema, tenant, newer, view));
      untidy = true;
    }
    inView = sure;
    viewedAt = System.nanoTime();
  }

  private synchronized void replace(View newer) {
    View older = view;
    view = newer;
    if (older != null) {
      older.leave();
    }
  }
}
