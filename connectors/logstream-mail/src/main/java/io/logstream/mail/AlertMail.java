package io.logstream.mail;

import io.logstream.alert.AlertNotifier;
import io.logstream.alert.FiredAlert;
import io.logstream.alert.Retry;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.slf4j.LoggerFactory;

/**
 * Sends alerts by mail: {@code AlertMail.to("ops@example.org").from("logs@example.org").over("smtp.example.org", 587)}. A mail is plain text in UTF-8, made of {@link
 * #subject} and {@link #body}, and sent for the beginning and for the end of a firing. With {@link #gathering(Duration)} alerts that come within a time go into one
 * mail: with the subject of the first, and how many more there are, one body below the other.
 *
 * <p>A mail that is sent again after a crash has the same {@code Message-ID}, made of the alert's id and number; the mails of one firing belong to one thread. Its
 * {@code Date} is the event time of its last alert, and it says {@code Auto-Submitted: auto-generated}, so that no absent reader's program answers.
 *
 * <p>The connection is encrypted if the server offers it (STARTTLS); {@link #login} demands it, and so does {@link #startTls}; {@link #tls} speaks TLS from the first
 * byte on. Certificates and names are checked. What goes wrong is said with server, port and the server's answer, never with user or password.
 *
 * <p>A server that cannot be reached or says that it is busy (4xx) is asked again as {@link #retrying} says. A refusal (5xx), also of the login, is final. If it takes
 * some recipients and refuses others, the mail is sent to those, and the log names the others. Immutable; every word returns a new one. Any number of alerts
 * may share it.
 */
public final class AlertMail implements AlertNotifier {
  private static final String SUBJECT = "[{{severity}}] {{name}} {{state}} {{key}}";
  private static final String BODY = """
      {{name}} is {{state}} ({{severity}}) {{key}}
      since {{since}}, at {{at}} {{reason}}

      {{message}}

      {{json}}
      """;
  private static final String PARTING = "\n" + "-".repeat(72) + "\n\n";
  private static final int MOST_SUBJECT = 200;
  private static final int MOST_REFERENCES = 20;
  private static final int MOST_OF_ONE = 32_768;
  private static final int MOST_TEXT = 1_000_000;
  private static final String LOCAL = "@logstream.alert";

  private enum Protection { OFFERED, DEMANDED, FROM_THE_START }

  /** What can be said of it; changed only while a word makes it. */
  private static final class Words implements Cloneable {
    private List<InternetAddress> to;
    private InternetAddress from;
    private String host = "localhost";
    private int port = 25;
    private Protection protection = Protection.OFFERED;
    private String user;
    private String password;
    private String subject = SUBJECT;
    private String body = BODY;
    private Duration gathering = Duration.ZERO;
    private Duration within = Duration.ofSeconds(15);
    private Retry retry = Retry.SIX;
    private Map<String, String> properties = Map.of();

