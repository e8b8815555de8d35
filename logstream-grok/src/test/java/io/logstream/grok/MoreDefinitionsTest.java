package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The definitions of our own, each over lines in the program's usual layout. */
class MoreDefinitionsTest {
  private static Map<String, Object> fields(String name, String line) {
    return Grok.pattern("%{" + name + "}").match(line).orElseThrow(() -> new AssertionError(Grok.pattern("%{" + name + "}").explain(line)));
  }

  @Test
  void readsTheErrorLogOfNginx() {
    assertThat(fields("NGINX_ERRORLOG", "2026/11/21 12:00:00 [error] 31#32: *1 open() \"/srv/x\" failed (2: No such file or directory), client: 10.0.0.1, server: localhost,"
        + " request: \"GET /x HTTP/1.1\", host: \"example.com\"")).containsEntry("level", "error").containsEntry("pid", 31L).containsEntry("connection", 1L)
        .containsEntry("message", "open() \"/srv/x\" failed (2: No such file or directory)").containsEntry("clientip", "10.0.0.1").containsEntry("request", "GET /x HTTP/1.1")
        .containsEntry("host", "example.com");
    assertThat(fields("NGINX_ERRORLOG", "2026/11/21 12:00:00 [notice] 1#1: using the \"epoll\" event method")).containsEntry("message", "using the \"epoll\" event method")
        .doesNotContainKeys("clientip", "connection");
  }

  @Test
  void readsLogbackWithoutAConfiguration() {
    assertThat(fields("LOGBACK_DEFAULT", "12:00:00.123 [pool-1-thread-2] WARN  com.example.Main$Job -- it's late: 7 s")).isEqualTo(
        Map.of("timestamp", "12:00:00.123", "thread", "pool-1-thread-2", "level", "WARN", "logger", "com.example.Main$Job", "message", "it's late: 7 s"));
  }

  @Test
  void readsSpringBootWithAndWithoutAnApplicationName() {
    assertThat(fields("SPRINGBOOT", "2026-11-21T12:00:00.123+01:00  INFO 4711 --- [shop] [           main] com.example.Main                         : Started Main"))
        .containsEntry("application", "shop").containsEntry("thread", "main").containsEntry("pid", 4711L).containsEntry("message", "Started Main");
    assertThat(fields("SPRINGBOOT", "2026-11-21 12:00:00.123 ERROR 1 --- [nio-8080-exec-1] o.a.c.c.C.[.[.[/].[dispatcherServlet]    : Servlet.service() threw"))
        .containsEntry("thread", "nio-8080-exec-1").containsEntry("logger", "o.a.c.c.C.[.[.[/].[dispatcherServlet]").doesNotContainKey("application");
  }

  @Test
  void readsKlog() {
    assertThat(fields("KLOG", "E1121 12:00:00.123456    4711 server.go:17] \"Unable to listen\" err=\"in use\"")).containsEntry("level", "E").containsEntry("thread", 4711L)
        .containsEntry("source", "server.go").containsEntry("line", 17L).containsEntry("message", "\"Unable to listen\" err=\"in use\"");
  }

  @Test
  void readsTheServerLogOfClickHouse() {
    assertThat(fields("CLICKHOUSE_SERVERLOG", "2026.11.21 12:00:00.123456 [ 4711 ] {ab-12} <Error> executeQuery: Code: 62. DB::Exception: Syntax error"))
        .containsEntry("thread", 4711L).containsEntry("query", "ab-12").containsEntry("level", "Error").containsEntry("logger", "executeQuery")
        .containsEntry("message", "Code: 62. DB::Exception: Syntax error");
  }
}
