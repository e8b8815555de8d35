package io.logstream.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ChartsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test void thePicturesOfTheGuideAreThoseOfTheResults() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("jmh/results"))) {
      List<Path> results = files.toList();
      assertThat(results).isNotEmpty();
      for (Path result : results) {
        String name = result.getFileName().toString().replace(".json", ".svg");
        assertThat(Charts.draw(Results.read(result))).as(name).isEqualTo(Files.readString(ROOT.resolve("src-site/resources/charts").resolve(name)));
      }
    }
  }

  @Test void showsWhereAndWhenItWasMeasuredAndHowMuchMoreTheOthersTake() {
    Results results = new Results("a < b", "seconds", "java Compare", "2 x CPU", "VM 17", "2026-11-20",
        List.of(new Results.Bar("ours", true, 2, 1.9, 2.1), new Results.Bar("theirs", false, 5, 5, 6)));
    assertThat(Charts.draw(results)).contains("a &lt; b", "2 x CPU, VM 17, 2026-11-20", "java Compare", ">2.00<", ">5.00  (2.5 x)<");
  }
}
