package io.logstream.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Lines that nobody should write and somebody does: broken and overlong UTF-8, lone surrogates, control characters and terminal escapes,
 * NUL, quotes and braces without an end, markup, format strings, numbers out of range, and very long lines. Equal seeds give equal bytes. No
 * line has a line feed in it.
 *
 * <pre>{@code
 * for (byte[] line : HostileBytes.seed(42).lines(1000)) { .. }
 * }</pre>
 */
public final class HostileBytes {
  private static final int LONGEST = 20_000;
  private static final String[] TEXTS = {"\u0000", "\u001b[2J\u001b[31m", "\u202egnp.exe", "\ufeff", "\r", "\u0085\u2028\u2029", "%s%n%n%1$s ${jndi:ldap://x/a} {}",
      "<script>alert(1)</script>", "{\"a\":", "[[[[[[[[", "\"\\\"\\", "key=\"value", "a=b=c==", "-", "9223372036854775808", "-1e400", "NaN", "0x", "2026-02-30T25:61:61Z",
      "(((((a+)+)+)+)+)+!", "\u00e9\u20ac\ud83d\ude00", "\t\t", " ", "'; drop table x; --", "/../../etc/passwd", "http://[::1", "?&&==&"};
  private static final int[][] BROKEN = {{0xff}, {0xfe}, {0xc0, 0xaf}, {0xc1, 0xbf}, {0xe0, 0x80, 0x80}, {0xed, 0xa0, 0x80}, {0xed, 0xb0, 0x80}, {0xf0, 0x80, 0x80, 0x80},
      {0xf4, 0x90, 0x80, 0x80}, {0xf5, 0x80}, {0xe2, 0x82}, {0xf0, 0x9f, 0x98}, {0x80}, {0xbf, 0xbf}, {0xc3}};

  private final long seed;

  private HostileBytes(long seed) {
    this.seed = seed;
  }

  /** Lines of this seed. */
  public static HostileBytes seed(long seed) {
    return new HostileBytes(seed);
  }

  /** The first so many lines, without line ends. */
  public List<byte[]> lines(int count) {
    Random random = new Random(seed);
    List<byte[]> lines = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      lines.add(line(random));
    }
    return lines;
  }

  private static byte[] line(Random random) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int pieces = random.nextInt(8);
    for (int i = 0; i < pieces; i++) {
      switch (random.nextInt(5)) {
        case 0 -> {
          for (int b : BROKEN[random.nextInt(BROKEN.length)]) {
            line.write(b);
          }
        }
        case 1 -> {
          for (int n = random.nextInt(30); n > 0; n--) {
            int b = random.nextInt(256);
            line.write(b == '\n' ? 0 : b);
          }
        }
        case 2 -> line.writeBytes("GET /cart HTTP/1.1 200 level=INFO".getBytes(StandardCharsets.US_ASCII));
        default -> line.writeBytes(TEXTS[random.nextInt(TEXTS.length)].getBytes(StandardCharsets.UTF_8));
      }
    }
    if (random.nextInt(50) == 0) {
      byte[] piece = line.size() == 0 ? new byte[] {'x'} : line.toByteArray();
      while (line.size() < LONGEST) {
        line.writeBytes(piece);
      }
    }
    return line.toByteArray();
  }
}
