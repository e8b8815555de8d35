package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RotationNamesTest {
  @Test
  void findsTheLiveNameBehindNumbersAndDates() {
    for (String name : List.of("app.log.1", "app.log.2.gz", "app.log-20260101", "app.log.2026-01-01-17.3.gz", "app.log.old", "app-2026-01-01.log", "app.log_20260101T120000Z",
        "app.2026-01.log", "app-2026-W05.log.gz", "app.2026-05.1.log")) {
      assertThat(RotationNames.family(name)).isEqualTo("app.log");
    }
    for (String name : List.of("app.log", "web-1.log", "10.0.0.1", "app.log.backup", "app-1234-56.log", "app-202601.log")) {
      assertThat(RotationNames.family(name)).isEqualTo(name);
    }
  }

  @Test
  void takesAGenerationOnlyOfANameThatIsLive() {
    assertThat(RotationNames.liveNameOf("app.log.1", Set.of("app.log")::contains)).isEqualTo("app.log");
    assertThat(RotationNames.liveNameOf("worker.1", Set.of("app.log")::contains)).isNull();
  }

  @Test
  void ordersShiftsByNumberAndDatesByTime() {
    assertThat(Stream.of("a.log", "a.log.1", "a.log.10", "a.log.2").sorted(RotationNames.byAge("a.log"))).containsExactly("a.log.10", "a.log.2", "a.log.1", "a.log");
    assertThat(Stream.of("a1.log", "a1-2026-01-02.log", "a1-2025-12-31.log").sorted(RotationNames.byAge("a1.log")))
        .containsExactly("a1-2025-12-31.log", "a1-2026-01-02.log", "a1.log");
  }
}
