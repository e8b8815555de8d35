package io.logstream.alert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A notifier that keeps what it is told. */
final class Told implements AlertNotifier {
  final List<FiredAlert> all = Collections.synchronizedList(new ArrayList<>());

  @Override
  public void fired(FiredAlert alert) {
    all.add(alert);
  }

  @Override
  public void resolved(FiredAlert alert) {
    all.add(alert);
  }

  /** A word for each: state, seconds after the start, key values. */
  List<String> words() {
    return all.stream().map(Told::word).toList();
  }

  List<String> identified() {
    return all.stream().map(alert -> word(alert) + " " + alert.id()).toList();
  }

  private static String word(FiredAlert alert) {
    String key = alert.key().isEmpty() ? "" : " " + String.join(",", alert.key().values());
    return (alert.state() == FiredAlert.State.FIRING ? "fired " : "resolved ")
        + Duration.between(MadeRows.START, alert.at()).toSeconds() + key;
  }
}
