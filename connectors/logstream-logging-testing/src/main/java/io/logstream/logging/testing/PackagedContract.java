package io.logstream.logging.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as it is published, configured by a file, in a process of its own: on the class path and on the module path. */
@Tag("packaged")
public abstract class PackagedContract {
  private static final Path JAR = Path.of(System.getProperty("logstream.jar", "missing"));
  private static final List<String> CORE = List.of("logstream-core", "disruptor", "slf4j-api", "jackson-core", "sketches-java");
  private static final String PROGRAM = """
      package app;

      import io.logstream.LogStream;
      import io.logstream.RunningPipeline;
      import io.logstream.Sink;

      public final class Program {
        public static void main(String[] args) {
          LOGGERS.getLogger(Program.class).warn("early {}", 1);
          RunningPipeline run = LogStream.named("p").from(SOURCE.appender("LOGSTREAM"))
              .to(Sink.each(e -> System.out.println("got " + e.text("level") + " " + e.message() + " of " + e.text("logger")))).build().start();
          LOGGERS.getLogger(Program.class).error("late {}", 2);
          run.close();
          System.out.println(run.ledger().balances() ? "balanced" : "not balanced");
        }
      }
      """;

  private final String module;
  private final String frameworksModule;
  private final List<String> jars;
  private final String program;
  private final String file;
  private final String configuration;

  @TempDir Path dir;

  /**
   * With what is said in each framework's words.
   *
   * @param source whose module is named like its package
   * @param loggers the class whose {@code getLogger} gives a logger
   * @param frameworksModule the module of that class
   * @param jars how the names of the framework's jars begin
   * @param file where the framework looks for its configuration
   * @param configuration with an appender LOGSTREAM at the root logger, for INFO and above
   */
  protected PackagedContract(Class<?> source, String loggers, String frameworksModule, List<String> jars, String file, String configuration) {
    module = source.getPackageName();
    this.frameworksModule = frameworksModule;
    this.jars = Stream.concat(CORE.stream(), jars.stream()).toList();
    program = PROGRAM.replace("SOURCE", source.getName()).replace("LOGGERS", loggers);
    this.file = file;
    this.configuration = configuration;
  }

  /** The jars of this process, with the one under test in place of the classes it is made from. */
  private List<Path> jars() {
    List<Path> found = new ArrayList<>(List.of(JAR));
    for (String entry : OwnProcess.classPath().split(File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.endsWith(".jar") && jars.stream().anyMatch(name::startsWith)) {
        found.add(Path.of(entry));
      }
    }
    return found;
  }

  private static String path(List<Path> paths) {
    return String.join(File.pathSeparator, paths.stream().map(Path::toString).toList());
  }

  private Path compiled(List<Path> with, boolean asModule) throws IOException {
    Path sources = Files.createDirectories(dir.resolve("src/app"));
    Files.writeString(sources.resolve("Program.java"), program);
    Path classes = dir.resolve("classes");
    List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), asModule ? "-p" : "-cp", path(with), sources.resolve("Program.java").toString()));
    if (asModule) {
      Files.writeString(dir.resolve("src/module-info.java"), "module app { requires " + module + "; requires io.logstream.core; requires " + frameworksModule + "; }");
      arguments.add(dir.resolve("src/module-info.java").toString());
    }
    assertThat(ToolProvider.findFirst("javac").orElseThrow().run(System.out, System.err, arguments.toArray(String[]::new))).isZero();
    Files.writeString(classes.resolve(file), configuration);
    return classes;
  }

  private void works(boolean asModule, String... started) throws Exception {
    List<Path> all = jars();
    all.add(compiled(all, asModule));
    List<String> arguments = new ArrayList<>(List.of(asModule ? "-p" : "-cp", path(all)));
    arguments.addAll(List.of(started));
    assertThat(OwnProcess.run(arguments)).containsExactly("got WARN early 1 of app.Program", "got ERROR late 2 of app.Program", "balanced");
  }

  @Test
  void worksOnTheClassPath() throws Exception {
    works(false, "app.Program");
  }

  @Test
  void worksOnTheModulePath() throws Exception {
    works(true, "--add-modules", "com.lmax.disruptor", "-m", "app/app.Program");
  }

  @Test
  void theJarNamesItsModule() throws IOException {
    try (JarFile jar = jar()) {
      assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name")).isEqualTo(module);
    }
  }

  /** The jar under test. */
  protected static JarFile jar() throws IOException {
    return new JarFile(JAR.toFile());
  }
}
