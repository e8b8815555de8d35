package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedNumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexOutput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.util.BytesRef;
import org.junit.jupiter.api.Test;

class SegmentCodecTest {
  private static final byte[] HEAD = {'t', 0};
  private final EventDocument document = new EventDocument();
  private final SegmentTables tables = new SegmentTables();

  private IndexWriter writer(Directory directory) throws IOException {
    return new IndexWriter(directory, new IndexWriterConfig(null).setCodec(new SegmentCodec(document, tables)));
  }

  /** A document with a term and, unless there is no message, words; and what Lucene may refuse, first of all or last of all. */
  private void make(String term, String message, List<Field> first, List<Field> last) {
    document.clear();
    document.terms.add(HEAD, new BytesRef(term));
    document.fields.addAll(first);
    document.fields.add(new StoredField(Schema.EVENT, new BytesRef(term)));
    if (message != null) {
      byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
      document.message(bytes, 0, bytes.length);
    }
    document.endTerms();
    document.fields.addAll(last);
  }

  private void add(IndexWriter writer, String term, String message) throws IOException {
    make(term, message, List.of(), List.of());
    writer.addDocument(document.fields);
  }

  /** Of which Lucene sees before it has begun with any field that it cannot be. */
  private static List<Field> ofTwoKinds() {
    return List.of(new NumericDocValuesField("two", 1), new SortedNumericDocValuesField("two", 2));
  }

  /** Of which Lucene sees only when it takes the second. */
  private static List<Field> twice() {
    return List.of(new NumericDocValuesField("twice", 1), new NumericDocValuesField("twice", 2));
  }

  private void refused(IndexWriter writer, List<Field> first, List<Field> last) {
    make("refused", "refused words", first, last);
    assertThatIllegalArgumentException().isThrownBy(() -> writer.addDocument(document.fields));
    assertThat(writer.isOpen()).isTrue();
  }

  private static void assertFinds(Directory directory, String field, String term, String... stored) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      BytesRef bytes = new BytesRef(field.equals(Schema.TERMS) ? new String(HEAD, StandardCharsets.US_ASCII) + term : term);
      IndexSearcher searcher = new IndexSearcher(reader);
      List<String> found = new ArrayList<>();
      for (var hit : searcher.search(new TermQuery(new Term(field, bytes)), 100).scoreDocs) {
        found.add(reader.storedFields().document(hit.doc).getBinaryValue(Schema.EVENT).utf8ToString());
      }
      assertThat(found).as(term).containsExactlyInAnyOrder(stored);
    }
    try (CheckIndex check = new CheckIndex(directory)) {
      assertThat(check.checkIndex().clean).isTrue();
    }
  }

  @Test void leavesTheTermsOfTheOthersWhereTheyBelongWhenDocumentsAreRefused() throws IOException {
    for (List<Field> bad : List.of(ofTwoKinds(), twice())) {
      try (Directory directory = new ByteBuffersDirectory()) {
        try (IndexWriter writer = writer(directory)) {
          add(writer, "a", "first words");
          refused(writer, bad, List.of());
          add(writer, "b", "second words");
          refused(writer, List.of(), bad);
          refused(writer, List.of(), bad);
          add(writer, "c", null);
        }
        assertFinds(directory, Schema.TERMS, "a", "a");
        assertFinds(directory, Schema.TERMS, "b", "b");
        assertFinds(directory, Schema.TERMS, "c", "c");
        assertFinds(directory, Schema.TERMS, "refused");
        assertFinds(directory, Schema.WORDS, "words", "a", "b");
        assertFinds(directory, Schema.WORDS, "second", "b");
      }
    }
    assertThat(tables.bytes()).isZero();
  }

  @Test void writesASegmentThatBeginsWithARefusedDocumentWhoseFieldsNoOtherHas() throws IOException {
    for (List<Field> bad : List.of(ofTwoKinds(), twice())) {
      try (Directory directory = new ByteBuffersDirectory()) {
        try (IndexWriter writer = writer(directory)) {
          refused(writer, bad, List.of());
          add(writer, "a", null);
        }
        assertFinds(directory, Schema.TERMS, "a", "a");
        assertFinds(directory, Schema.WORDS, "refused");
      }
    }
    assertThat(tables.bytes()).isZero();
  }

  @Test void givesTablesBackWhenAllDocumentsOfASegmentAreRefused() throws IOException {
    for (List<Field> bad : List.of(ofTwoKinds(), twice())) {
      try (Directory directory = new ByteBuffersDirectory()) {
        try (IndexWriter writer = writer(directory)) {
          refused(writer, bad, List.of());
          writer.flush();
          assertThat(tables.bytes()).isZero();
          refused(writer, List.of(), bad);
          writer.flush();
          assertThat(tables.bytes()).isZero();
          add(writer, "a", "words");
        }
        assertFinds(directory, Schema.TERMS, "a", "a");
        assertFinds(directory, Schema.WORDS, "words", "a");
      }
    }
    assertThat(tables.bytes()).isZero();
  }

  @Test void givesTablesBackOnceWhereverTheDiskIsFull() throws IOException {
    boolean failed = true;
    for (int fuse = 0; failed; fuse += 1 + fuse / 50) {
      Short disk = new Short(fuse);
      IndexWriter writer = null;
      try {
        writer = writer(disk);
        for (int i = 0; i < 400; i++) {
          add(writer, "t" + i, "words " + i + " of a text " + "x".repeat(i));
          if (i == 250) {
            writer.flush();
          }
        }
        writer.commit();
        failed = false;
      } catch (IOException | IllegalStateException e) {
        failed = true;
      } finally {
        if (writer != null) {
          writer.rollback();
        }
      }
      assertThat(tables.bytes()).as("disk full after %d writes", fuse).isZero();
      assertThat(tables.begin("one")).isNotSameAs(tables.begin("two"));
      tables.end("one");
      tables.end("two");
    }
  }

  @Test void givesTablesBackWhenTheWriterIsGivenUp() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      IndexWriter writer = writer(directory);
      add(writer, "a", "words");
      assertThat(tables.bytes()).isPositive();
      writer.rollback();
      assertThat(tables.bytes()).isZero();
    }
  }

  /** A disk with room for so many writes. */
  private static final class Short extends FilterDirectory {
    private int left;

    Short(int left) {
      super(new ByteBuffersDirectory());
      this.left = left;
    }

    private void use() throws IOException {
      if (left-- <= 0) {
        throw new IOException("the disk is full");
      }
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      use();
      return new FilterIndexOutput("short", name, in.createOutput(name, context)) {
        @Override
        public void writeByte(byte b) throws IOException {
          use();
          out.writeByte(b);
        }

        @Override
        public void writeBytes(byte[] b, int offset, int length) throws IOException {
          use();
          out.writeBytes(b, offset, length);
        }
      };
    }
  }
}
