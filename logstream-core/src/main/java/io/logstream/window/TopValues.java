package io.logstream.window;

import io.logstream.Counter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The most frequent values: all are counted up to a number of different ones; beyond that by Space-Saving (A. Metwally, D. Agrawal, A. El
 * Abbadi, "Efficient computation of frequent and top-k elements in data streams", 2005): a new value takes the place of the rarest,
 * with its count as the error that its own may have. Ties are decided by the values, so that equal states give equal rows.
 */
final class TopValues implements Aggregation {
  static final int EXACT = 1_024;
  /** Longer values are counted by this many bytes. */
  private static final int LONGEST = 1_024;

  private final String name;
  private final String field;
  private final int k;
  private final int most;

  TopValues(String name, String field, int k, int most) {
    this.name = Objects.requireNonNull(name, "name of an aggregation");
    this.field = Objects.requireNonNull(field, "field");
    if (k < 1) {
      throw new IllegalArgumentException("topValues of '" + field + "' gives at least one value, was to give " + k);
    }
    if (most < k) {
      throw new IllegalArgumentException("topValues of '" + field + "' must keep at least the " + k + " values that it gives, was to keep " + most);
    }
    this.k = k;
    this.most = most;
  }

  @Override
  public List<String> fields() {
    return List.of(name, name + ".count", name + ".error", name + ".approximate");
  }

  @Override
  public List<String> reads() {
    return List.of(field);
  }

  @Override
  public Opened open(StageContext context) {
    for (String one : fields()) {
      context.key(one);
    }
    KeyCodec codec = new KeyCodec(context.key(field));
    Counter missing = context.counter("missing");
    return () -> new Top(codec, missing);
  }

  @Override
  public String toString() {
    return "topValues(" + (name.equals(field + ".top") ? "" : name + ", ") + field + ", " + k + (most == EXACT ? "" : ", " + most) + ")";
  }

  /** A value and how often it came: at most {@code count}, at least {@code count - error}. */
  private static final class Entry {
    private byte[] value;
    private int hash;
    private long count;
    private long error;
    /** Its place in the heap. */
    private int at;
  }

  private static final Comparator<Entry> RAREST_FIRST = (a, b) -> a.count != b.count ? Long.compare(a.count, b.count) : Arrays.compareUnsigned(b.value, a.value);

  private final class Top implements Value {
    private final KeyCodec codec;
    private final Counter missing;
    private Entry[] table = new Entry[8];
    private int size;
    /** The entries, the rarest first, as a heap; null until a value finds no place. */
    private Entry[] heap;
    /** Whether a value has lost its place. */
    private boolean approximate;

    Top(KeyCodec codec, Counter missing) {
      this.codec = codec;
      this.missing = missing;
    }

    @Override
    public void add(LogEvent event) {
      codec.encode(event);
      if (codec.isAbsent()) {
        missing.increment();
        return;
      }
      codec.cut(LONGEST);
      add(codec.bytes, codec.length, codec.hash());
    }

    private void add(byte[] bytes, int length, int hash) {
      Entry entry = find(bytes, length, hash);
      if (entry != null) {
        entry.count++;
        if (heap != null) {
          sink(entry.at);
        }
      } else if (size < most) {
        put(Arrays.copyOf(bytes, length), hash, 1, 0);
      } else {
        takePlaceOfRarest(Arrays.copyOf(bytes, length), hash);
      }
    }

    private Entry find(byte[] bytes, int length, int hash) {
      int mask = table.length - 1;
      for (int at = hash & mask; table[at] != null; at = at + 1 & mask) {
        Entry entry = table[at];
        if (entry.hash == hash && Arrays.equals(entry.value, 0, entry.value.length, bytes, 0, length)) {
          return entry;
        }
      }
      return null;
    }

    private void put(byte[] value, int hash, long count, long error) {
      Entry entry = new Entry();
      entry.value = value;
      entry.hash = hash;
      entry.count = count;
      entry.error = error;
      if (++size * 2 > table.length) {
        Entry[] old = table;
        table = new Entry[old.length * 2];
        for (Entry one : old) {
          if (one != null) {
            place(one);
          }
        }
      }
      place(entry);
    }

    private void place(Entry entry) {
      int mask = table.length - 1;
      int at = entry.hash & mask;
      while (table[at] != null) {
        at = at + 1 & mask;
      }
      table[at] = entry;
    }

