package io.logstream.window;

import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.distinct;
import static io.logstream.window.Aggregations.last;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.topValues;

import io.logstream.parse.EventTime;
import io.logstream.parse.KeyValue;
import io.logstream.testing.RecordingSink;
import io.logstream.testing.Seed;
import io.logstream.testing.StageContract;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every kind of window keeps the rules of stages. */
class WindowContractTest {
  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }

  @Test
  void holdsForAllKinds() {
    Seed random = Seed.of(3);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      lines.add("t=" + (1_790_000_000_000L + i * 100 - random.nextInt(5) * random.nextInt(300)) + " k=" + random.nextInt(4) + " v=" + random.nextInt(50));
    }
    lines.add("v=7");
    Window say = Window.tumbling(ms(1_000));
    for (Window window : List.of(say, say.in(ZoneId.of("Asia/Kathmandu")), Window.hopping(ms(1_000), ms(300)), Window.session(ms(120)))) {
      Window full = window.by("k").maxKeys(3).aggregate(count(), mean("v"), percentiles("v", 50, 99), distinct("v"), topValues("v", 2), last("v"));
      for (Window one : List.of(full, full.allowedLateness(ms(700)).early(ms(200)), full.lateTo(new RecordingSink()))) {
        StageContract.of(one).behind(KeyValue.fields(), EventTime.from("t", "UNIX_MS").outOfOrder(ms(150))).on(lines);
      }
    }
  }
}
