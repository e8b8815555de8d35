package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> NAMES = List.of("level", "http.status", "status", "seconds", "seconds.p99", "ip");

  @Test void namesWhatDiffersInFewCharacters() {
    assertThat(Nearest.to("levle", NAMES)).as("two neighbours swapped").containsExactly("level");
    assertThat(Nearest.to("stauts", NAMES)).containsExactly("status");
    assertThat(Nearest.to("LEVEL", NAMES)).containsExactly("level");
    assertThat(Nearest.to("leve", NAMES)).containsExactly("level");
    assertThat(Nearest.to("request", NAMES)).isEmpty();
    assertThat(Nearest.to("iq", NAMES)).as("too short to tell").isEmpty();
  }

  @Test void namesWhatBeginsSoOrStandsBehindADot() {
    assertThat(Nearest.to("http", NAMES)).containsExactly("http.status");
    assertThat(Nearest.to("status", NAMES)).containsExactly("status", "http.status");
    assertThat(Nearest.to("response.status", NAMES)).containsExactly("status");
    assertThat(Nearest.to("sec", NAMES)).containsExactly("seconds", "seconds.p99");
  }

  @Test void countsWhatMustBeChanged() {
    assertThat(Nearest.distance("ab", "ba")).isEqualTo(1);
    assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(Nearest.distance("ca", "abc")).isEqualTo(3);
  }
}
