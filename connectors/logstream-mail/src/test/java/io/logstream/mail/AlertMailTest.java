package io.logstream.mail;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import io.logstream.Stage;
import io.logstream.alert.Alert;
import io.logstream.alert.FiredAlert;
import io.logstream.alert.Retry;
import io.logstream.alert.Severity;
import io.logstream.testing.TestClock;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Mails over a server on the loopback address. */
class AlertMailTest {
  private static final Instant AT = Instant.parse("2026-11-19T10:00:00Z");
  private static final FiredAlert ALERT = new FiredAlert("disk full", Severity.PAGE, FiredAlert.State.FIRING, Map.of("host", "web-1"), AT, AT.minusSeconds(60), "0a1b",
      LogEvent.of("no space\nleft on /\u00e4").put("free", 3));
  private static final FiredAlert OVER = new FiredAlert("disk full", Severity.PAGE, FiredAlert.State.RESOLVED, Map.of("host", "web-1"), AT.plusSeconds(60), AT, "0a1b",
      LogEvent.of("space again"));

  private GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

  private AlertMail mail() {
    server.start();
    return AlertMail.to("ops@example.org").from("Logs <logs@example.org>").over("127.0.0.1", server.getSmtp().getPort()).property("mail.smtp.localhost", "test");
  }

  @AfterEach void stops() {
    server.stop();
  }

  private MimeMessage received(int n) {
    return server.getReceivedMessages()[n];
  }

  @Test void sendsTheBeginningAndTheEndAsOneThread() throws Exception {
    AlertMail mail = mail();
    mail.fired(ALERT);
    mail.resolved(OVER);
    assertThat(server.getReceivedMessages()).hasSize(2);
    assertThat(received(0).getSubject()).isEqualTo("[page] disk full firing web-1");
    assertThat(received(1).getSubject()).isEqualTo("[page] disk full resolved web-1");
    assertThat(received(0).getFrom()[0]).hasToString("Logs <logs@example.org>");
    assertThat(received(0).getContentType()).containsIgnoringCase("text/plain; charset=UTF-8");
    assertThat(received(0).getContent().toString()).contains("since 2026-11-19T09:59:00Z, at 2026-11-19T10:00:00Z", "no space", "left on /\u00e4", "\"free\":3");
    assertThat(received(0).getMessageID()).isEqualTo("<0a1b.1@logstream.alert>");
    assertThat(received(1).getMessageID()).isEqualTo("<0a1b.2@logstream.alert>");
    assertThat(received(0).getHeader("References")).isEqualTo(received(1).getHeader("References"));
    assertThat(received(0).getSentDate().toInstant()).isEqualTo(AT);
    assertThat(received(0).getHeader("Auto-Submitted")).containsExactly("auto-generated");
  }

  @Test void fillsSubjectAndBodyAndLetsNoLineOfALogBecomeAHeader() throws Exception {
    AlertMail mail = mail().subject("{{message}} {{fields.free}} \u00e4\u20ac {{fields.none}}").body("{{key.host}}:\n.\n{{message}}\nFrom here");
    mail.fired(new FiredAlert("a", Severity.INFO, FiredAlert.State.FIRING, Map.of("host", "web-1"), AT, AT, "x", LogEvent.of("evil\r\nBcc: all@example.org\r\n\r\n" + "x".repeat(2_000))
        .put("free", 3)));
    assertThat(received(0).getSubject()).startsWith("evil  Bcc: all@example.org").hasSize(200);
    assertThat(received(0).getHeader("Bcc")).isNull();
    assertThat(received(0).getAllRecipients()).hasSize(1);
    assertThat(received(0).getContent().toString().replace("\r\n", "\n")).startsWith("web-1:\n.\nevil\nBcc: all@example.org\n\nxxx").endsWith("x\nFrom here");
  }

