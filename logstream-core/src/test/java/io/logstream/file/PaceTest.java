package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a reader looks at files that it was told of, by times that the test makes up. */
class PaceTest {
  private static final long MILLI = 1_000_000;

  private final Pace pace = new Pace();
  private long now = System.nanoTime();

  private void idleLook(boolean newsCame) {
    pace.looked(false, newsCame, now);
  }

  @Test
  void looksWheneverItIsToldWhileNothingKeepsComing() {
    assertThat(pace.asks(false)).isFalse();
    assertThat(pace.isDue(false, now)).isTrue();
    idleLook(false);
    assertThat(pace.asks(false)).isFalse();
    assertThat(pace.isDue(false, now)).isTrue();
  }

  @Test
  void looksAtIntervalsOfOneToTwentyMillisecondsWhileLinesKeepComing() {
    for (long millis : new long[] {1, 2, 4, 8, 16, 20, 20}) {
      idleLook(true);
      assertThat(pace.asks(false)).isTrue();
      assertThat(pace.untilLook(now)).isEqualTo(millis * MILLI);
      now += millis * MILLI - 1;
      assertThat(pace.isDue(false, now)).isFalse();
      now++;
      assertThat(pace.isDue(false, now)).isTrue();
    }
    idleLook(false);
    assertThat(pace.asks(false)).isFalse();
  }

  @Test
  void takesNewsOfOthersEveryTwentyMillisecondsWhileSomeHaveTheirTurns() {
    assertThat(pace.asks(true)).isTrue();
    assertThat(pace.isDue(true, now)).isTrue();
    pace.looked(true, false, now);
    assertThat(pace.isDue(true, now + 20 * MILLI - 1)).isFalse();
    assertThat(pace.isDue(true, now + 20 * MILLI)).isTrue();
  }

  @Test
  void newsTakenInBetweenDoNotDelayTheLookForTheNextLine() {
    idleLook(true);
    pace.looked(true, true, now);
    assertThat(pace.untilLook(now)).isEqualTo(MILLI);
    assertThat(pace.isDue(false, now + MILLI)).isTrue();
    assertThat(pace.isDue(true, now + MILLI)).isFalse();
  }

  @Test
  void newsTakenInBetweenDoNotEndTheIntervals() {
    idleLook(true);
    pace.looked(true, false, now);
    assertThat(pace.asks(false)).isTrue();
  }

  @Test
  void intervalsGoOnWhereTheClockTurnsFromPositiveToNegative() {
    now = Long.MAX_VALUE - MILLI / 2;
    idleLook(true);
    assertThat(pace.isDue(false, now + MILLI / 4)).isFalse();
    assertThat(pace.isDue(false, now + MILLI)).isTrue();
  }
}
