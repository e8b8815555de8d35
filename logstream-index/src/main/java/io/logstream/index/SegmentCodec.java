package io.logstream.index;

import java.io.IOException;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.FieldsConsumer;
import org.apache.lucene.codecs.FieldsProducer;
import org.apache.lucene.codecs.FilterCodec;
import org.apache.lucene.codecs.NormsProducer;
import org.apache.lucene.codecs.PostingsFormat;
import org.apache.lucene.codecs.StoredFieldsFormat;
import org.apache.lucene.codecs.StoredFieldsReader;
import org.apache.lucene.codecs.StoredFieldsWriter;
import org.apache.lucene.codecs.lucene912.Lucene912Codec;
import org.apache.lucene.codecs.lucene912.Lucene912PostingsFormat;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.index.Fields;
import org.apache.lucene.index.MergeState;
import org.apache.lucene.index.SegmentInfo;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.util.BytesRef;

/**
 * Lucene's own format, of which the terms of new segments come from our tables instead of Lucene's: a stored event that ends tells which document of which
 * segment it is, and takes the terms of the event under way with it; when the segment is written, so are they. What is written, and how segments are read and
 * joined, is Lucene's.
 */
final class SegmentCodec extends FilterCodec {
  // so many terms to a block of the dictionary instead of 25 to 48: most terms are in one event only, and Lucene spends more on blocks than on terms
  private static final PostingsFormat IN_LARGE_BLOCKS = new Lucene912PostingsFormat(128, 254);
  private static final Codec LUCENES = new Lucene912Codec() {
    @Override
    public PostingsFormat getPostingsFormatForField(String field) {
      return IN_LARGE_BLOCKS;
    }
  };

  private final EventDocument document;
  private final SegmentTables tables;

  /**
   * @param document the event that is being added
   * @param tables of the index
   */
  SegmentCodec(EventDocument document, SegmentTables tables) {
    super(LUCENES.getName(), LUCENES);
    this.document = document;
    this.tables = tables;
  }

  @Override
  public StoredFieldsFormat storedFieldsFormat() {
    StoredFieldsFormat format = delegate.storedFieldsFormat();
    return new StoredFieldsFormat() {
      @Override
      public StoredFieldsReader fieldsReader(Directory directory, SegmentInfo segment, FieldInfos fields, IOContext context) throws IOException {
        return format.fieldsReader(directory, segment, fields, context);
      }

      @Override
      public StoredFieldsWriter fieldsWriter(Directory directory, SegmentInfo segment, IOContext context) throws IOException {
        StoredFieldsWriter writer = format.fieldsWriter(directory, segment, context);
        return context.context == IOContext.Context.MERGE ? writer : new Added(writer, segment);
      }
    };
  }

  @Override
  public PostingsFormat postingsFormat() {
    PostingsFormat format = delegate.postingsFormat();
    return new PostingsFormat(format.getName()) {
      @Override
      public FieldsProducer fieldsProducer(SegmentReadState state) throws IOException {
        return format.fieldsProducer(state);
      }

      @Override
      public FieldsConsumer fieldsConsumer(SegmentWriteState state) throws IOException {
        return new Written(format.fieldsConsumer(state), state.segmentInfo);
      }
    };
  }

  /** Stored events of a segment under way, and with each the terms of it. */
  private final class Added extends StoredFieldsWriter {
    private final StoredFieldsWriter writer;
    private final SegmentInfo segment;
    private final SegmentTerms terms;
    private long stored;
    private boolean hasEvent;
    private boolean comesToTerms;

    Added(StoredFieldsWriter writer, SegmentInfo segment) {
      this.writer = writer;
      this.segment = segment;
      this.terms = tables.begin(segment);
    }

    @Override
    public void startDocument() throws IOException {
      writer.startDocument();
      hasEvent = false;
    }

    /** One that Lucene refuses ends as well: before it has looked at all fields, it may not know those of the terms. */
    @Override
    public void finishDocument() throws IOException {
      writer.finishDocument();
      if (hasEvent) {
        terms.add(document);
      } else {
        terms.addNothing();
      }
    }

    @Override
    public void writeField(FieldInfo info, BytesRef value) throws IOException {
      writer.writeField(info, value);
      stored += value.length;
      hasEvent = true;
    }

    @Override
    public void writeField(FieldInfo info, int value) throws IOException {
      writer.writeField(info, value);
    }

    @Override
    public void writeField(FieldInfo info, long value) throws IOException {
      writer.writeField(info, value);
    }

    @Override
    public void writeField(FieldInfo info, float value) throws IOException {
      writer.writeField(info, value);
    }

    @Override
    public void writeField(FieldInfo info, double value) throws IOException {
      writer.writeField(info, value);
    }

    @Override
    public void writeField(FieldInfo info, String value) throws IOException {
      writer.writeField(info, value);
    }

    @Override
    public void finish(int documents) throws IOException {
      writer.finish(documents);
      comesToTerms = !terms.isEmpty();
    }

    /** With what is stored already, so that segments are written by the room that they take. */
    @Override
    public long ramBytesUsed() {
      return writer.ramBytesUsed() + terms.bytesUsed() + stored;
    }

    /** Comes again when the segment is given up behind this. */
    @Override
    public void close() throws IOException {
      if (!comesToTerms) {
        tables.end(segment);
      }
      comesToTerms = false;
      writer.close();
    }
  }

  private final class Written extends FieldsConsumer {
    private final FieldsConsumer writer;
    private final SegmentInfo segment;

    Written(FieldsConsumer writer, SegmentInfo segment) {
      this.writer = writer;
      this.segment = segment;
    }

    @Override
    public void write(Fields none, NormsProducer norms) throws IOException {
      SegmentTerms terms = tables.of(segment);
      writer.write(terms == null ? none : terms, norms);
    }

    @Override
    public void merge(MergeState merged, NormsProducer norms) throws IOException {
      writer.merge(merged, norms);
    }

    @Override
    public void close() throws IOException {
      tables.end(segment);
      writer.close();
    }
  }
}
