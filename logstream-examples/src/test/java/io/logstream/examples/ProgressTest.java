package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {
  @TempDir Path dir;

  @Test void saysHowFarTheJobIsAndHowLongItWillTake() {
    assertThat(Progress.text(250_000, 1_000_000, 2)).isEqualTo("25 %  250,000 lines, 125,000 a second, about 6 s to go");
    assertThat(Progress.text(2_000_000, 1_000_000, 2)).startsWith("99 %");
  }

  @Test void saysOnlyHowMuchIsDoneWhenTheWholeIsUnknown() throws IOException {
    Path zipped = Files.write(dir.resolve("access.log.gz"), new byte[] {31, -117, 8, 0, 0});
    assertThat(Progress.lines(List.of(zipped))).isEqualTo(-1);
    assertThat(Progress.text(250_000, -1, 2)).isEqualTo("250,000 lines, 125,000 a second");
  }

  @Test void judgesTheLengthOfAFileByItsBeginning() throws IOException {
    Path small = Files.write(dir.resolve("small.log"), List.of("a", "b", "c"));
    Path large = Files.write(dir.resolve("large.log"), Collections.nCopies(100_000, "sixteen letters"));
    assertThat(Progress.lines(List.of(small, large))).isBetween(99_000L, 101_000L);
  }
}