    private void takePlaceOfRarest(byte[] value, int hash) {
      approximate = true;
      if (heap == null) {
        heap = entries();
        Arrays.sort(heap, RAREST_FIRST);
        for (int i = 0; i < heap.length; i++) {
          heap[i].at = i;
        }
      }
      Entry entry = heap[0];
      remove(entry);
      entry.value = value;
      entry.hash = hash;
      entry.error = entry.count;
      entry.count++;
      place(entry);
      sink(0);
    }

    /** Takes an entry out of the table, and moves up those that its place had pushed on. */
    private void remove(Entry entry) {
      int mask = table.length - 1;
      int free = entry.hash & mask;
      while (table[free] != entry) {
        free = free + 1 & mask;
      }
      for (int at = free + 1 & mask; table[at] != null; at = at + 1 & mask) {
        int home = table[at].hash & mask;
        if ((at - home & mask) >= (at - free & mask)) {
          table[free] = table[at];
          free = at;
        }
      }
      table[free] = null;
    }

    private void sink(int from) {
      Entry entry = heap[from];
      int at = from;
      for (int child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
        if (child + 1 < heap.length && RAREST_FIRST.compare(heap[child + 1], heap[child]) < 0) {
          child++;
        }
        if (RAREST_FIRST.compare(entry, heap[child]) <= 0) {
          break;
        }
        heap[at] = heap[child];
        heap[at].at = at;
        at = child;
      }
      heap[at] = entry;
      entry.at = at;
    }

    private Entry[] entries() {
      Entry[] all = new Entry[size];
      int n = 0;
      for (Entry one : table) {
        if (one != null) {
          all[n++] = one;
        }
      }
      return all;
    }

    /** How often a value may have come that has no entry. */
    private long unseen() {
      if (!approximate) {
        return 0;
      }
      long least = Long.MAX_VALUE;
      for (Entry one : entries()) {
        least = Math.min(least, one.count);
      }
      return least;
    }

    @Override
    public void merge(Value from) {
      Top other = (Top) from;
      long unseenHere = unseen();
      long unseenThere = other.unseen();
      approximate |= other.approximate;
      Entry[] here = entries();
      for (Entry one : here) {
        Entry same = other.find(one.value, one.value.length, one.hash);
        one.count += same == null ? unseenThere : same.count;
        one.error += same == null ? unseenThere : same.error;
      }
      for (Entry one : other.entries()) {
        if (find(one.value, one.value.length, one.hash) == null) {
          put(one.value, one.hash, one.count + unseenHere, one.error + unseenHere);
        }
      }
      heap = null;
      if (size > most) {
        approximate = true;
        Entry[] all = entries();
        Arrays.sort(all, RAREST_FIRST.reversed());
        table = new Entry[Integer.highestOneBit(2 * most) * 2];
        size = most;
        for (int i = 0; i < most; i++) {
          place(all[i]);
        }
      }
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeBoolean(approximate);
      Entry[] all = entries();
      Arrays.sort(all, RAREST_FIRST);
      out.writeInt(all.length);
      for (Entry one : all) {
        out.writeInt(one.value.length);
        out.write(one.value);
        out.writeLong(one.count);
        out.writeLong(one.error);
      }
    }

    @Override
    public void read(DataInput in) throws IOException {
      approximate = in.readBoolean();
      for (int n = in.readInt(); n > 0; n--) {
        byte[] value = new byte[in.readInt()];
        in.readFully(value);
        put(value, KeyCodec.hash(value, value.length), in.readLong(), in.readLong());
      }
    }

    @Override
    public void fill(LogEvent row, Duration covered) {
      if (size == 0) {
        return;
      }
      Entry[] all = entries();
      Arrays.sort(all, RAREST_FIRST.reversed());
      List<Object> values = new ArrayList<>();
      List<Long> counts = new ArrayList<>();
      List<Long> errors = new ArrayList<>();
      for (int i = 0; i < Math.min(k, all.length); i++) {
        values.add(KeyCodec.value(all[i].value));
        counts.add(all[i].count);
        errors.add(all[i].error);
      }
      row.put(name, values).put(name + ".count", counts).put(name + ".error", errors);
      if (approximate) {
        row.put(name + ".approximate", true);
      }
    }
  }
}
