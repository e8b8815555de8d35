package io.logstream.index;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.lucene.util.BytesRef;

/** Text values as terms. One that is too long for a term is its beginning and a digest of the whole, so that equal still means equal. */
final class Terms {
  private Terms() {}

  /** With the letters from A to Z in lower case. */
  static String folded(String text) {
    StringBuilder folded = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        folded = folded == null ? new StringBuilder(text) : folded;
        folded.setCharAt(i, (char) (c | 0x20));
      }
    }
    return folded == null ? text : folded.toString();
  }

  static BytesRef of(String text) {
    BytesRef whole = new BytesRef(text);
    if (whole.length <= Schema.LONGEST_TERM) {
      return whole;
    }
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(whole.bytes, whole.offset, whole.length);
      byte[] digest = sha.digest();
      byte[] term = new byte[Schema.LONGEST_TERM + digest.length];
      System.arraycopy(whole.bytes, whole.offset, term, 0, Schema.LONGEST_TERM);
      System.arraycopy(digest, 0, term, Schema.LONGEST_TERM, digest.length);
      return new BytesRef(term);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
