package io.logstream.index;

import java.io.IOException;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.BytesTermAttribute;
import org.apache.lucene.util.BytesRef;

/** The words of a text as Lucene takes them. Made once, reused for text after text. */
final class Words extends TokenStream {
  private final BytesTermAttribute term = addAttribute(BytesTermAttribute.class);
  private final io.logstream.match.Words words = new io.logstream.match.Words();
  private final BytesRef word = new BytesRef(words.bytes(), 0, 0);

  /** The text to cut next. */
  Words over(byte[] of, int from, int to) {
    words.over(of, from, to);
    return this;
  }

  /** Attributes are as for the first word from here on, and so for all: nobody sets any but the term, and each stands one behind the other. */
  @Override
  public void reset() {
    clearAttributes();
  }

  @Override
  public boolean incrementToken() throws IOException {
    if (!words.next()) {
      return false;
    }
    word.length = words.length();
    term.setBytesRef(word);
    return true;
  }
}
