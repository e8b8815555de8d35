package io.logstream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What became of every record, place by place, as of one moment. At every place
 *
 * <pre>held at start + in = passed + absorbed + dropped + failed + held          out = passed + created</pre>
 *
 * <p>and what goes in is what came out of the places before. Immutable.
 */
public final class Ledger {
  private final List<Entry> entries;
  private final Map<String, Long> unread;
  private final Set<String> sources;

  Ledger(List<Entry> entries, Map<String, Long> unread, Set<String> sources) {
    this.entries = List.copyOf(entries);
    this.unread = Map.copyOf(unread);
    this.sources = Set.copyOf(sources);
  }

  /**
   * The counts of one source, stage, sink or branch end.
   *
   * @param name its name, as in {@code describe()}
   * @param from the names of the places that it gets its events from; empty for a source and for the failure sink
   * @param heldAtStart events that it still held from an earlier run
   * @param in events given to it; for a source, lines read
   * @param passed events that went on
   * @param absorbed events that were added to something, or delivered
   * @param dropped events left out by a rule
   * @param droppedBy the same by reason
   * @param failed events with which something was wrong
   * @param failedBy the same by cause
   * @param held events it has now: kept for later, waiting in an outbox, or just under way to the next place
   * @param created events it made itself
   */
  public record Entry(String name, List<String> from, long heldAtStart, long in, long passed, long absorbed, long dropped,
      Map<String, Long> droppedBy, long failed, Map<String, Long> failedBy, long held, long created) {

    /** Events that went on to the next place. */
    public long out() {
      return passed + created;
    }

    /** Events dropped for this reason. */
    public long dropped(String reason) {
      return droppedBy.getOrDefault(reason, 0L);
    }

    /** Events failed for this cause. */
    public long failed(String cause) {
      return failedBy.getOrDefault(cause, 0L);
    }

    /** With events that have left the places before and have not been taken here yet, as if they had and were held. */
    Entry plusUnderWay(long events) {
      return from.isEmpty() || events == 0 ? this
          : new Entry(name, from, heldAtStart, in + events, passed, absorbed, dropped, droppedBy, failed, failedBy, held + events, created);
    }

    /** Whether every event given to it is accounted for. */
    public boolean balances() {
      return heldAtStart + in == passed + absorbed + dropped + failed + held
          && held >= 0
          && dropped == sum(droppedBy.values())
          && failed == sum(failedBy.values());
    }

    private static long sum(Iterable<Long> counts) {
      long sum = 0;
      for (long count : counts) {
        sum += count;
      }
      return sum;
    }
  }

  /** All places, sources first, in the order of {@code describe()}. */
  public List<Entry> entries() {
    return entries;
  }

  /**
   * The counts of one place.
   *
   * @throws IllegalArgumentException if there is none of that name; the message lists those there are
   */
  public Entry stage(String name) {
    return entries.stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow(() -> new IllegalArgumentException(
        "no place of this pipeline is called '" + name + "'; there are " + entries.stream().map(e -> "'" + e.name() + "'").collect(Collectors.joining(", "))));
  }

  /** Whether everything is accounted for, at every place and between them. */
  public boolean balances() {
    return imbalances().isEmpty();
  }

  /** What does not add up, a sentence each; empty where {@link #balances()}. */
  public List<String> imbalances() {
    Map<String, Entry> byName = new LinkedHashMap<>();
    for (Entry e : entries) {
      byName.put(e.name(), e);
    }
    List<String> wrong = new ArrayList<>();
    for (Entry e : entries) {
      if (!e.balances()) {
        wrong.add("'" + e.name() + "': " + (e.heldAtStart() + e.in()) + " held at start and in, but "
            + (e.passed() + e.absorbed() + e.dropped() + e.failed() + e.held()) + " accounted for: " + e);
      }
      if (!e.from().isEmpty()) {
        long given = 0;
        for (String feeder : e.from()) {
          given += byName.get(feeder).out();
        }
        if (given != e.in()) {
          wrong.add("'" + e.name() + "': " + e.in() + " in, but " + given + " out of " + e.from());
        }
      }
    }
    return wrong;
  }

  /** Lines that the sources have read. */
  public long read() {
    return entries.stream().filter(e -> sources.contains(e.name())).mapToLong(Entry::in).sum();
  }

  /** Events failed at any place. */
  public long failed() {
    return entries.stream().mapToLong(Entry::failed).sum();
  }

  /** Bytes that were destroyed before they could be read, by log and reason; of a damaged compressed file those of the file itself. */
  public Map<String, Long> unread() {
    return unread;
  }

  /** All counts by {@code <place>.<count>}, such as {@code Drop.dropped}. */
  public Map<String, Long> asMap() {
    Map<String, Long> all = new LinkedHashMap<>();
    for (Entry e : entries) {
      all.put(e.name() + ".heldAtStart", e.heldAtStart());
      all.put(e.name() + ".in", e.in());
      all.put(e.name() + ".passed", e.passed());
      all.put(e.name() + ".absorbed", e.absorbed());
      all.put(e.name() + ".dropped", e.dropped());
      all.put(e.name() + ".failed", e.failed());
      all.put(e.name() + ".held", e.held());
      all.put(e.name() + ".created", e.created());
    }
    return all;
  }

  /** A table for people, ending in the word {@code balanced}, or in what does not add up. */
  @Override
  public String toString() {
    int width = Math.max(5, entries.stream().mapToInt(e -> e.name().length()).max().orElse(5));
    StringBuilder table = new StringBuilder();
    table.append(String.format(Locale.ROOT, "%-" + width + "s %11s %11s %11s %9s %7s %7s %9s%n", "place", "in", "passed", "absorbed", "dropped", "failed", "held", "created"));
    for (Entry e : entries) {
      table.append(String.format(Locale.ROOT, "%-" + width + "s %,11d %,11d %,11d %,9d %,7d %,7d %,9d", e.name(), e.heldAtStart() + e.in(), e.passed(), e.absorbed(),
          e.dropped(), e.failed(), e.held(), e.created()));
      e.droppedBy().forEach((reason, n) -> table.append(String.format(Locale.ROOT, "  %s: %,d", reason, n)));
      e.failedBy().forEach((cause, n) -> table.append(String.format(Locale.ROOT, "  %s: %,d", cause, n)));
      table.append(System.lineSeparator());
    }
    unread.forEach((what, bytes) -> table.append(String.format(Locale.ROOT, "unread %s: %,d bytes%n", what, bytes)));
    List<String> wrong = imbalances();
    return table.append(wrong.isEmpty() ? "balanced" : "NOT BALANCED: " + String.join("; ", wrong)).toString();
  }
}
