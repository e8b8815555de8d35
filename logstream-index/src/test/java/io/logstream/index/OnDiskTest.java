package io.logstream.index;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Position;
import io.logstream.file.FileTail;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.MMapDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnDiskTest {
  private static final Duration WEEK = Duration.ofDays(7);

  @TempDir private Path dir;
  private Path in;
  private Path log;
  private Path state;

  @BeforeEach void paths() {
    in = dir.resolve("index");
    log = dir.resolve("app.log");
    state = dir.resolve("state");
  }

  private void write(String... lines) throws IOException {
    Files.write(log, List.of(lines), StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Reads the log from where the checkpoint says, to its end. */
  private long readOn(String name, LogIndex index) {
    return readOn(LogStream.named(name).from(FileTail.of(log)).to("index", index).build().checkpointIn(state));
  }

  private static long readOn(Pipeline pipeline) {
    InlineRun run = pipeline.inline(() -> Fed.NOON);
    run.work();
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
    return run.metrics().getOrDefault("index.taken back", 0L);
  }

  private static List<String> messages(LogIndex index) {
    return index.search(LogQuery.all().limit(10_000)).hits().stream().sorted(Comparator.comparingLong(LogHit::sequence)).map(LogHit::message).toList();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path one : all.toList()) {
        Files.copy(one, to.resolve(from.relativize(one).toString()));
      }
    }
  }

  private static void delete(Path dir) throws IOException {
    try (Stream<Path> all = Files.walk(dir)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }

  // ---------------------------------------------------------------- reopening

  @Test void findsEverythingAgainAfterItWasClosed() {
    List<LogHit> before;
    Map<String, Object> odd = Map.of("n", 7, "text", "7", "list", List.of("a", 1), "ratio", 0.5, "yes", true, "long", "x".repeat(2_000), "level", "Error");
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      fed.fields(odd).message("connection refused by 10.0.0.1").message("served");
      before = index.search(LogQuery.all()).hits();
    }
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(index.size()).isEqualTo(3);
      assertThat(index.search(LogQuery.all()).hits()).usingRecursiveFieldByFieldElementComparator().isEqualTo(before);
      for (String query : List.of("n:7", "text:7", "list:a", "ratio<0.6", "yes:true", "long:xx*", "level:error", "long~/x$/")) {
        assertThat(index.search(query).hits()).as(query).hasSize(1);
      }
      assertThat(index.search("\"10.0.0.1\"").hits()).hasSize(1);
      assertThat(index.fields()).filteredOn(f -> f.name().equals("text")).extracting(LogField::types).containsExactly(java.util.Set.of("text", "numeric text"));
      try (Fed fed = new Fed(index)) {
        fed.fields(Map.of("n", 8, "new", "field")).message("served again");
        assertThat(index.search("served").hits()).extracting(LogHit::sequence).containsExactly(4L, 2L);
        assertThat(index.search("new:field").hits()).hasSize(1);
        assertThat(index.slices()).hasSize(1);
      }
    }
  }

  @Test void isSoundToAnyLucene() throws IOException {
    int words = 0;
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      for (int i = 0; i < 3_000; i++) {
        fed.event(Fed.NOON.plusMillis(i), "request " + i + " of user" + i % 7 + (i % 100 == 0 ? " again".repeat(1_000) : ""), Map.of("id", "x" + i, "status", 200 + i % 3, "list", List.of("a", "a", i)));
        words += i % 100 == 0 ? 1_004 : 4;
        if (i % 800 == 799) {
          index.refresh();
        }
      }
    }
    try (Stream<Path> slices = Files.list(in).filter(Files::isDirectory); Directory slice = FSDirectory.open(slices.findFirst().orElseThrow());
        CheckIndex check = new CheckIndex(slice); DirectoryReader reader = DirectoryReader.open(slice)) {
      CheckIndex.Status status = check.checkIndex();
      assertThat(status.clean).isTrue();
      assertThat(status.segmentInfos).hasSize(4).allSatisfy(segment -> assertThat(segment.termIndexStatus.error).isNull());
      assertThat(reader.numDocs()).isEqualTo(3_000);
      assertThat(reader.getSumTotalTermFreq(Schema.WORDS)).isEqualTo(words);
      assertThat(reader.docFreq(new Term(Schema.WORDS, "user3"))).isEqualTo(429);
    }
  }

  @Test void keepsNoFilesOfASliceButThoseOfItsLastCommit() throws IOException {
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      for (int i = 0; i < 60; i++) {
        fed.message("message " + i);
        index.refresh();
      }
      LogHits shownBefore = index.search("message");
      fed.advance(Duration.ofDays(1)).message("tomorrow");
      assertThat(index.slices()).hasSize(2);
      Path first;
      try (Stream<Path> slices = Files.list(in)) {
        first = slices.filter(Files::isDirectory).sorted().findFirst().orElseThrow();
      }
      try (MMapDirectory directory = new MMapDirectory(first)) {
        assertThat(directory.listAll()).containsExactlyInAnyOrderElementsOf(SegmentInfos.readLatestCommit(directory).files(true));
      }
      assertThat(shownBefore.hits()).extracting(LogHit::message).startsWith("message 59");
      assertThat(index.count(LogQuery.all())).isEqualTo(61);
    }
  }

  @Test void asksForThePresentOfTheLastEventAsLongAsNobodyFeedsIt() {
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      fed.message("early").advance(Duration.ofHours(2)).message("late");
    }
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(index.search("last:1h").hits()).extracting(LogHit::message).containsExactly("late");
    }
  }

  @Test void knowsWhichRecordsItHadBefore() throws Exception {
    Position last;
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      fed.message("a").message("b");
      last = index.search(LogQuery.all().limit(1)).hits().get(0).position();
    }
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(index.awaitVisible(last, Duration.ZERO)).isTrue();
      assertThat(index.awaitVisible(new Position(last.log(), last.generation(), last.offset() + 1), Duration.ofMillis(1))).isFalse();
      assertThat(index.awaitVisible(new Position("another", last.generation(), 0), Duration.ofMillis(1))).isFalse();
    }
  }

  @Test void knowsWhichRecordsItHadOfFilesThatWereRotatedAndOfAllTenants() throws Exception {
    write("a", "b");
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      readOn("p", index);
      Files.move(log, dir.resolve("app.log.1"));
      write("c");
      readOn("p", index);
    }
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      for (LogHit hit : index.search("*").hits()) {
        assertThat(index.awaitVisible(hit.position(), Duration.ofMillis(1))).as(hit.message()).isTrue();
      }
      Position second = index.search("b").hits().get(0).position();
      assertThat(index.awaitVisible(new Position(second.log(), second.generation(), second.offset() + 1), Duration.ofMillis(1))).isFalse();
    }
    Path tenants = dir.resolve("tenants");
    try (LogIndex index = LogIndex.tenant("client").in(tenants, WEEK); Fed fed = new Fed(index)) {
      fed.fields(Map.of("client", "a")).fields(Map.of("client", "b")).fields(Map.of("client", "a"));
    }
    try (LogIndex index = LogIndex.tenant("client").in(tenants, WEEK)) {
      for (LogHit hit : index.search("*").hits()) {
        assertThat(index.awaitVisible(hit.position(), Duration.ofMillis(1))).as(hit.toString()).isTrue();
      }
    }
  }

  @Test void numbersEventsOnWhenAllThatItHadHasGoneBefore() {
    for (int opened = 0; opened < 3; opened++) {
      try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
        fed.advance(Duration.ofDays(30 * opened)).message("a").message("b");
        assertThat(index.search("*").hits()).extracting(LogHit::sequence).containsExactly(2L * opened + 1, 2L * opened);
        fed.advance(Duration.ofDays(10));
        assertThat(index.slices()).isEmpty();
      }
    }
  }

  @Test void isOpenOnceOnly() {
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThatThrownBy(() -> LogIndex.in(in, WEEK)).isInstanceOf(IllegalStateException.class).hasMessageContaining(in.toString()).hasMessageContaining("in use");
    }
    LogIndex.in(in, WEEK).close();
  }

  @Test void saysWhichSliceCannotBeRead() throws IOException {
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      fed.message("a");
    }
    Path slice = in.resolve("2026-11-20");
    try (Stream<Path> files = Files.list(slice)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("segments_")).toList()) {
        Files.write(file, new byte[100]);
      }
    }
    assertThatThrownBy(() -> LogIndex.in(in, WEEK)).isInstanceOf(UncheckedIOException.class).hasMessageContaining(slice.toString()).hasMessageContaining("move it away");
    delete(slice);
    LogIndex.in(in, WEEK).close();
  }

  @Test void leavesDirectoriesAloneThatAreNotItsOwnAndFinishesDroppingThoseThatAre() throws IOException {
    Files.createDirectories(in.resolve("2026-11-19"));
    Files.write(in.resolve("2026-11-19/_0.cfs"), new byte[10]);
    Files.createDirectories(in.resolve("mine"));
    Files.write(in.resolve("mine/letter"), new byte[10]);
    Files.createDirectories(in.resolve("2026-11-18"));
    Files.write(in.resolve("2026-11-18/letter"), new byte[10]);
    LogIndex.in(in, WEEK).close();
    assertThat(in.resolve("2026-11-19")).doesNotExist();
    assertThat(in.resolve("mine/letter")).exists();
    assertThat(in.resolve("2026-11-18/letter")).exists();
  }

  @Test void beginsANewSliceWhenFieldsAreDeclaredOtherwise() {
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      fed.fields(Map.of("zip", "007", "id", 5));
    }
    try (LogIndex index = LogIndex.keyword("zip").ranged("id").in(in, WEEK); Fed fed = new Fed(index)) {
      fed.fields(Map.of("zip", "007", "id", 5));
      assertThat(index.slices()).extracting(LogSlice::name).containsExactly("2026-11-20", "2026-11-20.002");
      assertThat(index.count(LogQuery.parse("id>=5 id<6"))).isEqualTo(2);
      assertThat(index.count(LogQuery.parse("zip:7"))).as("read as a number in the first, as it is written in the second").isEqualTo(1);
      assertThat(index.count(LogQuery.parse("zip:007"))).isEqualTo(2);
    }
    try (LogIndex index = LogIndex.keyword("zip").ranged("id").in(in, WEEK); Fed fed = new Fed(index)) {
      fed.fields(Map.of("zip", "007", "id", 5));
      assertThat(index.slices()).hasSize(2);
      assertThat(index.count(LogQuery.parse("id:5"))).isEqualTo(3);
    }
  }

  @Test void refusesSettingsThatMakeNoSense() {
    assertThatIllegalArgumentException().isThrownBy(() -> LogIndex.in(in, Duration.ZERO)).withMessageContaining("PT0S");
    assertThatIllegalArgumentException().isThrownBy(() -> LogIndex.slicedBy(ChronoUnit.WEEKS)).withMessageContaining("Weeks");
    assertThatIllegalArgumentException().isThrownBy(() -> LogIndex.heap(1)).withMessageContaining("was 1");
    assertThatIllegalArgumentException().isThrownBy(() -> LogIndex.number("client").tenant("client")).withMessageContaining("field 'client'");
  }

  @Test void refusesAFileInPlaceOfItsDirectory() throws IOException {
    Path file = Files.writeString(dir.resolve("file"), "of somebody");
    assertThatThrownBy(() -> LogIndex.in(file, WEEK)).isInstanceOf(UncheckedIOException.class).hasMessageContaining("wants a directory");
    assertThat(file).hasContent("of somebody");
  }

  // ---------------------------------------------------------------- slices

  @Test void hasASliceForEachDayOfAWeekAndForEachMonthOfAYear() {
    for (Duration keep : List.of(WEEK, Duration.ofDays(365))) {
      Path own = in.resolve(keep.toString());
      int most = keep.equals(WEEK) ? 8 : 13;
      int seen = 0;
      int days = keep.equals(WEEK) ? 24 : 400;
      try (LogIndex index = LogIndex.in(own, keep); Fed fed = new Fed(index)) {
        for (int day = 0; day < days; day++) {
          fed.message("day " + day);
          seen = Math.max(seen, index.slices().size());
          assertThat(index.slices().size()).isLessThanOrEqualTo(most);
          fed.advance(Duration.ofDays(1));
        }
        assertThat(seen).isBetween(most - 1, most);
        assertThat(index.slices()).extracting(LogSlice::name).isSorted().allMatch(name -> name.matches(keep.equals(WEEK) ? "2026-12-\\d\\d" : "202[67]-\\d\\d"));
        assertThat(messages(index)).contains("day " + (days - 1)).doesNotContain("day 0");
        assertThat(own.toFile().list()).hasSize(index.slices().size() + 1);
      }
    }
  }

  @Test void slicesMemoryByTheSameCalendar() {
    for (Duration keep : List.of(WEEK, Duration.ofDays(365))) {
      try (LogIndex index = LogIndex.inMemory(keep); Fed fed = new Fed(index)) {
        for (int half = 0; half < 800; half++) {
          fed.message("half a day").advance(Duration.ofHours(12));
          assertThat(index.slices().size()).isLessThanOrEqualTo(keep.equals(WEEK) ? 8 : 13);
        }
        assertThat(index.slices()).extracting(LogSlice::name).isSorted().hasSizeBetween(keep.equals(WEEK) ? 7 : 12, 13);
      }
    }
    try (LogIndex index = LogIndex.inMemory(WEEK); Fed fed = new Fed(index)) {
      fed.message("a").advance(Duration.ofDays(1)).message("b");
      assertThat(index.slices()).extracting(LogSlice::name).containsExactly("2026-11-20", "2026-11-21");
    }
    try (LogIndex index = LogIndex.slicedBy(ChronoUnit.HOURS).inMemory(WEEK); Fed fed = new Fed(index)) {
      fed.message("a").advance(Duration.ofHours(1)).message("b");
      assertThat(index.slices()).extracting(LogSlice::name).containsExactly("2026-11-20T12", "2026-11-20T13");
    }
  }

  @Test void letsGoOfOldSlicesAfterARestartToo() {
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      fed.message("a");
    }
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      assertThat(index.size()).isEqualTo(1);
      fed.advance(Duration.ofDays(6)).message("b").advance(Duration.ofDays(1));
      assertThat(messages(index)).containsExactly("b");
      fed.advance(Duration.ofDays(7));
      assertThat(index.slices()).isEmpty();
      assertThat(in.toFile().list()).containsExactly("lock");
    }
  }

  @Test void keepsTenantsApart() {
    String odd = "../Ünal & Co";
    try (LogIndex index = LogIndex.tenant("client").in(in, WEEK); Fed fed = new Fed(index)) {
      for (int i = 0; i < 30; i++) {
        fed.fields(i % 3 == 0 ? Map.of("client", "acme", "n", i) : i % 3 == 1 ? Map.of("client", odd, "n", i) : Map.of("n", i));
      }
      fed.advance(Duration.ofDays(1)).fields(Map.of("client", "acme", "n", 30));
      assertThat(index.slices()).extracting(LogSlice::name).containsExactly("acme-2026-11-20", "%2E.%2F%C3%9Cnal%20%26%20Co-2026-11-20", "2026-11-20", "acme-2026-11-21");
    }
    try (LogIndex index = LogIndex.tenant("client").in(in, WEEK); Fed fed = new Fed(index)) {
      LogHits hits = index.search(LogQuery.of(field("client").is(odd)));
      assertThat(hits.hits()).hasSize(10).allMatch(hit -> hit.text("client").equals(odd));
      assertThat(hits.slices()).as("its own, and that of events without a client, among which may be lists").isEqualTo(2);
      assertThat(index.search("client:acme n:30").slices()).isEqualTo(3);
      assertThat(index.search(LogQuery.parse("n>=0").limit(100)).hits()).extracting(LogHit::sequence).isSortedAccordingTo(Comparator.reverseOrder()).hasSize(31);
      assertThat(index.count(LogQuery.parse("NOT client:acme"))).isEqualTo(20);
      assertThat(index.count(LogQuery.parse("client:acme OR n:1"))).isEqualTo(12);
      List<Long> followed = new ArrayList<>();
      try (LogTail tail = index.tail("n<31", 5, hit -> {
        synchronized (followed) {
          followed.add(hit.sequence());
          followed.notifyAll();
        }
      })) {
        await(followed, 26);
        fed.fields(Map.of("client", "acme", "n", 3));
        await(followed, 27);
      }
      assertThat(followed).isEqualTo(Stream.iterate(5L, n -> n + 1).limit(27).toList());
      LogHit middle = index.search("n:15").hits().get(0);
      assertThat(index.around(middle, 3, 2)).extracting(LogHit::sequence).containsExactly(12L, 13L, 14L, 15L, 16L, 17L);
    }
  }

  private static void await(List<Long> followed, int size) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    synchronized (followed) {
      while (followed.size() < size && System.nanoTime() < deadline) {
        try {
          followed.wait(100);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
    assertThat(followed).hasSize(size);
  }

  @Test void hasRoomForAnyNumberOfTenants() {
    try (LogIndex index = LogIndex.tenant("client").in(in, WEEK); Fed fed = new Fed(index)) {
      for (int i = 0; i < 300; i++) {
        fed.fields(Map.of("client", "c" + i % 100, "n", i));
      }
      assertThat(index.slices()).hasSize(65);
      for (int i = 0; i < 100; i++) {
        assertThat(index.search("client:c" + i).hits()).hasSize(3);
      }
    }
  }

  // ---------------------------------------------------------------- checkpoints

  @Test void goesBackToTheCheckpointThatItsPipelineGoesOnFrom() throws IOException {
    write("a", "b");
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(readOn("p", index)).isZero();
    }
    copy(state, dir.resolve("first"));
    write("c", "d");
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(readOn("p", index)).isZero();
      assertThat(messages(index)).containsExactly("a", "b", "c", "d");
    }
    delete(state);
    copy(dir.resolve("first"), state);
    write("e");
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(readOn("p", index)).as("taken back").isEqualTo(2);
      assertThat(messages(index)).containsExactly("a", "b", "c", "d", "e");
      assertThat(index.size()).isEqualTo(5);
      assertThat(index.fields()).filteredOn(f -> f.name().equals("message")).extracting(LogField::count).containsExactly(5L);
    }
  }

  @Test void takesBackWhatCameBeforeTheFirstCheckpointWasWritten() throws IOException {
    write("a", "b");
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      readOn("p", index);
    }
    delete(state);
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(readOn("p", index)).isEqualTo(2);
      assertThat(messages(index)).containsExactly("a", "b");
      assertThat(index.slices()).hasSize(1);
    }
  }

  @Test void takesBackWhatAPipelineOfALongNameHasBrought() throws IOException {
    String longName = "p".repeat(40_000);
    write("a", "b");
    for (int taken = 0; taken < 2; taken++) {
      try (LogIndex index = LogIndex.in(in, WEEK)) {
        assertThat(readOn(longName, index)).isEqualTo(2 * taken);
        assertThat(messages(index)).containsExactly("a", "b");
      }
      delete(state);
    }
  }

  @Test void leavesWhatOthersHaveBrought() throws IOException {
    write("a", "b");
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      readOn("p", index);
      copy(state, dir.resolve("first"));
      write("c");
      readOn("p", index);
      try (Fed fed = new Fed(index)) {
        fed.message("fed");
      }
      assertThat(readOn(LogStream.named("q").from(FileTail.of(log)).to("index", index).build().checkpointIn(dir.resolve("other")))).isZero();
    }
    delete(state);
    copy(dir.resolve("first"), state);
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(readOn("p", index)).isEqualTo(1);
      assertThat(messages(index)).containsExactly("a", "b", "fed", "a", "b", "c", "c");
    }
  }

  @Test void keepsAllItHasWhenACheckpointIsOlderThanWhatItKnows() throws IOException {
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      for (int i = 0; i < 12; i++) {
        write("line " + i);
        readOn("p", index);
      }
    }
    delete(state);
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(readOn("p", index)).isZero();
      assertThat(index.size()).isEqualTo(24);
      write("more");
      readOn("p", index);
      assertThat(index.size()).isEqualTo(25);
    }
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(readOn("p", index)).isZero();
      assertThat(index.size()).isEqualTo(25);
    }
  }

  @Test void isOnTheDiskAtABarrierAndNotBefore() throws IOException {
    write("a", "b");
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      InlineRun run = LogStream.named("p").from(FileTail.of(log)).to("index", index).build().checkpointIn(state).inline(() -> Fed.NOON);
      run.work();
      index.refresh();
      copy(in, dir.resolve("before"));
      run.close();
      copy(in, dir.resolve("behind"));
    }
    try (LogIndex index = LogIndex.in(dir.resolve("before"), WEEK)) {
      assertThat(index.size()).isZero();
    }
    try (LogIndex index = LogIndex.in(dir.resolve("behind"), WEEK)) {
      assertThat(messages(index)).containsExactly("a", "b");
    }
  }

  @Test void isOnTheDiskSoonWhereThereAreNoCheckpoints() throws IOException {
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      fed.message("a").advance(Duration.ofSeconds(6)).message("b");
      copy(in, dir.resolve("copy"));
    }
    try (LogIndex index = LogIndex.in(dir.resolve("copy"), WEEK)) {
      assertThat(messages(index)).containsExactly("a");
    }
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      assertThat(messages(index)).containsExactly("a", "b");
    }
  }

  @Test void survivesSearchersThatAreInterrupted() throws Exception {
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      List<Throwable> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
      boolean[] over = {false};
      Thread searcher = new Thread(() -> {
        while (!over[0]) {
          try {
            index.latest().search(LogQuery.all());
          } catch (IllegalStateException | UncheckedIOException e) {
            // an interrupted search may fail
          } catch (Throwable e) {
            wrong.add(e);
          }
          Thread.interrupted();
        }
      });
      searcher.start();
      for (int i = 0; i < 2_000; i++) {
        fed.event(Fed.NOON, "event", Map.of("n", i));
        searcher.interrupt();
      }
      over[0] = true;
      searcher.join();
      assertThat(wrong).isEmpty();
      assertThat(fed.counter("lost")).isZero();
      assertThat(index.count(LogQuery.all())).isEqualTo(2_000);
    }
  }

  @Test void agesByTheClockOfItsPipeline() {
    Instant later = Fed.NOON.plus(Duration.ofDays(1));
    try (LogIndex index = LogIndex.in(in, Duration.ofHours(8)); Fed fed = new Fed(index)) {
      fed.event(later, "of tomorrow", Map.of()).advance(Duration.ofHours(9));
      assertThat(index.size()).isZero();
    }
  }
}
