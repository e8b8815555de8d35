package io.logstream.jmh;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a comparison has found, as a file of JSON from which {@link Charts} draws: less is better. Written only where {@code
 * -Dlogstream.results=DIR} says where to.
 *
 * @param title what was compared
 * @param unit of the values
 * @param command how to get it again
 * @param machine on which it was measured
 * @param jdk that ran it
 * @param date of the day
 * @param bars the contenders, in order
 */
record Results(String title, String unit, String command, String machine, String jdk, String date, List<Bar> bars) {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** One contender: the median of its rounds, the least and the most. */
  record Bar(String name, boolean ours, double value, double least, double most) {}

  static Results of(String title, String unit, String command) {
    return new Results(title, unit, command, thisMachine(), System.getProperty("java.vm.name") + " " + Runtime.version(), LocalDate.now().toString(), new ArrayList<>());
  }

  Results bar(String name, boolean ours, double... rounds) {
    double[] sorted = rounds.clone();
    Arrays.sort(sorted);
    bars.add(new Bar(name, ours, rounded(sorted[sorted.length / 2]), rounded(sorted[0]), rounded(sorted[sorted.length - 1])));
    return this;
  }

  private static double rounded(double value) {
    return Double.parseDouble(String.format(Locale.ROOT, "%.4g", value));
  }

  void write(String name) throws IOException {
    String dir = System.getProperty("logstream.results");
    if (dir != null) {
      Files.createDirectories(Path.of(dir));
      Path file = Path.of(dir, name + ".json");
      Files.writeString(file, JSON.writeValueAsString(this) + "\n", StandardCharsets.UTF_8);
      System.out.println(file + " written; java -cp jmh/target/benchmarks.jar io.logstream.jmh.Charts draws it");
    }
  }

  static Results read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), Results.class);
  }

  private static String thisMachine() {
    String model = System.getProperty("os.arch");
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      model = lines.filter(line -> line.startsWith("model name")).findFirst().map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(model);
    } catch (IOException e) {
      // not Linux: the architecture must do
    }
    return Runtime.getRuntime().availableProcessors() + " x " + model;
  }
}
