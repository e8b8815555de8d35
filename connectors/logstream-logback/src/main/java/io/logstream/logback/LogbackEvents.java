package io.logstream.logback;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import io.logstream.appender.Copying;
import io.logstream.appender.Intake;
import io.logstream.appender.LoggedEvent;
import io.logstream.appender.Thrown;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/** Copies what Logback logs. */
final class LogbackEvents implements Copying<ILoggingEvent> {
  private final int waitingFrom;

  LogbackEvents(Level waitingFrom) {
    this.waitingFrom = waitingFrom.toInt();
  }

  @Override
  public void copy(ILoggingEvent event, Intake to) {
    // what may call the application's code comes first: others wait behind a claimed event
    String message = event.getFormattedMessage();
    Object[] arguments = LoggedEvent.plain(event.getArgumentArray());
    Map<String, String> mdc = event.getMDCPropertyMap();
    List<KeyValuePair> pairs = plain(event.getKeyValuePairs());
    List<String> markers = names(event.getMarkerList());
    Thrown thrown = thrown(event.getThrowableProxy());
    StackTraceElement caller = to.terms().callers() && event.getCallerData().length > 0 ? event.getCallerData()[0] : null;
    LoggedEvent copy = to.claim(event.getLevel().toInt() >= waitingFrom);
    if (copy == null) {
      return;
    }
    try {
      copy.logged(event.getTimeStamp(), event.getLevel().levelStr, event.getLoggerName(), event.getThreadName()).message(message).template(event.getMessage())
          .markers(markers).thrown(thrown).caller(caller);
      for (int i = 0; arguments != null && i < arguments.length; i++) {
        copy.argument(arguments[i]);
      }
      if (mdc != null && !mdc.isEmpty()) {
        mdc.forEach(copy);
      }
      for (int i = 0; i < pairs.size(); i++) {
        copy.pair(pairs.get(i).key, pairs.get(i).value);
      }
      copy.keep();
    } finally {
      to.publish(copy);
    }
  }

  private static List<KeyValuePair> plain(List<KeyValuePair> pairs) {
    if (pairs == null || pairs.isEmpty()) {
      return List.of();
    }
    for (int i = 0; i < pairs.size(); i++) {
      if (!LoggedEvent.isPlain(pairs.get(i).value)) {
        return pairs.stream().map(pair -> new KeyValuePair(pair.key, LoggedEvent.plain(pair.value))).toList();
      }
    }
    return pairs;
  }

  private static List<String> names(List<Marker> markers) {
    if (markers == null || markers.isEmpty()) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    markers.forEach(marker -> add(marker, names));
    return names;
  }

  @SuppressWarnings("deprecation") // there is no other way to the markers that a marker refers to
  private static void add(Marker marker, List<String> names) {
    if (!names.contains(marker.getName())) {
      names.add(marker.getName());
      marker.iterator().forEachRemaining(referred -> add(referred, names));
    }
  }

  private static Thrown thrown(IThrowableProxy proxy) {
    return proxy == null ? null : thrown(proxy, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  private static Thrown thrown(IThrowableProxy proxy, Set<IThrowableProxy> seen) {
    if (!seen.add(proxy) || proxy.isCyclic()) {
      return new Thrown(proxy.getClassName(), "[circular reference]", List.of(), 0, null, List.of());
    }
    List<StackTraceElement> frames = new ArrayList<>();
    StackTraceElementProxy[] proxies = proxy.getStackTraceElementProxyArray();
    for (int i = 0; proxies != null && i < proxies.length; i++) {
      frames.add(proxies[i].getStackTraceElement());
    }
    List<Thrown> suppressed = new ArrayList<>();
    IThrowableProxy[] beside = proxy.getSuppressed();
    for (int i = 0; beside != null && i < beside.length; i++) {
      suppressed.add(thrown(beside[i], seen));
    }
    IThrowableProxy cause = proxy.getCause();
    return new Thrown(proxy.getClassName(), proxy.getMessage(), frames, proxy.getCommonFrames(), cause == null ? null : thrown(cause, seen), suppressed);
  }
}
