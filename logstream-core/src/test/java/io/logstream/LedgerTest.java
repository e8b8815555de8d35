package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LedgerTest extends EveryWay {
  @Test
  void showsWhatBecameOfEveryRecordAsATable() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(1_500, perBatch)).then("drops", stateless((e, out) -> {
      if (e.message().endsWith("0")) {
        out.drop(e, "round");
      } else if (e.message().endsWith("5")) {
        out.fail(e, "half");
      } else {
        out.emit(e);
      }
    })).to("out", Sink.each(e -> { })).build());

    assertThat(seen.ledger().toString()).contains("1,500").contains("round: 150").contains("half: 150").endsWith("balanced");
    assertThat(seen.ledger().asMap()).containsEntry("out.absorbed", 1_200L).containsEntry("drops.dropped", 150L).containsEntry("drops.failed", 150L);
    assertThatThrownBy(() -> seen.ledger().stage("none")).hasMessageContaining("'lines', 'drops', 'out'");
  }

  @Test
  void countsManyReasonsTogetherInsteadOfGrowing() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(200, perBatch)).then("drops", stage((e, out) -> out.drop(e, e.message()))).build());

    assertThat(seen.ledger().stage("drops").droppedBy()).hasSize(65).containsEntry("(others)", 136L);
    assertThat(seen.ledger().stage("drops").dropped()).isEqualTo(200);
  }

  @Test
  void doesNotBalanceWhereACountIsWrong() {
    Ledger.Entry source = entry("lines", java.util.List.of(), 10, 10);
    assertThat(ledger(source, entry("a", java.util.List.of("lines"), 10, 10)).balances()).isTrue();
    assertThat(ledger(source, entry("a", java.util.List.of("lines"), 10, 9)).imbalances()).singleElement().asString().contains("'a': 10 held at start and in, but 9");
    assertThat(ledger(source, entry("a", java.util.List.of("lines"), 9, 9)).imbalances()).singleElement().asString().contains("9 in, but 10 out of [lines]");
  }

  private static Ledger ledger(Ledger.Entry... entries) {
    return new Ledger(java.util.List.of(entries), java.util.Map.of(), java.util.Set.of("lines"));
  }

  private static Ledger.Entry entry(String name, java.util.List<String> from, long in, long passed) {
    return new Ledger.Entry(name, from, 0, in, passed, 0, 0, java.util.Map.of(), 0, java.util.Map.of(), 0, 0);
  }
}
