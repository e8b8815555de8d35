package io.logstream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The counts of one place of the pipeline. Written by the thread that runs that place, read by the same thread, or under the run's lock.
 *
 * <pre>heldAtStart + in = passed + absorbed + dropped + failed + held          out = passed + created</pre>
 */
final class Account {
  /** More different reasons than this are counted together: a reason is a rule's name, not data. */
  private static final int REASONS = 64;

  static final String OTHERS = "(others)";

  final String name;
  /** The places whose output together is this one's input; empty for a source. */
  final List<Account> feeders = new ArrayList<>();

  long heldAtStart;
  long in;
  long passed;
  long absorbed;
  long created;
  long held;
  private long dropped;
  private long failed;
  private final Map<String, long[]> reasons = new LinkedHashMap<>();
  private final Map<String, long[]> causes = new LinkedHashMap<>();
  private String lastReason;
  private long[] lastReasonCount;

  Account(String name) {
    this.name = name;
  }

  void dropped(String reason) {
    dropped++;
    if (reason != lastReason) {
      lastReasonCount = count(reasons, reason);
      lastReason = reason;
    }
    lastReasonCount[0]++;
  }

  void dropped(String reason, long times) {
    dropped += times;
    count(reasons, reason)[0] += times;
  }

  void failed(String cause) {
    failed++;
    count(causes, cause)[0]++;
  }

  long failed() {
    return failed;
  }

  long out() {
    return passed + created;
  }

  private static long[] count(Map<String, long[]> counts, String key) {
    long[] count = counts.get(key);
    if (count == null) {
      String kept = counts.size() < REASONS ? key : OTHERS;
      count = counts.get(kept);
      if (count == null) {
        count = new long[1];
        counts.put(kept, count);
      }
    }
    return count;
  }

  /**
   * The counts as of now.
   *
   * @param underWay events that are counted as passed here and have not reached the next place yet
   * @param unstated events that are being processed and of which nothing has been said yet
   */
  Ledger.Entry entry(long underWay, long unstated) {
    List<String> from = new ArrayList<>(feeders.size());
    for (Account feeder : feeders) {
      from.add(feeder.name);
    }
    return new Ledger.Entry(name, List.copyOf(from), heldAtStart, in, passed - underWay, absorbed, dropped, copy(reasons),
        failed, copy(causes), held + underWay + unstated, created);
  }

  private static Map<String, Long> copy(Map<String, long[]> counts) {
    Map<String, Long> copy = new LinkedHashMap<>();
    for (Map.Entry<String, long[]> count : counts.entrySet()) {
      copy.put(count.getKey(), count.getValue()[0]);
    }
    return copy;
  }
}
