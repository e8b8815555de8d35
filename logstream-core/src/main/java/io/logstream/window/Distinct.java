package io.logstream.window;

import com.dynatrace.hash4j.distinctcount.HyperLogLog;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import io.logstream.Counter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/**
 * How many different values there are. Up to {@link #EXACT} of them the 64-bit hashes of all are kept, beyond that HyperLogLog (P.
 * Flajolet, E. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", 2007) with
 * 4,096 registers of the same hashes. Both depend on the set of values alone.
 */
final class Distinct implements Aggregation.Value {
  static final int EXACT = 1_024;
  private static final int PRECISION = 12;
  /** Stands in a saved state for XXH3 of 64 bits, seed 0, over the bytes of {@link KeyCodec}, and 2^12 registers. */
  private static final byte FORM = 1;
  private static final Hasher64 HASH = Hashing.xxh3_64();

  /** What the values of one run share. */
  static final class Shared {
    private final KeyCodec codec;
    private final FieldKey to;
    private final Counter missing;

    Shared(StageContext context, FieldKey to, String field) {
      this.to = to;
      codec = new KeyCodec(context.key(field));
      missing = context.counter("missing");
    }
  }

  private final Shared shared;
  /** An open-addressing table of hashes, in which 0 is a free place. */
  private long[] table = new long[8];
  private int count;
  private boolean zero;
  /** Null while the table holds all. */
  private HyperLogLog estimator;

  Distinct(Shared shared) {
    this.shared = shared;
  }

  @Override
  public void add(LogEvent event) {
    KeyCodec codec = shared.codec;
    codec.encode(event);
    if (codec.isAbsent()) {
      shared.missing.increment();
    } else {
      add(HASH.hashBytesToLong(codec.bytes, 0, codec.length));
    }
  }

  private void add(long hash) {
    if (estimator != null) {
      estimator.add(hash);
    } else if (isNew(hash) && count > EXACT) {
      estimator = HyperLogLog.create(PRECISION);
      for (long one : hashes()) {
        estimator.add(one);
      }
      table = null;
    }
  }

  private boolean isNew(long hash) {
    if (hash == 0) {
      count += zero ? 0 : 1;
      boolean fresh = !zero;
      zero = true;
      return fresh;
    }
    int mask = table.length - 1;
    int at = (int) hash & mask;
    while (table[at] != 0) {
      if (table[at] == hash) {
        return false;
      }
      at = at + 1 & mask;
    }
    table[at] = hash;
    if (++count * 2 > table.length) {
      long[] old = table;
      table = new long[old.length * 2];
      for (long one : old) {
        if (one != 0) {
          place(one);
        }
      }
    }
    return true;
  }

  private void place(long hash) {
    int mask = table.length - 1;
    int at = (int) hash & mask;
    while (table[at] != 0) {
      at = at + 1 & mask;
    }
    table[at] = hash;
  }

  /** All hashes in the table, in ascending order. */
  private long[] hashes() {
    long[] all = new long[count];
    int n = zero ? 1 : 0;
    for (long one : table) {
      if (one != 0) {
        all[n++] = one;
      }
    }
    Arrays.sort(all);
    return all;
  }

  @Override
  public void merge(Aggregation.Value from) {
    Distinct other = (Distinct) from;
    if (other.estimator == null) {
      for (long hash : other.hashes()) {
        add(hash);
      }
    } else {
      if (estimator == null) {
        estimator = HyperLogLog.create(PRECISION);
        for (long hash : hashes()) {
          estimator.add(hash);
        }
        table = null;
      }
      estimator.add(other.estimator);
    }
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORM);
    out.writeBoolean(estimator != null);
    if (estimator != null) {
      out.write(estimator.getState());
    } else {
      out.writeInt(count);
      for (long hash : hashes()) {
        out.writeLong(hash);
      }
    }
  }

  @Override
  public void read(DataInput in) throws IOException {
    byte form = in.readByte();
    if (form != FORM) {
      throw new IOException("distinct values were saved in form " + form + ", this version reads form " + FORM);
    }
    if (in.readBoolean()) {
      HyperLogLog empty = HyperLogLog.create(PRECISION);
      byte[] registers = new byte[empty.getState().length];
      in.readFully(registers);
      estimator = HyperLogLog.wrap(registers);
      table = null;
    } else {
      for (int n = in.readInt(); n > 0; n--) {
        add(in.readLong());
      }
    }
  }

  @Override
  public void fill(LogEvent row, Duration covered) {
    row.put(shared.to, estimator == null ? count : Math.round(estimator.getDistinctCountEstimate()));
  }
}
