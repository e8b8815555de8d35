package io.logstream.match;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Text with gaps: pieces of UTF-8 that follow one another, with anything between them. The first piece stands at the beginning and the
 * last one at the end, each of which may be empty; a single piece is the whole text. It looks at every byte a bounded number of times.
 */
final class Glob {
  private final byte[][] pieces;
  private final int shortest;
  private final boolean anyCase;

  Glob(List<String> pieces, boolean anyCase) {
    this.anyCase = anyCase;
    this.pieces = new byte[pieces.size()][];
    for (int i = 0; i < this.pieces.length; i++) {
      this.pieces[i] = folded(pieces.get(i).getBytes(StandardCharsets.UTF_8));
    }
    int sum = 0;
    for (byte[] piece : this.pieces) {
      sum += piece.length;
    }
    this.shortest = sum;
  }

  private byte[] folded(byte[] piece) {
    for (int i = 0; anyCase && i < piece.length; i++) {
      piece[i] = fold(piece[i]);
    }
    return piece;
  }

  private static byte fold(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
  }

  boolean matches(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return matches(utf8, 0, utf8.length);
  }

  boolean matches(byte[] text, int from, int to) {
    int last = pieces.length - 1;
    if (to - from < shortest) {
      return false;
    }
    if (last == 0) {
      return to - from == shortest && stands(pieces[0], text, from);
    }
    int at = from + pieces[0].length;
    int end = to - pieces[last].length;
    if (!stands(pieces[0], text, from) || !stands(pieces[last], text, end)) {
      return false;
    }
    for (int i = 1; i < last; i++) {
      at = behind(pieces[i], text, at, end);
      if (at < 0) {
        return false;
      }
    }
    return at <= end;
  }

  /** Where the first occurrence of a piece ends, or -1. */
  private int behind(byte[] piece, byte[] text, int from, int to) {
    for (int at = from; at <= to - piece.length; at++) {
      if (stands(piece, text, at)) {
        return at + piece.length;
      }
    }
    return -1;
  }

  private boolean stands(byte[] piece, byte[] text, int at) {
    if (!anyCase) {
      return piece.length == 0 || text[at] == piece[0] && Arrays.equals(text, at, at + piece.length, piece, 0, piece.length);
    }
    for (int i = 0; i < piece.length; i++) {
      if (fold(text[at + i]) != piece[i]) {
        return false;
      }
    }
    return true;
  }
}
