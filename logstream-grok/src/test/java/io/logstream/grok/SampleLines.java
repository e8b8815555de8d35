package io.logstream.grok;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Lines as logs have them, ours and, with {@code -Dlogstream.data=DIR}, those of real logs; and what becomes of lines on bad days. */
final class SampleLines {
  static final List<String> OWN = List.of(
      "83.149.9.216 - - [17/May/2015:10:05:03 +0000] \"GET /a/b.png?x=1&y=%20 HTTP/1.1\" 200 203023 \"http://example.com/\" \"Mozilla/5.0 (X11; Linux)\"",
      "2001:db8::1 - frank [17/May/2015:10:05:03 +0000] \"-\" 408 - \"-\" \"-\"",
      "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=218.188.2.4 ",
      "[Sun Dec 04 04:47:44 2005] [error] mod_jk child workerEnv in error state 6",
      "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38865049064139660 terminating",
      "2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774] - Notification time out: 3200",
      "Jan  9 12:00:01 web-1 haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html HTTP/1.1\"",
      "Feb  6 12:14:14 mail postfix/smtpd[1234]: connect from unknown[192.0.2.7]",
      "[1434353332] SERVICE ALERT: web-1;HTTP;CRITICAL;SOFT;3;Connection refused",
      "%ASA-6-106100: access-list inside denied tcp inside/10.1.1.1(1234) -> outside/8.8.8.8(53) hit-cnt 1 first hit [0x1, 0x2]",
      "at com.example.Main$Inner.run(Main.java:17)",
      "https://user:pw@example.com:8443/path;a=b?q=%C3%A4#frag C:\\Windows\\x.txt /var/log/x.log 00:1A:2b:3c:4D:5e",
      "2026-11-21T12:13:14.567+01:00 3. März 2026, 12.5e3 -17 +0.5 0xDEADBEEF 'it''s' `q` \"a \\\" b\" user@example.com",
      "key=value other=\"quoted value\" n=42 ok=true {\"json\":[1,2,{}]}", "", " ", "a", "\n", "ä", "{}", "-", "word\nsecond line 12\n");

  private static final String[] PIECES = {"ä", "€", "😀", "\n", "\u0301", "\uFFFD", " ", "  ", "\"", "'", "[", "]", "(", ")", "-", ":", ".", "0", "99", "\\", "ñandú", "\t", "=", "%", "K", "ſ"};

  private SampleLines() {}

  /** Every n-th of the real lines; none without them. */
  static List<String> real(int every) throws IOException {
    String dir = System.getProperty("logstream.data", "");
    List<String> lines = new ArrayList<>();
    if (!dir.isEmpty()) {
      try (Stream<Path> files = Files.walk(Path.of(dir))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".log") || f.endsWith("apache_logs")).sorted().toList()) {
          List<String> all = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
          for (int i = 0; i < all.size(); i += every) {
            lines.add(all.get(i));
          }
        }
      }
    }
    return lines;
  }

  /** The line with something taken out, put in, exchanged, cut off, or doubled. */
  static String damaged(String line, Random random) {
    StringBuilder damaged = new StringBuilder(line);
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(damaged.length() + 1);
      int to = Math.min(damaged.length(), at + random.nextInt(4));
      switch (random.nextInt(6)) {
        case 0 -> damaged.delete(at, to);
        case 1 -> damaged.insert(at, PIECES[random.nextInt(PIECES.length)]);
        case 2 -> damaged.replace(at, to, PIECES[random.nextInt(PIECES.length)]);
        case 3 -> damaged.setLength(at);
        case 4 -> damaged.insert(at, damaged.substring(at, to));
        default -> damaged.delete(0, at);
      }
    }
    return damaged.toString();
  }
}
