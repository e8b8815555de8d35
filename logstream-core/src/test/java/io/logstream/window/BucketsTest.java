package io.logstream.window;

import static org.assertj.core.api.Assertions.assertThat;

import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import com.datadoghq.sketch.ddsketch.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BucketsTest {
  private final Random random = new Random(7);

  @Test
  void countsAsTheLibrarysStoreDoes() {
    for (int run = 0; run < 400; run++) {
      Buckets ours = new Buckets();
      Store theirs = new CollapsingLowestDenseStore(2048);
      fill(run, ours, theirs);
      assertThat(contents(ours)).as("run %d", run).isEqualTo(contents(theirs));
      assertThat(ours.total()).isEqualTo((long) theirs.getTotalCount());
    }
  }

  @Test
  void mergesAsTheLibrarysStoreDoes() {
    for (int run = 0; run < 400; run++) {
      Buckets ours = new Buckets();
      Buckets more = new Buckets();
      Store theirs = new CollapsingLowestDenseStore(2048);
      Store others = new CollapsingLowestDenseStore(2048);
      fill(run, ours, theirs);
      fill(run + 1, more, others);
      ours.add(more);
      theirs.mergeWith(others);
      assertThat(contents(ours)).as("run %d", run).isEqualTo(contents(theirs));
    }
  }

  @Test
  void keepsTheHighestBucketsAndCountsWhatIsBelowInTheLowest() {
    Buckets buckets = new Buckets();
    buckets.add(0);
    buckets.add(5000);
    buckets.add(100);
    buckets.add(4000);
    assertThat(contents(buckets)).containsExactly("2953 2", "4000 1", "5000 1");
  }

  @Test
  void isTheSameAfterItWasWrittenAndRead() throws IOException {
    for (int run = 0; run < 100; run++) {
      Buckets ours = new Buckets();
      Store theirs = new CollapsingLowestDenseStore(2048);
      fill(run, ours, theirs);
      Buckets again = read(written(ours));
      assertThat(written(again)).isEqualTo(written(ours));
      int more = random.nextInt(4000) - 2000;
      again.add(more);
      theirs.add(more);
      assertThat(contents(again)).as("run %d", run).isEqualTo(contents(theirs));
    }
    assertThat(contents(read(written(new Buckets())))).isEmpty();
  }

  @Test
  void writesCountsOfAnySize() throws IOException {
    Buckets buckets = new Buckets();
    buckets.add(-3);
    for (int doubled = 0; doubled < 40; doubled++) {
      buckets.add(buckets);
    }
    assertThat(contents(read(written(buckets)))).containsExactly("-3 " + (1L << 40));
  }

  @Test
  void goesDownwardsToo() {
    Buckets buckets = new Buckets();
    List.of(7, -900, 3, 7).forEach(buckets::add);
    List<String> all = new ArrayList<>();
    buckets.downwards((bucket, count) -> all.add(bucket + " " + count));
    assertThat(all).containsExactly("7 2", "3 1", "-900 1");
    all.clear();
    buckets.downwards((bucket, count) -> !all.add(bucket + " " + count));
    assertThat(all).containsExactly("7 2");
  }

  /** Some runs lie close together, some far beyond what there is room for. */
  private void fill(int run, Buckets ours, Store theirs) {
    int width = 1 << run % 15;
    int middle = random.nextInt(8000) - 4000;
    for (int i = random.nextInt(300); i >= 0; i--) {
      int bucket = middle + (int) (random.nextGaussian() * width);
      ours.add(bucket);
      theirs.add(bucket);
    }
  }

  private static List<String> contents(Buckets buckets) {
    List<String> all = new ArrayList<>();
    buckets.upwards((bucket, count) -> all.add(bucket + " " + count));
    return all;
  }

  private static List<String> contents(Store store) {
    List<String> all = new ArrayList<>();
    store.getDescendingIterator().forEachRemaining(bin -> all.add(bin.getIndex() + " " + (long) bin.getCount()));
    Collections.reverse(all);
    return all;
  }

  private static byte[] written(Buckets buckets) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    buckets.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static Buckets read(byte[] bytes) throws IOException {
    return Buckets.read(new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
