package io.logstream.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What is looked for before anything is read or written: whether brokers answer, and whether they have the topics. */
public final class Brokers {
  private static final Pattern SERVER = Pattern.compile("[^\\s,]*[^\\s,:]:\\d{1,5}");

  private Brokers() {}

  /**
   * Returns the addresses of brokers as they are, {@code host:port}, with commas between.
   *
   * @throws IllegalArgumentException if they are something else
   */
  public static String servers(String hostsAndPorts) {
    for (String server : hostsAndPorts.split(",", -1)) {
      if (!SERVER.matcher(server.strip()).matches()) {
        throw new IllegalArgumentException("servers(..) takes host:port, with commas between, was '" + hostsAndPorts + "'");
      }
    }
    return hostsAndPorts;
  }

  /**
   * Asks the brokers for topics and returns how many partitions each has, in the order given.
   *
   * @param settings of Kafka's clients, such as those for security
   * @param within how long an answer is waited for
   * @throws IllegalStateException if no broker answers in time, the login is refused, or a topic does not exist, in words that tell what to do
   */
  public static Map<String, Integer> partitions(String servers, Map<String, String> settings, Duration within, Collection<String> topics) {
    int millis = Math.toIntExact(Math.min(Integer.MAX_VALUE, within.toMillis()));
    Map<String, Object> asking = new HashMap<>(settings);
    asking.put("bootstrap.servers", servers(servers));
    asking.put("default.api.timeout.ms", millis);
    asking.put("request.timeout.ms", millis);
    try (Admin admin = Admin.create(asking)) {
      long until = System.nanoTime() + Topics.LOOKS_AGAIN_NANOS;
      Map<String, Integer> found = new LinkedHashMap<>();
      admin.listTopics(new ListTopicsOptions().timeoutMs(millis)).names().get();
      for (String topic : topics) {
        Integer count = count(admin, topic, millis);
        while (count == null && System.nanoTime() < until) {
          LockSupport.parkNanos(Topics.PAUSE_NANOS);
          count = count(admin, topic, millis);
        }
        if (count == null) {
          throw Topics.missing(topic, servers, admin.listTopics(new ListTopicsOptions().timeoutMs(millis)).names().get());
        }
        found.put(topic, count);
      }
      return found;
    } catch (ExecutionException e) {
      throw Topics.unreachable(servers, within.toString(), e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause()));
    } catch (KafkaException e) {
      throw Topics.unreachable(servers, within.toString(), e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static Integer count(Admin admin, String topic, int millis) throws ExecutionException, InterruptedException {
    try {
      return admin.describeTopics(Set.of(Topics.check(topic)), new DescribeTopicsOptions().timeoutMs(millis)).allTopicNames().get().get(topic).partitions().size();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return null;
      }
      throw e;
    }
  }
}
