package io.logstream.log4j2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as it is published, configured by XML, in a process of its own: on the class path and on the module path. */
@Tag("packaged")
class PackagedTest {
  private static final Path JAR = Path.of(System.getProperty("logstream.jar", "missing"));
  private static final String PROGRAM = """
      package app;

      import io.logstream.LogStream;
      import io.logstream.RunningPipeline;
      import io.logstream.Sink;
      import io.logstream.log4j2.Log4j2Source;

      public final class Program {
        public static void main(String[] args) {
          org.apache.logging.log4j.LogManager.getLogger(Program.class).warn("early {}", 1);
          RunningPipeline run = LogStream.named("p").from(Log4j2Source.appender("LOGSTREAM"))
              .to(Sink.each(e -> System.out.println("got " + e.text("level") + " " + e.message() + " of " + e.text("logger")))).build().start();
          org.apache.logging.log4j.LogManager.getLogger(Program.class).error("late {}", 2);
          run.close();
          System.out.println(run.ledger().balances() ? "balanced" : "not balanced");
        }
      }
      """;

  @TempDir Path dir;

  /** The jars of this process, with the one under test in place of the classes it is made from. */
  private static List<Path> jars() {
    List<Path> jars = new ArrayList<>(List.of(JAR));
    for (String entry : System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")).split(File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.endsWith(".jar") && Stream.of("logstream-core", "disruptor", "slf4j-api", "jackson-core", "sketches-java", "log4j-api", "log4j-core").anyMatch(name::startsWith)) {
        jars.add(Path.of(entry));
      }
    }
    return jars;
  }

  private static String path(List<Path> paths) {
    return String.join(File.pathSeparator, paths.stream().map(Path::toString).toList());
  }

  private Path compiled(List<Path> jars, boolean module) throws IOException {
    Path sources = Files.createDirectories(dir.resolve("src/app"));
    Files.writeString(sources.resolve("Program.java"), PROGRAM);
    Path classes = dir.resolve("classes");
    List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), module ? "-p" : "-cp", path(jars), sources.resolve("Program.java").toString()));
    if (module) {
      Files.writeString(dir.resolve("src/module-info.java"), "module app { requires io.logstream.log4j2; requires io.logstream.core; requires org.apache.logging.log4j; }");
      arguments.add(dir.resolve("src/module-info.java").toString());
    }
    assertThat(ToolProvider.findFirst("javac").orElseThrow().run(System.out, System.err, arguments.toArray(String[]::new))).isZero();
    Files.writeString(classes.resolve("log4j2.xml"), """
        <Configuration>
          <Appenders><Logstream name="LOGSTREAM"/></Appenders>
          <Loggers><Root level="INFO"><AppenderRef ref="LOGSTREAM"/></Root></Loggers>
        </Configuration>
        """);
    return classes;
  }

  private static List<String> run(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java"));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return said.lines().toList();
  }

  @Test
  void worksOnTheClassPath() throws Exception {
    List<Path> jars = jars();
    List<Path> all = new ArrayList<>(jars);
    all.add(compiled(jars, false));
    assertThat(run(List.of("-cp", path(all), "app.Program"))).containsExactly("got WARN early 1 of app.Program", "got ERROR late 2 of app.Program", "balanced");
  }

  @Test
  void worksOnTheModulePath() throws Exception {
    List<Path> jars = jars();
    List<Path> all = new ArrayList<>(jars);
    all.add(compiled(jars, true));
    assertThat(run(List.of("-p", path(all), "--add-modules", "com.lmax.disruptor", "-m", "app/app.Program"))).containsExactly("got WARN early 1 of app.Program", "got ERROR late 2 of app.Program", "balanced");
  }

  @Test
  void theJarNamesItsModuleAndHoldsTheDescriptorByWhichLog4jFindsTheAppender() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name")).isEqualTo("io.logstream.log4j2");
      assertThat(jar.getEntry("META-INF/org/apache/logging/log4j/core/config/plugins/Log4j2Plugins.dat")).isNotNull();
    }
  }
}
