package io.logstream.kafka.streams;

import io.logstream.PipelinePart;
import io.logstream.Sink;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a part of a pipeline stands in the topology. What it gives away is numbered: the parts first, then the topics.
 *
 * @param input the topic that it reads; null for the first part, which reads the user's
 * @param store the name of its store
 * @param origins the logs that there are for it, in all tasks
 * @param gives what it gives to other parts, by their names
 * @param writes the numbers of the topics that stand in place of its sinks, by the sinks' names
 * @param sources the numbers of the sources that the logs belong to
 */
record PartPlan(PipelinePart part, String input, String store, List<Origin> origins, Map<String, Gift> gives, Map<String, Integer> writes, Map<Integer, Integer> sources) {
  /** What is given to another part, by which fields, which fields of it (null for all), and how many tasks that part has. */
  record Gift(int number, List<String> by, List<String> only, int tasks) {}

  static PartPlan of(PipelinePart part, String input, String store, List<Origin> origins, Map<String, Gift> gives, List<String> writing) {
    Map<String, Integer> writes = new HashMap<>();
    writing.forEach(sink -> writes.put(sink, gives.size() + writes.size()));
    Map<Integer, Integer> sources = new HashMap<>();
    origins.forEach(origin -> sources.put(origin.id(), origin.source()));
    return new PartPlan(part, input, store, List.copyOf(origins), Map.copyOf(gives), Map.copyOf(writes), Map.copyOf(sources));
  }

  boolean isFirst() {
    return part.from() == null;
  }

  int sourceOf(int origin) {
    return sources.getOrDefault(origin, 0);
  }

  Sink sinkFor(String name, Sink otherwise, Giving.Task task) {
    Gift gift = gives.get(name);
    if (gift != null) {
      return new Giving.ToPart(task, gift);
    }
    Integer topic = writes.get(name);
    return topic == null ? otherwise : new Giving.ToTopic(task, topic);
  }
}
