package io.logstream.index;

import org.apache.lucene.index.BaseTermsEnum;
import org.apache.lucene.index.ImpactsEnum;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.BytesRef;

/** A term table as Lucene reads it to write a segment: from the first term to the last, and of each from its first document to its last. */
final class TableTerms extends Terms {
  private final TermTable table;

  /** @param table not added to any more */
  TableTerms(TermTable table) {
    this.table = table;
  }

  @Override
  public TermsEnum iterator() {
    table.sort();
    return new InOrder(table);
  }

  @Override
  public long size() {
    return table.count();
  }

  @Override
  public long getSumTotalTermFreq() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long getSumDocFreq() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int getDocCount() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean hasFreqs() {
    return table.hasPositions;
  }

  @Override
  public boolean hasOffsets() {
    return false;
  }

  @Override
  public boolean hasPositions() {
    return table.hasPositions;
  }

  @Override
  public boolean hasPayloads() {
    return false;
  }

  private static final class InOrder extends BaseTermsEnum {
    private final TermTable table;
    private final BytesRef term;
    private final Occurrences occurrences;
    private int order;
    private int record;

    InOrder(TermTable table) {
      this.table = table;
      this.term = new BytesRef(table.bytes(), 0, 0);
      this.occurrences = new Occurrences(table);
    }

    @Override
    public BytesRef next() {
      if (order == table.count()) {
        return null;
      }
      record = table.record(order++);
      term.offset = table.from(record);
      term.length = table.size(term.offset);
      return term;
    }

    @Override
    public BytesRef term() {
      return term;
    }

    @Override
    public PostingsEnum postings(PostingsEnum reuse, int flags) {
      occurrences.begin(record);
      return occurrences;
    }

    @Override
    public SeekStatus seekCeil(BytesRef text) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void seekExact(long ord) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long ord() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int docFreq() {
      throw new UnsupportedOperationException();
    }

    @Override
    public long totalTermFreq() {
      throw new UnsupportedOperationException();
    }

    @Override
    public ImpactsEnum impacts(int flags) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class Occurrences extends PostingsEnum {
    private final TermTable table;
    private final byte[] chunks;
    private int record;
    private int at;
    private int tail;
    private int level;
    private int limit;
    private int document;
    private int[] positions = new int[8];
    private int frequency;
    private int given;
    /** The position that comes first in the next document; -1 if there is none. */
    private int ahead;

    Occurrences(TermTable table) {
      this.table = table;
      this.chunks = table.chunks();
    }

    void begin(int of) {
      record = of;
      document = -1;
      at = table.value(of, TermTable.HEAD);
      tail = table.value(of, TermTable.TAIL);
      level = 0;
      limit = TermTable.chunkEnd(at, 0);
      ahead = -1;
    }

    @Override
    public int docID() {
      return document;
    }

    @Override
    public int nextDoc() {
      boolean isFirst = document < 0;
      if (!isFirst && at == tail && ahead < 0) {
        document = NO_MORE_DOCS;
      } else if (!table.hasPositions) {
        document = isFirst ? table.value(record, TermTable.FIRST_DOCUMENT) : document + read();
      } else if (isFirst) {
        document = table.value(record, TermTable.FIRST_DOCUMENT);
        gather(table.value(record, TermTable.FIRST_POSITION));
      } else {
        document += read();
        gather(ahead);
      }
      return document;
    }

    /** The positions in this document: up to the first one of the next. */
    private void gather(int first) {
      positions[0] = first;
      frequency = 1;
      given = 0;
      ahead = -1;
      while (at != tail) {
        int code = read();
        if ((code & 1) != 0) {
          ahead = code >>> 1;
          return;
        }
        if (frequency == positions.length) {
          positions = ArrayUtil.grow(positions);
        }
        positions[frequency] = positions[frequency - 1] + (code >>> 1);
        frequency++;
      }
    }

    private int read() {
      int value = 0;
      for (int shift = 0; ; shift += 7) {
        if (at == limit) {
          at = table.next(limit);
          level = Math.min(level + 1, TermTable.CHUNKS.length - 1);
          limit = TermTable.chunkEnd(at, level);
        }
        byte b = chunks[at++];
        value |= (b & 0x7F) << shift;
        if (b >= 0) {
          return value;
        }
      }
    }

    @Override
    public int freq() {
      return frequency;
    }

    @Override
    public int nextPosition() {
      return positions[given++];
    }

    @Override
    public int startOffset() {
      return -1;
    }

    @Override
    public int endOffset() {
      return -1;
    }

    @Override
    public BytesRef getPayload() {
      return null;
    }

    @Override
    public int advance(int target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long cost() {
      throw new UnsupportedOperationException();
    }
  }
}