  @Test void putsSeveralIntoOneMailAndKeepsItToASizeThatMailServersTake() throws Exception {
    AlertMail mail = mail().body("{{name}} {{state}} {{message}}");
    mail.told(List.of(ALERT, OVER));
    assertThat(received(0).getSubject()).isEqualTo("[page] disk full firing web-1, and 1 more");
    assertThat(received(0).getContent().toString()).contains("disk full firing no space", "-----", "disk full resolved space again");
    List<FiredAlert> many = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      many.add(new FiredAlert("a", Severity.INFO, FiredAlert.State.FIRING, Map.of(), AT, AT, "i" + i, LogEvent.of("y".repeat(40_000))));
    }
    mail.told(many);
    assertThat(received(1).getSize()).isBetween(1_000_000, 1_100_000);
    assertThat(received(1).getContent().toString()).endsWith("and 469 more");
  }

  @Test void gathersWhatComesWithinATime() throws Exception {
    TestClock clock = TestClock.at(AT);
    Fed lines = new Fed();
    Alert alert = Alert.named("bad").when(field("message").startsWith("bad")).notify(mail().gathering(Duration.ofSeconds(30)).subject("{{message}}").body("{{message}}"));
    try (var run = pipeline(lines, alert).inline(clock)) {
      lines.add("bad 1", "good", "bad 2");
      run.work();
      clock.advance(Duration.ofSeconds(20));
      lines.add("bad 3");
      run.work();
      assertThat(server.getReceivedMessages()).isEmpty();
      assertThat(run.ledger().stage("bad/notify").held()).isEqualTo(3);
      clock.advance(Duration.ofSeconds(10));
      run.work();
      assertThat(server.getReceivedMessages()).hasSize(1);
      assertThat(received(0).getSubject()).isEqualTo("bad 1, and 2 more");
      lines.add("bad 4");
      run.work();
      run.close();
      assertThat(received(1).getSubject()).as("the end of the run waits for nobody").isEqualTo("bad 4");
      assertThat(run.ledger().stage("bad/notify").absorbed()).isEqualTo(4);
      assertThat(run.ledger().imbalances()).isEmpty();
    }
  }

  private static Pipeline pipeline(Fed lines, Alert alert) {
    return LogStream.named("p").from(lines).then("steps", Stage.each(e -> { })).to(alert).build();
  }

  @Test void sendsALaterMailWhenTheServerIsThereAgain() throws Exception {
    AlertMail mail = mail();
    int port = server.getSmtp().getPort();
    server.stop();
    TestClock clock = TestClock.at(AT);
    Fed lines = new Fed().add("bad 1", "bad 2");
    Alert alert = Alert.named("bad").when(field("message").startsWith("bad")).notify(mail.subject("{{message}}").retrying(new Retry(5, Duration.ofSeconds(1), Duration.ofSeconds(8))));
    try (var run = pipeline(lines, alert).inline(clock)) {
      run.work();
      clock.advance(Duration.ofSeconds(1));
      run.work();
      assertThat(run.ledger().stage("bad/notify").held()).isEqualTo(2);
      server = new GreenMail(new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
      server.start();
      clock.advance(Duration.ofSeconds(2));
      run.work();
      assertThat(server.getReceivedMessages()).hasSize(2);
      assertThat(received(0).getSubject()).isEqualTo("bad 1");
      run.close();
      assertThat(run.metrics()).containsEntry("bad/notify.retries", 2L);
      assertThat(run.ledger().imbalances()).isEmpty();
    }
  }

  @Test void logsInOverAnEncryptedConnectionOnly() throws Exception {
    server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS));
    server.setUser("logs@example.org", "bob", "s3cret");
    server.start();
    AlertMail mail = AlertMail.to("ops@example.org").over("127.0.0.1", server.getSmtps().getPort()).tls().login("bob", "s3cret");
    assertThatThrownBy(() -> mail.fired(ALERT)).as("the certificate is checked").isInstanceOf(IOException.class).hasMessageContaining("127.0.0.1").hasMessageContaining("certif")
        .satisfies(e -> assertThat(mail.isFinal((Exception) e)).isFalse());
    AlertMail trusting = mail.property("mail.smtp.ssl.trust", "*").property("mail.smtp.ssl.checkserveridentity", "false");
    trusting.fired(ALERT);
    assertThat(server.getReceivedMessages()).hasSize(1);
    IOException refused = catchThrowableOfType(IOException.class, () -> trusting.login("bob", "wr0ng").fired(ALERT));
    assertThat(refused).hasMessageEndingWith("refuses the login");
    assertThat(refused.toString() + refused.getCause() + trusting).doesNotContain("bob").doesNotContain("wr0ng").doesNotContain("s3cret");
    assertThat(trusting.isFinal(refused)).isTrue();
  }

  @Test void sendsNoPasswordToAServerThatDoesNotEncrypt() {
    AlertMail mail = mail();
    server.setUser("bob", "s3cret");
    assertThatThrownBy(() -> mail.login("bob", "s3cret").fired(ALERT)).isInstanceOf(IOException.class).hasMessageContaining("STARTTLS").hasMessageContaining("127.0.0.1")
        .extracting(Throwable::toString).asString().doesNotContain("s3cret");
    assertThatThrownBy(() -> mail.startTls().fired(ALERT)).isInstanceOf(IOException.class).hasMessageContaining("STARTTLS");
    assertThat(server.getReceivedMessages()).isEmpty();
  }

  @Test void toldOthersWhenTheServerRefusesOneOfThem() throws Exception {
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger("io.logstream.alert");
    logged.start();
    logger.addAppender(logged);
    try (Server strange = new Server(to -> to.contains("gone") ? "550 no such user" : "250 ok")) {
      AlertMail.to("gone@example.org", "ops@example.org").over("127.0.0.1", strange.port()).fired(ALERT);
      assertThat(strange.said).contains("RCPT TO:<gone@example.org>", "RCPT TO:<ops@example.org>", "DATA");
      assertThat(logged.list).singleElement().extracting(ILoggingEvent::getFormattedMessage).asString().contains("does not take mail for gone@example.org (550 no such user)");
    } finally {
      logger.detachAppender(logged);
    }
  }

  @Test void knowsARefusalFromAServerThatIsBusy() throws Exception {
    try (Server strange = new Server(to -> to.contains("gone") ? "550 no such user" : "451 try later")) {
      AlertMail gone = AlertMail.to("gone@example.org").over("127.0.0.1", strange.port());
      assertThatThrownBy(() -> gone.fired(ALERT)).hasMessage("mail server 127.0.0.1:" + strange.port() + " does not take mail for gone@example.org (550 no such user)")
          .satisfies(e -> assertThat(gone.isFinal((Exception) e)).isTrue());
      AlertMail busy = AlertMail.to("ops@example.org").over("127.0.0.1", strange.port());
      assertThatThrownBy(() -> busy.fired(ALERT)).hasMessageContaining("451 try later").satisfies(e -> assertThat(busy.isFinal((Exception) e)).isFalse());
    }
  }

  @Test void doesNotWaitForAServerThatSaysNothing() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      AlertMail mail = AlertMail.to("ops@example.org").over("127.0.0.1", silent.getLocalPort()).within(Duration.ofMillis(200));
      assertThatThrownBy(() -> mail.fired(ALERT)).isInstanceOf(IOException.class).hasMessageContaining("127.0.0.1:" + silent.getLocalPort());
    }
  }

  @Test void refusesWhatCannotWork() {
    assertThatThrownBy(AlertMail::to).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least one");
    assertThatThrownBy(() -> AlertMail.to("nobody")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("was 'nobody'");
    assertThatThrownBy(() -> AlertMail.to("a@b.c\nBcc: d@e.f")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AlertMail.to("a@b.c", "a@b.c")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("twice");
    assertThatThrownBy(() -> AlertMail.to("a@b.c").from("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AlertMail.to("a@b.c").over("", 25)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AlertMail.to("a@b.c").over("x", 0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("was 'x' and 0");
    assertThatThrownBy(() -> AlertMail.to("a@b.c").gathering(Duration.ofDays(1))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AlertMail.to("a@b.c").within(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
  }

  /** Lines that a test gives as it goes. */
  private static final class Fed implements Source {
    private final Deque<String> lines = new ArrayDeque<>();
    private long given;

    Fed add(String... more) {
      lines.addAll(List.of(more));
      return this;
    }

    @Override
    public Reader open(SourceContext context) {
      return batch -> {
        if (lines.isEmpty()) {
          return Reader.Found.NOTHING;
        }
        batch.begin(context.log("lines", Map.of()), "");
        while (!lines.isEmpty()) {
          batch.line(lines.remove(), given, ++given);
        }
        return Reader.Found.SOMETHING;
      };
    }
  }

  /** A server that takes or refuses recipients as told. */
  private static final class Server implements AutoCloseable {
    final List<String> said = java.util.Collections.synchronizedList(new ArrayList<>());
    private final ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    private final Thread thread;

    Server(UnaryOperator<String> answer) throws IOException {
      thread = new Thread(() -> {
        while (!socket.isClosed()) {
          try (Socket one = socket.accept()) {
            serve(one, answer);
          } catch (IOException e) {
            // the next one, or the end
          }
        }
      }, "smtp");
      thread.start();
    }

    int port() {
      return socket.getLocalPort();
    }

    private void serve(Socket one, UnaryOperator<String> answer) throws IOException {
      BufferedReader in = new BufferedReader(new InputStreamReader(one.getInputStream(), StandardCharsets.UTF_8));
      Writer out = new java.io.OutputStreamWriter(one.getOutputStream(), StandardCharsets.UTF_8);
      out.write("220 strange\r\n");
      out.flush();
      boolean data = false;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (data) {
          data = !line.equals(".");
          if (data) {
            continue;
          }
          out.write("250 taken\r\n");
        } else {
          said.add(line);
          data = line.equals("DATA");
          out.write((line.startsWith("RCPT") ? answer.apply(line) : data ? "354 go on" : "250 ok") + "\r\n");
        }
        out.flush();
      }
    }

    @Override
    public void close() throws Exception {
      socket.close();
      thread.join();
    }
  }
}
