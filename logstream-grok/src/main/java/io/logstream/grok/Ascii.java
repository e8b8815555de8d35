package io.logstream.grok;

import java.nio.charset.StandardCharsets;

/** A part of bytes as characters, one for each byte: to read numbers without a string. One thread, used again. */
final class Ascii implements CharSequence {
  private byte[] bytes = {};
  private int from;
  private int to;

  Ascii of(byte[] in, int begin, int end) {
    bytes = in;
    from = begin;
    to = end;
    return this;
  }

  @Override
  public int length() {
    return to - from;
  }

  @Override
  public char charAt(int index) {
    return (char) (bytes[from + index] & 0xff);
  }

  @Override
  public CharSequence subSequence(int begin, int end) {
    return new String(bytes, from + begin, end - begin, StandardCharsets.ISO_8859_1);
  }

  @Override
  public String toString() {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }
}
