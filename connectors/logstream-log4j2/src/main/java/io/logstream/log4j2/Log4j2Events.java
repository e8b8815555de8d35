package io.logstream.log4j2;

import io.logstream.appender.Copying;
import io.logstream.appender.Intake;
import io.logstream.appender.LoggedEvent;
import io.logstream.appender.Thrown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.Marker;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.impl.JdkMapAdapterStringMap;
import org.apache.logging.log4j.message.MapMessage;
import org.apache.logging.log4j.message.Message;
import org.apache.logging.log4j.message.ParameterConsumer;
import org.apache.logging.log4j.message.ParameterVisitable;
import org.apache.logging.log4j.message.ReusableMessage;
import org.apache.logging.log4j.util.ReadOnlyStringMap;
import org.apache.logging.log4j.util.StringBuilderFormattable;
import org.apache.logging.log4j.util.TriConsumer;

/**
 * Copies what Log4j logs. Text and values are gathered before an event is claimed, in objects that a thread keeps: types of the JDK only,
 * so that a thread that outlives the application's class loader does not hold it.
 */
final class Log4j2Events implements Copying<LogEvent> {
  private static final int KEPT_CHARS = 8 * 1024;
  private static final ThreadLocal<StringBuilder> TEXT = ThreadLocal.withInitial(() -> new StringBuilder(256));
  private static final ThreadLocal<ArrayList<Object>> VALUES = ThreadLocal.withInitial(ArrayList::new);
  private static final ParameterConsumer<ArrayList<Object>> VALUE = (value, index, to) -> to.add(LoggedEvent.plain(value));
  private static final TriConsumer<String, Object, ArrayList<Object>> NAMED_VALUE = (name, value, to) -> {
    to.add(name);
    to.add(LoggedEvent.plain(value));
  };

  private static final int MOST_MET = 16;

  private final Level waitingFrom;
  private volatile String[] metNames = {};

  Log4j2Events(Level waitingFrom) {
    this.waitingFrom = waitingFrom;
  }

  @Override
  public void copy(LogEvent event, Intake to) {
    Message message = event.getMessage();
    String formatted = null;
    StringBuilder text = null;
    if (message instanceof ReusableMessage && message instanceof StringBuilderFormattable direct) {
      text = TEXT.get();
      text.setLength(0);
      direct.formatTo(text);
    } else {
      formatted = message.getFormattedMessage();
    }
    String template = template(message);
    List<String> markers = names(event.getMarker());
    Thrown thrown = Thrown.of(event.getThrown());
    StackTraceElement caller = to.terms().callers() ? event.getSource() : null;
    ArrayList<Object> values = VALUES.get();
    try {
      parameters(message, values);
      int pairsFrom = values.size();
      if (message instanceof MapMessage<?, ?> map) {
        map.getIndexedReadOnlyStringMap().forEach(NAMED_VALUE, values);
      }
      int contextFrom = values.size();
      context(event.getContextData(), values);
      LoggedEvent copy = to.claim(event.getLevel().isMoreSpecificThan(waitingFrom));
      if (copy == null) {
        return;
      }
      try {
        copy.logged(event.getTimeMillis(), event.getLevel().name(), event.getLoggerName(), event.getThreadName()).template(template).markers(markers)
            .thrown(thrown).caller(caller);
        if (text == null) {
          copy.message(formatted);
        } else {
          copy.message(text);
        }
        for (int i = 0; i < pairsFrom; i++) {
          copy.argument(values.get(i));
        }
        for (int i = pairsFrom; i < contextFrom; i += 2) {
          copy.pair((String) values.get(i), values.get(i + 1));
        }
        for (int i = contextFrom; i < values.size(); i += 2) {
          copy.context((String) values.get(i), values.get(i + 1));
        }
        copy.keep();
      } finally {
        to.publish(copy);
      }
    } finally {
      values.clear();
      if (text != null && text.capacity() > KEPT_CHARS) {
        text.setLength(0);
        text.trimToSize();
      }
    }
  }

  /**
   * The names of the thread context and their values. Going through the usual implementation sorts a copy of the names for every event, so
   * those met before are asked for first: mostly there are no others.
   */
  private void context(ReadOnlyStringMap context, ArrayList<Object> values) {
    int names = context.size();
    if (names == 0) {
      return;
    }
    int from = values.size();
    if (context instanceof JdkMapAdapterStringMap) {
      String[] met = metNames;
      for (int i = 0; i < met.length && names > 0; i++) {
        Object value = context.getValue(met[i]);
        if (value != null) {
          values.add(met[i]);
          values.add(value);
          names--;
        }
      }
      if (names == 0) {
        return;
      }
      while (values.size() > from) {
        values.remove(values.size() - 1);
      }
      context.forEach(NAMED_VALUE, values);
      remember(values, from);
    } else {
      context.forEach(NAMED_VALUE, values);
    }
  }

  private synchronized void remember(ArrayList<Object> values, int from) {
    Set<String> all = new LinkedHashSet<>(Arrays.asList(metNames));
    for (int i = from; i < values.size() && all.size() < MOST_MET; i += 2) {
      all.add((String) values.get(i));
    }
    if (all.size() > metNames.length) {
      metNames = all.toArray(String[]::new);
    }
  }

  @SuppressWarnings("deprecation") // there is no other way to the text of a message of any kind before it is formatted
  private static String template(Message message) {
    return message.getFormat();
  }

  private static void parameters(Message message, ArrayList<Object> values) {
    if (message instanceof ParameterVisitable visitable) {
      visitable.forEachParameter(VALUE, values);
      return;
    }
    Object[] parameters = message instanceof MapMessage ? null : message.getParameters();
    for (int i = 0; parameters != null && i < parameters.length; i++) {
      values.add(LoggedEvent.plain(parameters[i]));
    }
  }

  private static List<String> names(Marker marker) {
    if (marker == null) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    add(marker, names);
    return names;
  }

  private static void add(Marker marker, List<String> names) {
    if (!names.contains(marker.getName())) {
      names.add(marker.getName());
      if (marker.hasParents()) {
        for (Marker parent : marker.getParents()) {
          add(parent, names);
        }
      }
    }
  }
}
