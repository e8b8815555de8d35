package io.logstream.grok;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A class of characters: a regular expression for one character, and the answers it gives. It is asked for all of ASCII once; beyond
 * that, where it does not say all or none, for blocks of characters when the first of a block comes up. So it has, by construction,
 * what {@code java.util.regex} has. Immutable to the outside, any thread.
 */
final class CharSet {
  /** Which characters beyond ASCII it has. */
  enum Beyond { NONE, ALL, SOME, ONE }

  static final int FLAGS = Pattern.DOTALL | Pattern.MULTILINE | Pattern.UNIX_LINES;

  /** In {@link #table}: for a byte that begins a character. */
  static final byte OUT = 0;
  static final byte IN = 1;
  static final byte ASK = 2;

  private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final String ASCII = ascii();
  private static final int MOST_KEPT = 2_000;
  private static final int BLOCK = 256;
  private static final Map<String, CharSet> KEPT = new ConcurrentHashMap<>();

  static final CharSet ANY = of(".", Beyond.ALL);

  private final String regex;
  private final Beyond beyond;
  /** Its characters, as many as stand together. */
  private final Pattern pattern;
  private final int one;

  /** For each value of a byte: whether the character that begins with it belongs to the class. With {@link Beyond#ALL} continuation bytes too. */
  final byte[] table = new byte[256];

  /** The first bytes of its characters. */
  final First first;

  /** The last bytes of its characters, and perhaps some more. */
  final First last;

  /** Whether {@link #skip} gets over its characters eight bytes at a time: it has nearly all there are. */
  final boolean skips;

  // the characters it has not: two, eight times each, and those up to a blank
  private long firstOut;
  private long secondOut;
  private boolean lowOut;

  private final AtomicReferenceArray<long[]> blocks;

  private CharSet(String regex, Beyond beyond, int one) {
    this.regex = regex;
    this.beyond = beyond;
    this.one = one;
    this.pattern = one >= 0 ? null : Pattern.compile("(?:" + regex + ")+", FLAGS);
    this.blocks = beyond == Beyond.SOME ? new AtomicReferenceArray<>((Character.MAX_CODE_POINT + 1) / BLOCK) : null;
    if (one >= 0) {
      table[lead(one)] = one < 0x80 ? IN : ASK;
      this.skips = false;
    } else {
      Matcher matcher = pattern.matcher(ASCII);
      while (matcher.find()) {
        Arrays.fill(table, matcher.start(), matcher.end(), IN);
      }
      for (int c = 0x80; c < 0x100 && beyond != Beyond.NONE; c++) {
        table[c] = beyond == Beyond.ALL ? IN : c >= 0xc2 && c < 0xf5 ? ASK : OUT;
      }
      this.skips = beyond == Beyond.ALL && findOut();
    }
    this.first = new First();
    this.last = new First();
    for (int c = 0; c < 256; c++) {
      if (table[c] != OUT && (c < 0x80 || c >= 0xc2 && c < 0xf5)) {
        first.add(c);
      }
      if (c < 0x80 ? table[c] == IN : beyond != Beyond.NONE) {
        last.add(c);
      }
    }
  }

  private static String ascii() {
    StringBuilder all = new StringBuilder(0x80);
    for (char c = 0; c < 0x80; c++) {
      all.append(c);
    }
    return all.toString();
  }

  private boolean findOut() {
    int outs = 0;
    for (int c = 0; c < 0x80; c++) {
      if (table[c] == OUT && c <= ' ' && table['\t'] == OUT) {
        lowOut = true;
      } else if (table[c] == OUT) {
        outs++;
        secondOut = c * ONES;
        firstOut = outs == 1 ? secondOut : firstOut;
      }
    }
    if (outs == 0) {
      firstOut = ' ' * ONES;
      secondOut = firstOut;
    }
    return outs > 0 && outs <= 2 || lowOut && outs == 0;
  }

  /** Gets over characters of the class from {@code begin} on, to one of another, or not far from it. */
  int skip(byte[] b, int begin, int to) {
    long first = firstOut;
    long second = secondOut;
    int pos = begin;
    while (pos <= to - 8) {
      long eight = (long) LONGS.get(b, pos);
      long a = eight ^ first;
      long c = eight ^ second;
      long zero = (a - ONES) & ~a | (c - ONES) & ~c;
      if (lowOut) {
        zero |= (eight - 0x21 * ONES) & ~eight;
      }
      zero &= 0x80 * ONES;
      if (zero != 0) {
        return pos + (Long.numberOfTrailingZeros(zero) >> 3);
      }
      pos += 8;
    }
    return pos;
  }

  /** One certain character. */
  static CharSet one(int code, String regex) {
    return kept(code >= 0x80 ? Beyond.ONE : Beyond.NONE, regex, code);
  }

  /** A class, and which characters beyond ASCII it is known to have. */
  static CharSet of(String regex, Beyond beyond) {
    return kept(beyond, regex, -1);
  }

  private static CharSet kept(Beyond beyond, String regex, int one) {
    if (KEPT.size() > MOST_KEPT) {
      KEPT.clear();
    }
    return KEPT.computeIfAbsent(beyond + regex, key -> new CharSet(regex, beyond, one));
  }

  private static int lead(int code) {
    return code < 0x80 ? code : code < 0x800 ? 0xc0 | code >> 6 : code < 0x10000 ? 0xe0 | code >> 12 : 0xf0 | code >> 18;
  }

  String regex() {
    return regex;
  }

  Beyond beyond() {
    return beyond;
  }

  /** The one character there is, or -1. */
  int only() {
    return one;
  }

  boolean isAny() {
    return this == ANY;
  }

  /** Whether a character beyond ASCII belongs to it. */
  boolean hasBeyond(int code) {
    if (beyond != Beyond.SOME) {
      return beyond == Beyond.ALL || code == one;
    }
    long[] block = blocks.get(code / BLOCK);
    if (block == null) {
      block = asked(code / BLOCK * BLOCK);
      blocks.set(code / BLOCK, block);
    }
    return (block[code / 64 % (BLOCK / 64)] >>> (code & 63) & 1) != 0;
  }

  private long[] asked(int first) {
    long[] block = new long[BLOCK / 64];
    Matcher matcher = pattern.matcher("");
    for (int i = 0; i < BLOCK; i++) {
      if (matcher.reset(Character.toString(first + i)).matches()) {
        block[i / 64] |= 1L << (i & 63);
      }
    }
    return block;
  }

  /** Whether the character at {@code pos} of well-formed text belongs to it. */
  boolean has(byte[] b, int pos) {
    byte known = table[b[pos] & 0xff];
    return known == ASK ? hasBeyond(Utf8Text.codePoint(b, pos)) : known == IN;
  }

  /** The end of the run of its characters from {@code pos} on, up to {@code most} characters. -1 if they are fewer than {@code least}. */
  int run(byte[] b, int begin, int to, int least, int most) {
    int pos = begin;
    int count = 0;
    while (count < most && pos < to && has(b, pos)) {
      pos += b[pos] >= 0 ? 1 : Utf8Text.length(b[pos]);
      count++;
    }
    return count < least ? -1 : pos;
  }

  @Override
  public String toString() {
    return regex;
  }
}
