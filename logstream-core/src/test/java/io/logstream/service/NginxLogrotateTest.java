package io.logstream.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.file.FileTail;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** nginx serves requests, logrotate rotates its access log, and every request served is an event received, once. */
@Tag("service")
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NginxLogrotateTest {
  private static final int ROTATIONS = 6;
  private static final int BETWEEN = 400;
  private static final int MOST = 50_000;

  @TempDir Path dir;
  private final int port = RealProgram.freePort();
  private final List<String> received = Collections.synchronizedList(new ArrayList<>());

  private RealProgram nginx() throws IOException {
    String program = RealProgram.needs("nginx", "nginx-light");
    Path config = Files.writeString(dir.resolve("nginx.conf"), """
        daemon off;
        worker_processes 1;
        %s
        pid %s/nginx.pid;
        error_log %s/error.log;
        events { worker_connections 64; }
        http {
          log_format short '$request $status';
          access_log %s/access.log short;
          client_body_temp_path %s/body; proxy_temp_path %s/proxy; fastcgi_temp_path %s/fastcgi; uwsgi_temp_path %s/uwsgi; scgi_temp_path %s/scgi;
          keepalive_requests 1000000;
          server { listen 127.0.0.1:%d; location / { return 204; } }
        }
        """.formatted("root".equals(System.getProperty("user.name")) ? "user root;" : "", dir, dir, dir, dir, dir, dir, dir, dir, port));
    RealProgram nginx = RealProgram.start(dir, program, "-p", dir.toString(), "-c", config.toString());
    nginx.await("nginx listens", () -> {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return true;
    });
    return nginx;
  }

  private String[] logrotate(String ways) throws IOException {
    Path config = Files.writeString(dir.resolve("logrotate.conf"), """
        %s/access.log {
          rotate 50
          %s
          postrotate
            kill -USR1 $(cat %s/nginx.pid)
          endscript
        }
        """.formatted(dir, ways.replace(' ', '\n'), dir));
    return new String[] {RealProgram.needs("logrotate", "logrotate"), "--force", "--state", dir.resolve("rotated").toString(), config.toString()};
  }

  /** Asks for one thing after the other until it is told to stop, on one connection; can be made to pause. */
  private final class Load implements AutoCloseable {
    final AtomicInteger served = new AtomicInteger();
    private final AtomicReference<Throwable> failed = new AtomicReference<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Object turn = new Object();
    private final Thread thread = new Thread(this::ask, "load");

    private void ask() {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setTcpNoDelay(true);
        while (!ended.get() && served.get() < MOST) {
          synchronized (turn) {
            socket.getOutputStream().write(("GET /item/" + served.get() + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            answer(socket.getInputStream());
            served.incrementAndGet();
          }
          LockSupport.parkNanos(50_000);
        }
      } catch (IOException | RuntimeException e) {
        failed.set(e);
      }
    }

    private void answer(InputStream in) throws IOException {
      for (int ends = 0; ends < 4; ) {
        int c = in.read();
        if (c < 0) {
          throw new IOException("the server has closed the connection");
        }
        ends = c == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : 0;
      }
    }

    void await(RealProgram nginx, int requests) {
      nginx.await(requests + " requests", () -> served.get() >= requests || failed.get() != null);
      assertThat(failed.get()).isNull();
    }

    @Override
    public void close() throws InterruptedException {
      ended.set(true);
      thread.join();
    }
  }

  private Pipeline pipeline() {
    return LogStream.named("access").from(FileTail.of(dir.resolve("access.log"))).to(Sink.each(e -> received.add(e.message()))).build()
        .checkpointIn(dir.resolve("state")).checkpointEvery(Duration.ofMillis(100));
  }

  @ParameterizedTest
  @CsvSource({"create", "create compress", "create compress delaycompress", "copytruncate", "copytruncate compress delaycompress"})
  void everyRequestServedIsAnEventReceived(String ways) throws Exception {
    String[] rotate = logrotate(ways);
    try (RealProgram nginx = nginx(); Load load = new Load()) {
      load.thread.start();
      RunningPipeline running = pipeline().start();
      try {
        for (int i = 1; i <= ROTATIONS; i++) {
          load.await(nginx, i * BETWEEN);
          rotate(rotate, load, ways.contains("copytruncate"));
          if (i == ROTATIONS / 2) {
            int before = load.served.get(); // what the server wrote to a file that is already compressed is gone if nobody has read it
            nginx.await(before + " events", () -> received.size() >= before);
            running.close();
            assertThat(running.ledger().balances()).isTrue();
            running = pipeline().start();
          }
        }
        load.await(nginx, (ROTATIONS + 1) * BETWEEN);
        load.close();
        nginx.await(load.served + " events", () -> received.size() >= load.served.get());
        assertThat(List.copyOf(received)).isEqualTo(IntStream.range(0, load.served.get()).mapToObj(i -> "GET /item/" + i + " HTTP/1.1 204").toList());
        assertThat(running.ledger().imbalances()).isEmpty();
        assertThat(running.ledger().unread()).isEmpty();
      } finally {
        running.close();
      }
    }
  }

  /** What is written between the copy and the truncation is lost whoever reads it, so the load pauses where a file is copied. */
  private void rotate(String[] command, Load load, boolean copies) throws IOException, InterruptedException {
    if (copies) {
      synchronized (load.turn) {
        RealProgram.run(dir, command);
      }
    } else {
      RealProgram.run(dir, command);
    }
  }
}
