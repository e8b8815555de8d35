package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpanTest {
  @Test
  void holdsItsBounds() {
    int[] bounds = {0, 1, 255, 65_536, Integer.MAX_VALUE - 1, Integer.MAX_VALUE};
    for (int from : bounds) {
      for (int to : bounds) {
        long span = Span.of(from, to);
        assertThat(Span.from(span)).isEqualTo(from);
        assertThat(Span.to(span)).isEqualTo(to);
        assertThat(Span.length(span)).isEqualTo(to - from);
        assertThat(span).isNotEqualTo(Span.NONE);
      }
    }
  }
}
