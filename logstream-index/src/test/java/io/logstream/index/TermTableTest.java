package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.StringHelper;
import org.junit.jupiter.api.Test;

class TermTableTest {
  private final Random random = new Random(20261122);

  /** By term, by document: the positions. */
  private static final class Plain {
    private final Map<BytesRef, TreeMap<Integer, List<Integer>>> terms = new TreeMap<>();

    void add(BytesRef term, int document, int position) {
      terms.computeIfAbsent(BytesRef.deepCopyOf(term), t -> new TreeMap<>()).computeIfAbsent(document, d -> new ArrayList<>()).add(position);
    }
  }

  /** What of a few bytes gives many terms that begin alike. */
  private BytesRef term(int longest) {
    byte[] bytes = new byte[random.nextInt(longest + 1)];
    byte[] alphabet = {0, 1, 'a', 'b', (byte) 0x80, (byte) 0xFF};
    int some = 1 + random.nextInt(alphabet.length);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = random.nextInt(20) == 0 ? alphabet[random.nextInt(some)] : (byte) 'a';
    }
    return new BytesRef(bytes);
  }

  private static void put(TermTable table, Plain plain, BytesRef term, int document, int position) {
    byte[] inTheMiddle = new byte[term.length + 10];
    System.arraycopy(term.bytes, term.offset, inTheMiddle, 5, term.length);
    table.add(inTheMiddle, 5, term.length, document, position);
    plain.add(term, document, position);
  }

  private static void assertSame(TermTable table, Plain plain) throws IOException {
    TermsEnum terms = new TableTerms(table).iterator();
    PostingsEnum occurrences = null;
    for (Map.Entry<BytesRef, TreeMap<Integer, List<Integer>>> wanted : plain.terms.entrySet()) {
      assertThat(terms.next()).isEqualTo(wanted.getKey());
      occurrences = terms.postings(occurrences, table.hasPositions ? PostingsEnum.POSITIONS : PostingsEnum.NONE);
      for (Map.Entry<Integer, List<Integer>> document : wanted.getValue().entrySet()) {
        assertThat(occurrences.nextDoc()).isEqualTo(document.getKey());
        if (table.hasPositions) {
          List<Integer> positions = new ArrayList<>();
          for (int i = occurrences.freq(); i > 0; i--) {
            positions.add(occurrences.nextPosition());
          }
          assertThat(positions).isEqualTo(document.getValue());
        }
      }
      assertThat(occurrences.nextDoc()).isEqualTo(PostingsEnum.NO_MORE_DOCS);
    }
    assertThat(terms.next()).isNull();
  }

  @Test void givesTermsInTheOrderOfTheirBytesAndOfEachWhereItOccurs() throws IOException {
    for (boolean positions : new boolean[] {false, true}) {
      TermTable table = new TermTable(positions);
      for (int round = 0; round < 60; round++) {
        Plain plain = new Plain();
        int longest = 1 << random.nextInt(11);
        int documents = random.nextInt(300);
        for (int document = 0; document < documents; document += 1 + random.nextInt(round % 3 == 0 ? 100_000 : 3)) {
          for (int position = 0, words = random.nextInt(40); words > 0; words--) {
            put(table, plain, term(longest), document, position);
            position += 1 + random.nextInt(round % 4 == 0 ? 1000 : 2);
          }
        }
        assertThat(table.count()).isEqualTo(plain.terms.size());
        assertSame(table, plain);
        table.clear();
        assertThat(table.count()).isZero();
      }
    }
  }

  @Test void keepsWhatOccursInEveryDocumentAndWhatOccursThousandsOfTimesInOne() throws IOException {
    for (boolean positions : new boolean[] {false, true}) {
      TermTable table = new TermTable(positions);
      Plain plain = new Plain();
      for (int document = 0; document < 20_000; document++) {
        put(table, plain, new BytesRef("every"), document, 0);
        put(table, plain, new BytesRef("id" + document), document, 1);
        if (document % 5_000 == 17) {
          for (int position = 2; position < 10_000; position += 1 + position / 1_000) {
            put(table, plain, new BytesRef("often"), document, position);
          }
        }
      }
      assertSame(table, plain);
    }
  }

  @Test void sortsTermsThatDifferOnlyInHowManyZeroesEndThem() throws IOException {
    TermTable table = new TermTable(false);
    Plain plain = new Plain();
    for (int size = 40; size >= 0; size--) {
      put(table, plain, new BytesRef(new byte[size]), 0, 0);
      byte[] one = new byte[size + 1];
      one[0] = 1;
      put(table, plain, new BytesRef(one), 0, 0);
    }
    assertSame(table, plain);
  }

  @Test void tellsTermsApartThatHaveOneHash() throws IOException {
    TermTable table = new TermTable(false);
    Plain plain = new Plain();
    // 300,000 random terms have about ten pairs of equal hashes of 32 bits
    byte[] bytes = new byte[8];
    for (int i = 0; i < 300_000; i++) {
      random.nextBytes(bytes);
      put(table, plain, new BytesRef(Arrays.copyOf(bytes, bytes.length)), i, 0);
    }
    assertSame(table, plain);
  }

  /** Two blocks of eight bytes after which Lucene's murmur hash is the same, whatever it was before. */
  private static byte[][] alikeInMurmur() {
    byte[][] both = new byte[2][Long.BYTES];
    for (int i = 0; i < 2; i++) {
      ByteBuffer.wrap(both[i]).order(ByteOrder.LITTLE_ENDIAN).putInt(unmixed(i == 0 ? 0 : 0x80000000 >>> 13)).putInt(unmixed(i == 0 ? 0 : 0x80000000));
    }
    return both;
  }

  /** What murmur mixes to this. */
  private static int unmixed(int mixed) {
    int before = Integer.rotateRight(mixed * inverse(0x1b873593), 15);
    return before * inverse(0xcc9e2d51);
  }

  private static int inverse(int odd) {
    int inverse = odd;
    for (int i = 0; i < 5; i++) {
      inverse *= 2 - odd * inverse;
    }
    return inverse;
  }

  @Test void hasManyHashesForTermsThatAreMadeToBeAlikeInOne() {
    byte[][] blocks = alikeInMurmur();
    Set<Integer> hashes = new HashSet<>();
    Set<Integer> lucenes = new HashSet<>();
    byte[] term = new byte[12 * Long.BYTES];
    for (int i = 0; i < 4096; i++) {
      for (int bit = 0; bit < 12; bit++) {
        System.arraycopy(blocks[i >> bit & 1], 0, term, bit * Long.BYTES, Long.BYTES);
      }
      hashes.add(TermTable.hash(term, 0, term.length));
      lucenes.add(StringHelper.murmurhash3_x86_32(term, 0, term.length, i / 1000));
    }
    assertThat(lucenes).as("one for each seed").hasSize(5);
    assertThat(hashes).hasSizeGreaterThan(4_000);
  }

  @Test void hashesBytesWhereverTheyStand() {
    for (int size = 0; size < 40; size++) {
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      byte[] inTheMiddle = new byte[size + 20];
      System.arraycopy(bytes, 0, inTheMiddle, 13, size);
      int hash = TermTable.hash(bytes, 0, size);
      assertThat(TermTable.hash(inTheMiddle, 13, size)).isEqualTo(hash);
      for (int at = 0; at < size; at++) {
        bytes[at]++;
        assertThat(TermTable.hash(bytes, 0, size)).as("byte %d of %d", at, size).isNotEqualTo(hash);
        bytes[at]--;
      }
    }
  }

  @Test void letsMemoryGoThatSmallSegmentsDoNotNeed() {
    TermTable table = new TermTable(true);
    for (int i = 0; i < 100_000; i++) {
      byte[] term = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
      table.add(term, 0, term.length, i, 0);
    }
    int large = table.bytes().length;
    for (int segment = 0; segment < 20; segment++) {
      table.clear();
      table.add(new byte[] {'a'}, 0, 1, 0, 0);
    }
    assertThat(table.bytes().length).isLessThan(large / 100);
  }
}
