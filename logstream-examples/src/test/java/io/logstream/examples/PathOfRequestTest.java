package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.file.FileTail;
import io.logstream.parse.Json;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import io.logstream.testing.StageContract;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PathOfRequestTest {
  private static final String[] LINES = {"{\"request\":\"/a?b=c?d\"}", "{\"request\":\"/a/é\"}", "{\"request\":\"?\"}", "{}"};

  @Test void keepsTheRulesOfAStage() {
    StageContract.of(new PathOfRequest()).behind(Json.fields()).on(LINES);
  }

  @Test void leavesOutTheQuery() {
    RecordingSink seen = new RecordingSink();
    try (PipelineTester tester = PipelineTester.of(LogStream.named("p").from(FileTail.of(Path.of("a.log"))).then(Json.fields()).then(new PathOfRequest()).to(seen).build())) {
      tester.feed(LINES);
      assertThat(tester.ledger().balances()).isTrue();
    }
    assertThat(seen.events()).extracting(event -> event.text("path")).containsExactly("/a", "/a/é", "", null);
  }
}
