package io.logstream.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PrintTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private boolean closed;
  private final PrintStream stream = new PrintStream(bytes, false, StandardCharsets.US_ASCII) {
    @Override
    public void close() {
      closed = true;
      super.close();
    }
  };

  private String printed(UnaryOperator<Print> form, Consumer<LogEvent> step, byte[]... messages) {
    SinksOver.run(form.apply(Print.to(stream)), step, messages);
    assertThat(closed).isFalse();
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void printsMessagesWithControlCharactersMadeVisible() {
    assertThat(printed(p -> p, e -> { }, SinksOver.utf8("plain \u00e9\ud83d\ude00", "\u001b[31mred\u0007\r\tx\ny\u007f\u009b2J\u0000", "")))
        .isEqualTo("plain \u00e9\ud83d\ude00\n\\x1b[31mred\\x07\\x0d\tx\ny\\x7f\\x9b2J\\x00\n\n");
  }

  @Test
  void printsTheFieldsOfAnEventWithoutAMessage() {
    assertThat(printed(p -> p, e -> e.message("").put("a", "x\u001b").put("b", 5), SinksOver.utf8("gone"))).isEqualTo("1970-01-01T00:00:01.500Z a=x\\x1b b=5\n");
  }

  @Test
  void rawPrintsBytesAsTheyCame() {
    printed(Print::raw, e -> { }, new byte[] {27, '[', (byte) 0xFF, 0}, new byte[] {'x'});
    assertThat(bytes.toByteArray()).isEqualTo(new byte[] {27, '[', (byte) 0xFF, 0, '\n', 'x', '\n'});
  }

  @Test
  void jsonIsThatOfJsonLinesAndSteersNoTerminal() throws IOException {
    String text = "\u001b[31m \u007f \u0080\u009b\u009f \u00a0\u00e9\ud83d\ude00 \"\\";
    String line = printed(Print::json, e -> e.put("f\u009b", text), SinksOver.utf8(text));
    assertThat(line).endsWith("}\n").doesNotContain("\u001b", "\u007f", "\u0080", "\u009b", "\u009f").contains("\u00a0\u00e9\ud83d\ude00").contains("\\u009b");
    assertThat(JsonLinesTest.parse(line)).containsEntry("message", text).containsEntry("f\u009b", text).containsEntry("file", "a.log");
  }
}
