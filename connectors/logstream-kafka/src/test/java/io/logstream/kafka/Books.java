package io.logstream.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Ledger;

/** What all tests ask of a ledger. */
final class Books {
  private Books() {}

  static void assertBalanced(Ledger ledger) {
    assertThat(ledger.imbalances()).as(ledger.toString()).isEmpty();
  }
}
