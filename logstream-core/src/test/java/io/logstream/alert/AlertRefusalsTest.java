package io.logstream.alert;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.max;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.min;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.ratio;
import static io.logstream.window.Aggregations.sum;
import static io.logstream.window.Window.hopping;
import static io.logstream.window.Window.sliding;
import static io.logstream.window.Window.tumbling;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.FieldUse;
import io.logstream.LogStream;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.match.Condition;
import io.logstream.parse.Convert;
import io.logstream.window.Aggregation;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Words that contradict each other, or stand where they mean nothing. */
class AlertRefusalsTest {
  private static final Condition Q = field("q").above(5);

  private static Alert alert() {
    return Alert.named("a");
  }

  private static Alert counted() {
    return alert().over(sliding(ofMinutes(5)).aggregate(count())).when(field("count").above(1));
  }

  private static void refused(String why, Supplier<Alert> alert) {
    assertThatThrownBy(() -> LogStream.named("p").from(MadeRows.records()).to(alert.get().notify(a -> { })).build())
        .satisfies(e -> assertThat(e).isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class))
        .hasMessageContaining(why).hasMessageContaining("alert 'a'");
  }

  @Test void windowsAndConditions() {
    refused("has a window, but no condition on it", () -> alert().over(sliding(ofMinutes(5))));
    refused("over(..) needs when(..)", () -> alert().over(sliding(ofMinutes(5))).over(sliding(ofMinutes(6))));
    refused("tests something else already", () -> alert().when(Q).over(sliding(ofMinutes(5))));
    refused("stands before over(..)", () -> alert().over(sliding(ofMinutes(5))).on(Q));
    refused("on(..) already", () -> alert().on(Q).on(Q));
    refused("on(..) stands before over(..)", () -> alert().when(Q).on(Q));
    refused("sliding or tumbling windows", () -> alert().over(hopping(ofMinutes(5), ofMinutes(1))));
    refused("which its window does not work out; did you mean count?", () -> alert().over(sliding(ofMinutes(5))).when(field("counts").above(1)));
    refused("only tests of windows can be joined", () -> counted().whenSilentFor(ofMinutes(1)));
    refused("cannot fire", () -> alert().over(sliding(ofMinutes(5)).aggregate(ratio("bad", Q))).when(field("bad").above(1)));
    refused("shorter than its tumbling window", () -> alert().over(tumbling(ofMinutes(5))).when(field("count").above(1)).lasting(ofMinutes(1)));
  }

  @Test void keys() {
    refused("say it once", () -> alert().by("k").over(sliding(ofMinutes(5)).by("k")).when(field("count").above(1)));
    refused("no keys in common", () -> alert().over(sliding(ofMinutes(5)).by("k")).when(field("count").above(1)).over(sliding(ofMinutes(6)).by("l")).when(field("count").above(1)));
    refused("maxKeys(..) but only one key", () -> counted().maxKeys(5));
    refused("has none; say by(..)", () -> alert().whenSilentFor(ofMinutes(1)).expecting("x"));
    refused("by(..) has the fields [k, l]", () -> alert().by("k", "l").whenSilentFor(ofMinutes(1)).expecting("x"));
    refused("expects a key twice", () -> alert().by("k").whenSilentFor(ofMinutes(1)).expecting("x", "x"));
    refused("more keys than maxKeys(..)", () -> alert().by("k").maxKeys(1).whenSilentFor(ofMinutes(1)).expecting("x", "y"));
    refused("stands behind it", () -> alert().when(Q).expecting("x"));
  }

  @Test void spikesAndNewValues() {
    refused("say over(Window.tumbling(..)) before it", () -> alert().whenTimesPrevious("count", 3));
    refused("needs tumbling ones", () -> alert().over(sliding(ofMinutes(5))).whenTimesPrevious("count", 3));
    refused("which its window does not work out", () -> alert().over(tumbling(ofMinutes(5))).whenTimesPrevious("sum", 3));
    refused("a factor above 0", () -> alert().over(tumbling(ofMinutes(5))).whenTimesPrevious("count", 0));
    refused("belongs behind whenTimesPrevious(..)", () -> alert().when(Q).whenAtLeast(3));
    refused("has no values to look at", () -> alert().over(tumbling(ofMinutes(5))).whenTimesPrevious("count", 3).clearWhen(Q));
    refused("belongs behind whenNew(..)", () -> alert().when(Q).learnFor(ofMinutes(1)));
  }

  @Test void sequences() {
    refused("say it before followedBy(..)", () -> alert().followedBy(Q));
    refused("without a time; say within(..)", () -> alert().when(Q).followedBy(Q));
    refused("say within(..) for the step before", () -> alert().when(Q).followedBy(Q).followedBy(Q));
    refused("nothing can follow notFollowedBy(..)", () -> alert().when(Q).notFollowedBy(Q).within(ofSeconds(1)).followedBy(Q));
    refused("belongs behind followedBy(..)", () -> alert().when(Q).within(ofSeconds(1)));
    refused("belongs behind followedBy(..)", () -> alert().when(Q).allWithin(ofSeconds(1)));
    refused("more time than the whole has", () -> alert().when(Q).followedBy(Q).within(ofSeconds(5)).allWithin(ofSeconds(1)));
    refused("begins with a condition on events or on a window", () -> alert().whenChanges("q").followedBy(Q));
    refused("begins a sequence with several tests", () -> alert().over(sliding(ofMinutes(5))).when(field("count").above(1)).over(sliding(ofMinutes(6))).when(field("count").above(1))
        .followedBy(Q).within(ofSeconds(5)));
    refused("fires at moments", () -> alert().when(Q).followedBy(Q).within(ofSeconds(5)).lasting(ofSeconds(1)));
  }

  @Test void howLongAndHowOften() {
    refused("fires at moments", () -> alert().whenNew("q").clearAfter(ofSeconds(1)));
    refused("watches for silence already", () -> alert().whenSilentFor(ofMinutes(1)).noDataAfter(ofMinutes(1), NoData.OK));
    refused("ends with the next event", () -> alert().whenSilentFor(ofMinutes(1)).clearWhen(Q));
    refused("looks at the values of one", () -> alert().over(sliding(ofMinutes(5))).when(field("count").above(1)).over(sliding(ofMinutes(6))).when(field("count").above(1))
        .clearWhen(field("count").below(1)));
    refused("is clear and fires at the same time", () -> alert().over(sliding(ofMinutes(5)).aggregate(max("q"))).when(field("q.max").above(5)).clearWhen(field("q.max").below(6)));
    refused("clearWhen(..) reads 'x'", () -> counted().clearWhen(field("x").below(6)));
    refused("nothing to back off from", () -> alert().when(Q).backingOffTo(ofMinutes(1)));
    refused("less than atMostEvery(..) says", () -> alert().when(Q).atMostEvery(ofMinutes(2)).backingOffTo(ofMinutes(1)));
    refused("limit takes 1 to 10000", () -> alert().when(Q).limit(0, ofMinutes(1)));
    refused("lasting must be whole milliseconds", () -> alert().when(Q).lasting(ZERO));
    refused("lasting(..) already", () -> alert().when(Q).lasting(ofSeconds(1)).lasting(ofSeconds(2)));
    refused("names the notifier 'x' twice", () -> alert().when(Q).notifyNamed("x").notifyNamed("x"));
  }

  @Test void numbersAndTexts() {
    refused("compares 'count' with the text \"many\", but its window works out a number", () -> alert().over(sliding(ofMinutes(5)).aggregate(count())).when(field("count").is("many")));
    refused("when(..) compares 'q.max' with the text \"x\"", () -> alert().over(sliding(ofMinutes(5)).aggregate(max("q"))).when(field("q.max").above(1).or(field("q.max").isOneOf("x", "7"))));
    refused("clearWhen(..) compares 'q.max' with the text \"x\"", () -> alert().over(sliding(ofMinutes(5)).aggregate(max("q"))).when(field("q.max").above(5)).clearWhen(field("q.max").is("x")));
    alert().over(sliding(ofMinutes(5)).aggregate(max("q"))).when(field("q.max").is("7")).notify(a -> { }).expanded();
    refusedBehind("it works out numbers from the field 'ok', but stage 'typed' makes it true or false", alert().over(sliding(ofMinutes(5)).aggregate(percentiles("ok", 99))).when(field("ok.p99").above(1)));
    refusedBehind("it works out numbers from the field 'host', but that is a name", alert().over(tumbling(ofMinutes(5)).aggregate(max("host"))).whenTimesPrevious("host.max", 3));
    for (Aggregation one : List.of(percentiles("text", 99), sum("text"), mean("text"), max("text"), min("text"))) {
      refusedBehind("it works out numbers from the field 'text', but stage 'typed' makes it text; if numbers stand in it, give it a type there, or convert it behind it: Convert.numbers(\"text\")",
          alert().over(sliding(ofMinutes(5)).aggregate(one)).when(field(one.fields().get(0)).above(1)));
    }
    Alert percentile = Alert.parse("alert a: p99(text) over 5m > 1").notify(a -> { });
    refusedBehind("the field 'text', but stage 'typed' makes it text", percentile);
    LogStream.named("p").from(MadeRows.records()).then("typed", new Typed()).then(Convert.numbers("text")).to(percentile).build();
    LogStream.named("p").from(MadeRows.records()).to(percentile).build();
  }

  private static void refusedBehind(String why, Alert alert) {
    assertThatThrownBy(() -> LogStream.named("p").from(MadeRows.records()).then("typed", new Typed()).to(alert.notify(a -> { })).build())
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
  }

  private record Typed() implements Stage {
    @Override
    public FieldUse fieldUse() {
      return FieldUse.none().yieldsOnly().yields("ok", FieldUse.Type.TRUTH).yields("text", FieldUse.Type.TEXT);
    }

    @Override
    public Processor open(StageContext context) {
      return (event, out) -> out.emit(event);
    }
  }

  @Test void aRatioWithoutALeastCountIsWarnedOf() {
    assertThat(Draft.hasRatioOfFew(Alert.parse("alert a: ratio(q > 5) by k over 8s > 50%").rule().triggers())).isTrue();
    assertThat(Draft.hasRatioOfFew(Alert.parse("alert a: ratio(q > 5) by k over 8s > 50% and count() by k over 8s >= 3").rule().triggers())).isFalse();
    assertThat(Draft.hasRatioOfFew(Alert.parse("alert a: ratio(q > 5) over 8s > 50% and count() over 1m >= 3").rule().triggers())).isFalse();
    assertThat(Draft.hasRatioOfFew(Alert.parse("alert a: count() by k over 8s >= 3").rule().triggers())).isFalse();
  }

  @Test void fieldsThatNothingBeforeTheAlertYields() {
    assertThatThrownBy(() -> LogStream.named("p").from(MadeRows.records()).then(tumbling(ofMinutes(1)).aggregate(count())).to(alert().when(field("counts").above(1)).notify(a -> { })).build())
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("counts").hasMessageContaining("did you mean count");
    assertThatThrownBy(() -> LogStream.named("p").from(MadeRows.records()).then(tumbling(ofMinutes(1)).aggregate(count()))
        .to(alert().by("host2").over(sliding(ofMinutes(5)).aggregate(max("q"))).when(field("q.max").above(1)).notify(a -> { })).build())
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("host2");
  }
}
