package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever gives null to a factory, or to a word of a description, is told which argument of what may not be null. */
class NullArgumentsTest {
  /** What is called for each event, or by those who write stages and sources: null is their programming error, and costs them no check. */
  private static final Set<String> FOR_IMPLEMENTERS = Set.of("io.logstream.LogEvent", "io.logstream.PushRing", "io.logstream.Numbers", "io.logstream.appender.BufferedIntake", "io.logstream.appender.Terms",
      "io.logstream.match.Clause", "io.logstream.Nearest", "io.logstream.match.Words", "io.logstream.kafka.Brokers");

  private final Map<Class<?>, Optional<Object>> samples = new HashMap<>();
  private final Set<Class<?>> underWay = new HashSet<>();

  @Test void areRefusedWithTheirNames() throws Exception {
    Set<String> bare = new TreeSet<>();
    int tried = 0;
    for (Class<?> type : published()) {
      for (Executable made : callables(type)) {
        Object on = made instanceof Method method && !Modifier.isStatic(method.getModifiers()) ? sample(type) : null;
        if (made instanceof Method method && !Modifier.isStatic(method.getModifiers()) && on == null) {
          continue;
        }
        Object[] arguments = arguments(made);
        if (arguments == null) {
          continue;
        }
        for (int i = 0; i < arguments.length; i++) {
          if (made.getParameterTypes()[i].isPrimitive()) {
            continue;
          }
          tried++;
          Object[] given = arguments.clone();
          given[i] = null;
          try {
            call(made, on, given);
          } catch (NullPointerException e) {
            if (e.getMessage() == null || e.getMessage().startsWith("Cannot ")) {
              bare.add(made + ", argument " + i + ": " + e);
            }
          } catch (Exception e) {
            // said in another way
          }
        }
      }
    }
    assertThat(bare).isEmpty();
    assertThat(tried).isGreaterThan(400);
  }

  private static List<Class<?>> published() throws IOException, ClassNotFoundException {
    List<Class<?>> types = new ArrayList<>();
    for (Modules.Module module : Modules.published()) {
      Path classes = module.folder().resolve("target/classes");
      if (module.isBom() || !Files.isDirectory(classes) || !onClassPath(classes)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(classes)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".class") && !f.toString().contains("-info") && !f.toString().contains("META-INF")).sorted().toList()) {
          String name = classes.relativize(file).toString().replace('/', '.').replaceFirst("\\.class$", "");
          Class<?> type = Class.forName(name, false, NullArgumentsTest.class.getClassLoader());
          if (Modifier.isPublic(type.getModifiers()) && !FOR_IMPLEMENTERS.contains(name) && (type.getEnclosingClass() == null || Modifier.isPublic(type.getEnclosingClass().getModifiers()))) {
            types.add(type);
          }
        }
      }
    }
    return types;
  }

  private static boolean onClassPath(Path classes) throws IOException {
    try (Stream<Path> files = Files.walk(classes)) {
      Path some = files.filter(file -> file.toString().endsWith(".class") && !file.toString().contains("-info")).findFirst().orElseThrow();
      return NullArgumentsTest.class.getClassLoader().getResource(classes.relativize(some).toString()) != null;
    }
  }

  /** Factories, constructors, and words: methods that give the type they are of. */
  private static List<Executable> callables(Class<?> type) {
    List<Executable> all = new ArrayList<>();
    if (!Modifier.isAbstract(type.getModifiers()) && !type.isRecord()) {
      all.addAll(Arrays.asList(type.getConstructors()));
    }
    for (Method method : type.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic() && !method.getName().equals("valueOf") && (Modifier.isStatic(method.getModifiers()) || method.getReturnType() == type)) {
        all.add(method);
      }
    }
    return all;
  }

  private static Object call(Executable made, Object on, Object[] arguments) throws Exception {
    try {
      return made instanceof Constructor<?> constructor ? constructor.newInstance(arguments) : ((Method) made).invoke(on, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  private Object[] arguments(Executable made) {
    Object[] arguments = new Object[made.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = sample(made.getGenericParameterTypes().length == arguments.length ? made.getGenericParameterTypes()[i] : made.getParameterTypes()[i]);
      if (arguments[i] == null) {
        return null;
      }
    }
    return arguments;
  }

  private Object sample(Type of) {
    if (of instanceof ParameterizedType generic) {
      Type inner = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == List.class || generic.getRawType() == Collection.class || generic.getRawType() == Iterable.class || generic.getRawType() == Set.class) {
        Object one = sample(inner);
        return one == null ? null : generic.getRawType() == Set.class ? Set.of(one) : List.of(one);
      }
      if (generic.getRawType() == Map.class) {
        Object key = sample(inner);
        Object value = sample(generic.getActualTypeArguments()[1]);
        return key == null || value == null ? null : Map.of(key, value);
      }
      return sample(generic.getRawType());
    }
    if (!(of instanceof Class<?> type)) {
      return "x";
    }
    if (samples.containsKey(type)) {
      return samples.get(type).orElse(null);
    }
    Object made = made(type);
    if (!underWay.contains(type)) {
      samples.put(type, Optional.ofNullable(made));
    }
    return made;
  }

  private Object made(Class<?> type) {
    Map<Class<?>, Object> plain = Map.ofEntries(Map.entry(String.class, "x"), Map.entry(CharSequence.class, "x"), Map.entry(Object.class, "x"), Map.entry(Path.class, Path.of("x")),
        Map.entry(int.class, 2), Map.entry(long.class, 2L), Map.entry(double.class, 0.5), Map.entry(boolean.class, true), Map.entry(char.class, 'x'), Map.entry(byte.class, (byte) 1),
        Map.entry(Duration.class, Duration.ofMinutes(1)), Map.entry(Instant.class, Instant.EPOCH), Map.entry(ZoneId.class, ZoneOffset.UTC), Map.entry(Locale.class, Locale.ROOT),
        Map.entry(Charset.class, StandardCharsets.UTF_8), Map.entry(Pattern.class, Pattern.compile("x")), Map.entry(URI.class, URI.create("http://127.0.0.1:1/x")),
        Map.entry(InstantSource.class, InstantSource.fixed(Instant.EPOCH)), Map.entry(Number.class, 1L), Map.entry(LocalTime.class, LocalTime.NOON), Map.entry(Map.class, Map.of()), Map.entry(List.class, List.of()));
    if (plain.containsKey(type)) {
      return plain.get(type);
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    if (type.isArray()) {
      Object one = sample(type.getComponentType());
      Object array = one == null ? null : Array.newInstance(type.getComponentType(), 1);
      if (array != null) {
        Array.set(array, 0, one);
      }
      return array;
    }
    if (!underWay.add(type)) {
      return null;
    }
    try {
      for (Executable made : factories(type)) {
        Object[] arguments = arguments(made);
        if (arguments != null) {
          try {
            return call(made, null, arguments);
          } catch (Exception e) {
            // another one
          }
        }
      }
    } finally {
      underWay.remove(type);
    }
    return type.isInterface() ? Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> method.isDefault() ? java.lang.reflect.InvocationHandler.invokeDefault(proxy, method, given)
        : method.getName().equals("toString") ? "made" : method.getName().equals("hashCode") ? 1 : method.getName().equals("equals") ? proxy == given[0] : null) : null;
  }

  private static List<Executable> factories(Class<?> type) {
    List<Executable> all = new ArrayList<>();
    for (Executable made : callables(type)) {
      if (made instanceof Constructor || Modifier.isStatic(made.getModifiers()) && type.isAssignableFrom(((Method) made).getReturnType())) {
        all.add(made);
      }
    }
    return all;
  }
}
