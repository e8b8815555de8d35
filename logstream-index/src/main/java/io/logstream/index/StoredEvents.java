package io.logstream.index;

import java.io.IOException;
import org.apache.lucene.codecs.StoredFieldsReader;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.StoredFieldVisitor;
import org.apache.lucene.index.StoredFields;

/** The events of one leaf as hits, to be read in the order of their documents by one thread. */
final class StoredEvents {
  private final Schema schema;
  private final Read stored;
  private final NumericDocValues times;
  private final NumericDocValues sequences;
  private final Bytes bytes = new Bytes();

  @FunctionalInterface
  private interface Read {
    void document(int document, StoredFieldVisitor visitor) throws IOException;
  }

  private StoredEvents(LeafReader leaf, Schema schema, Read stored) throws IOException {
    this.schema = schema;
    this.stored = stored;
    this.times = DocValues.getNumeric(leaf, Schema.TIME);
    this.sequences = DocValues.getNumeric(leaf, Schema.SEQUENCE);
  }

  static StoredEvents of(LeafReader leaf, Schema schema) throws IOException {
    StoredFields stored = leaf.storedFields();
    return new StoredEvents(leaf, schema, stored::document);
  }

  /** For documents that stand close together: documents are packed by the hundred, and this unpacks all that are packed together at once. */
  static StoredEvents ofNeighbours(LeafReader leaf, Schema schema) throws IOException {
    if (leaf instanceof CodecReader reader) {
      // not closed: what it would close is the segment's own
      StoredFieldsReader all = reader.getFieldsReader().getMergeInstance();
      return new StoredEvents(leaf, schema, all::document);
    }
    return of(leaf, schema);
  }

  LogHit hit(int document) throws IOException {
    bytes.value = null;
    stored.document(document, bytes);
    times.advanceExact(document);
    sequences.advanceExact(document);
    return StoredEvent.hit(sequences.longValue(), times.longValue(), bytes.value, schema);
  }

  /** The one stored field of a document. */
  private static final class Bytes extends StoredFieldVisitor {
    private byte[] value;

    @Override
    public Status needsField(FieldInfo field) {
      return value == null ? Status.YES : Status.STOP;
    }

    @Override
    public void binaryField(FieldInfo field, byte[] bytes) {
      value = bytes;
    }
  }
}