    Words changed(Consumer<Words> change) {
      try {
        Words copy = (Words) clone();
        change.accept(copy);
        return copy;
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final Words words;

  private AlertMail(Words words) {
    this.words = words;
  }

  private AlertMail with(Consumer<Words> change) {
    return new AlertMail(words.changed(change));
  }

  /**
   * Mails to these, by the server at port 25 of this machine unless {@link #over} says another.
   *
   * @throws IllegalArgumentException if there is none, one is no mail address, or one stands there twice
   */
  public static AlertMail to(String... addresses) {
    Objects.requireNonNull(addresses, "addresses of AlertMail.to");
    List<InternetAddress> all = new ArrayList<>();
    for (String one : addresses) {
      InternetAddress address = address(one);
      if (all.contains(address)) {
        throw new IllegalArgumentException("the mail would go to " + address + " twice");
      }
      all.add(address);
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException("AlertMail.to(..) takes at least one mail address");
    }
    Words words = new Words();
    words.to = List.copyOf(all);
    words.from = all.get(0);
    return new AlertMail(words);
  }

  private static InternetAddress address(String text) {
    try {
      InternetAddress address = new InternetAddress(text, true);
      if (address.getAddress().indexOf('@') < 1) {
        throw new AddressException("it has no @");
      }
      return address;
    } catch (AddressException e) {
      throw new IllegalArgumentException("a mail address is something like ops@example.org, was '" + text + "': " + e.getMessage(), e);
    }
  }

  /** Who sends it, the first of those that get it unless said. */
  public AlertMail from(String address) {
    return with(w -> w.from = address(address));
  }

  /** The server that takes the mails. */
  public AlertMail over(String host, int port) {
    if (host.isBlank() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("a mail server has a name and a port from 1 to 65535, was '" + host + "' and " + port);
    }
    return with(w -> {
      w.host = host;
      w.port = port;
    });
  }

  /** Sends nothing over a connection that the server does not encrypt when asked to (STARTTLS). */
  public AlertMail startTls() {
    return with(w -> w.protection = Protection.DEMANDED);
  }

  /** Speaks TLS from the first byte on, as on port 465. */
  public AlertMail tls() {
    return with(w -> w.protection = Protection.FROM_THE_START);
  }

  /** Says who it is, over an encrypted connection only. */
  public AlertMail login(String user, String password) {
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
    return with(w -> {
      w.user = user;
      w.password = password;
    });
  }

  /** The subject, with parts of the alert as in {@link FiredAlert#fill}; line breaks become spaces, and what is beyond 200 characters is left out. */
  public AlertMail subject(String template) {
    Objects.requireNonNull(template, "subject");
    return with(w -> w.subject = template);
  }

  /** The text, with parts of the alert as in {@link FiredAlert#fill}. */
  public AlertMail body(String template) {
    Objects.requireNonNull(template, "body");
    return with(w -> w.body = template);
  }

  /** How long, from the first alert on, others are waited for, to go into the same mail; each is sent at once unless said. */
  public AlertMail gathering(Duration time) {
    if (time.isNegative() || time.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("mails can be gathered for up to an hour, was " + time);
    }
    return with(w -> w.gathering = time);
  }

  /** How long it waits for the server, at each step; 15 seconds unless said. */
  public AlertMail within(Duration time) {
    if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("a mail server is waited for from a millisecond to an hour, was " + time);
    }
    return with(w -> w.within = time);
  }

  /** Whatever else Jakarta Mail can be told, such as {@code mail.smtp.localhost}; it counts more than what the other words say. */
  public AlertMail property(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(words.properties);
    more.put(Objects.requireNonNull(name, "property"), Objects.requireNonNull(value, "value"));
    return with(w -> w.properties = more);
  }

  /** How often it tries; six times in half a minute unless said. */
  @Override
  public AlertMail retrying(Retry how) {
    Objects.requireNonNull(how, "retry");
    return with(w -> w.retry = how);
  }

  @Override
  public Retry retry() {
    return words.retry;
  }

  @Override
  public Duration gathering() {
    return words.gathering;
  }

  @Override
  public void fired(FiredAlert alert) throws IOException {
    told(List.of(alert));
  }

  @Override
  public void resolved(FiredAlert alert) throws IOException {
    told(List.of(alert));
  }

  @Override
  public void told(List<FiredAlert> alerts) throws IOException {
    Session session = Session.getInstance(properties());
    try {
      MimeMessage mail = mail(session, alerts);
      Transport transport = session.getTransport();
      try {
        transport.connect(words.host, words.port, words.user, words.password);
        transport.sendMessage(mail, mail.getAllRecipients());
      } finally {
        close(transport);
      }
    } catch (MessagingException e) {
      String refused = refusedRecipients(e);
      if (!refused.isEmpty() && e instanceof SendFailedException sent && sent.getValidSentAddresses() != null && sent.getValidSentAddresses().length > 0) {
        LoggerFactory.getLogger("io.logstream.alert").warn("{} does not take mail for {}; others got it", this, refused);
      } else if (e instanceof AuthenticationFailedException) {
        throw new Refused(this + " refuses the login", null); // what it says may hold the user's name
      } else {
        String problem = this + (refused.isEmpty() ? ": " + saidBy(e) : " does not take mail for " + refused);
        throw isRefusal(e) ? new Refused(problem, e) : new IOException(problem, e);
      }
    }
  }

  /** A mail that was taken is not sent again because the farewell fails. */
  private static void close(Transport transport) {
    try {
      transport.close();
    } catch (MessagingException e) {
      // the connection is gone all the same
    }
  }

  private Properties properties() {
    String millis = Long.toString(words.within.toMillis());
    Properties all = new Properties();
    all.put("mail.transport.protocol", "smtp");
    all.put("mail.smtp.connectiontimeout", millis);
    all.put("mail.smtp.timeout", millis);
    all.put("mail.smtp.writetimeout", millis);
    all.put("mail.smtp.sendpartial", "true");
    all.put("mail.smtp.quitwait", "false");
    all.put("mail.smtp.auth", Boolean.toString(words.user != null));
    all.put("mail.smtp.ssl.enable", Boolean.toString(words.protection == Protection.FROM_THE_START));
    all.put("mail.smtp.ssl.checkserveridentity", "true");
    all.put("mail.smtp.starttls.enable", Boolean.toString(words.protection != Protection.FROM_THE_START));
    all.put("mail.smtp.starttls.required", Boolean.toString(words.protection == Protection.DEMANDED || words.protection == Protection.OFFERED && words.user != null));
    all.putAll(words.properties);
    return all;
  }

  // ---------------------------------------------------------------- the mail

  private MimeMessage mail(Session session, List<FiredAlert> alerts) throws MessagingException {
    FiredAlert first = alerts.get(0);
    FiredAlert last = alerts.get(alerts.size() - 1);
    String id = "<" + local(first.id()) + "." + first.number() + (alerts.size() == 1 ? "" : "." + local(last.id()) + "." + last.number()) + LOCAL + ">";
    MimeMessage mail = new MimeMessage(session) {
      @Override
      protected void updateMessageID() throws MessagingException {
        setHeader("Message-ID", id);
      }
    };
    mail.setFrom(words.from);
    mail.setRecipients(Message.RecipientType.TO, words.to.toArray(Address[]::new));
    mail.setSubject(subject(first) + (alerts.size() == 1 ? "" : ", and " + (alerts.size() - 1) + " more"), StandardCharsets.UTF_8.name());
    mail.setSentDate(Date.from(last.at()));
    mail.setHeader("Auto-Submitted", "auto-generated");
    mail.setHeader("References", alerts.stream().map(FiredAlert::id).distinct().limit(MOST_REFERENCES).map(one -> "<" + local(one) + LOCAL + ">").collect(Collectors.joining("\r\n ")));
    mail.setText(text(alerts), StandardCharsets.UTF_8.name());
    return mail;
  }

  /** An id as it may stand in a header. */
  private static String local(String id) {
    return id.replaceAll("[^A-Za-z0-9]", "-");
  }

  private String subject(FiredAlert alert) {
    String line = alert.fill(words.subject).codePoints().map(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? ' ' : c).limit(MOST_SUBJECT)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    return line.strip();
  }

  private String text(List<FiredAlert> alerts) {
    StringBuilder text = new StringBuilder();
    int told = 0;
    for (FiredAlert alert : alerts) {
      if (text.length() > MOST_TEXT) {
        return text.append(PARTING).append("and ").append(alerts.size() - told).append(" more").toString();
      }
      String one = alert.fill(words.body);
      text.append(told++ == 0 ? "" : PARTING).append(one, 0, Math.min(one.length(), MOST_OF_ONE)).append(one.length() > MOST_OF_ONE ? " ..\n" : "");
    }
    return text.toString();
  }

  // ---------------------------------------------------------------- what went wrong

  /** An answer that will not become better. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String message, Throwable cause) {
      super(message, cause);
    }
  }

  @Override
  public boolean isFinal(Exception failure) {
    return failure instanceof Refused;
  }

  private static boolean isRefusal(MessagingException e) {
    int[] answers = all(e).mapToInt(AlertMail::answer).filter(code -> code >= 400).toArray();
    return answers.length > 0 && Arrays.stream(answers).allMatch(code -> code >= 500);
  }

  private static int answer(Exception e) {
    if (e instanceof SMTPAddressFailedException recipient) {
      return recipient.getReturnCode();
    }
    if (e instanceof SMTPSenderFailedException sender) {
      return sender.getReturnCode();
    }
    return e instanceof SMTPSendFailedException sent ? sent.getReturnCode() : 0;
  }

  private static Stream<Exception> all(MessagingException e) {
    return Stream.iterate((Exception) e, one -> one != null, one -> one instanceof MessagingException more ? more.getNextException() : null);
  }

  private static String refusedRecipients(MessagingException e) {
    return all(e).filter(SMTPAddressFailedException.class::isInstance).map(one -> ((SMTPAddressFailedException) one).getAddress() + " (" + said(one) + ")").collect(Collectors.joining(", "));
  }

  private static String saidBy(MessagingException e) {
    return all(e).map(AlertMail::said).distinct().collect(Collectors.joining("; "));
  }

  private static String said(Exception e) {
    return String.valueOf(e.getMessage()).strip().replaceAll("\\p{Cntrl}+", " ");
  }

  @Override
  public String toString() {
    return "mail server " + words.host + ":" + words.port;
  }
}
