package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8TextTest {
  private final Utf8Text text = new Utf8Text();

  @Test
  void readsAnyBytesAsAStringWouldAndKnowsWhereEachCharacterBegins() {
    Random random = new Random(42);
    byte[] likely = {'a', ' ', (byte) 0xc3, (byte) 0xa4, (byte) 0xe2, (byte) 0x82, (byte) 0xac, (byte) 0xf0, (byte) 0x9f, (byte) 0x98, (byte) 0x80,
        (byte) 0xed, (byte) 0xa0, (byte) 0xc0, (byte) 0xf4, (byte) 0x90, (byte) 0xff};
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = likely[random.nextInt(likely.length)];
      }
      int from = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
      text.of(bytes, from, bytes.length);
      String expected = new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
      assertThat(text.toString()).isEqualTo(expected);
      assertThat(text.byteAt(text.length())).isEqualTo(bytes.length);
    }
  }

  @Test
  void mapsCharactersToBytes() {
    byte[] bytes = "x-ä€😀z".getBytes(StandardCharsets.UTF_8);
    text.of(bytes, 1, bytes.length);
    int[] starts = {1, 2, 4, 7, 7, 11, 12};
    for (int i = 0; i < starts.length; i++) {
      assertThat(text.byteAt(i)).isEqualTo(starts[i]);
    }
  }
}
