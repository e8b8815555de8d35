package io.logstream.log4j2;

import io.logstream.appender.Copying;
import io.logstream.appender.Intake;
import io.logstream.appender.LoggedEvent;
import io.logstream.appender.Thrown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  private final Level waitingFrom;

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
      ReadOnlyStringMap context = event.getContextData();
      // the usual one sorts its names, and makes garbage, for every event whose names are gone through in another way
      Map<String, String> plainContext = context instanceof JdkMapAdapterStringMap adapter ? adapter.toMap() : null;
      if (plainContext == null) {
        context.forEach(NAMED_VALUE, values);
      }
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
        if (plainContext != null) {
          plainContext.forEach(copy);
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
