package io.logstream;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Where the stages of a plan run. A joiner directly behind a source is hoisted into its reader. The leading run of stateless stages
 * is the pass over each batch, source's own stages first; the common ones belong to it only if all sources' own stages do.
 */
final class Layout {
  /** What is done to the events of one source before they reach the common chain. */
  record OfSource(Plan.Then joiner, List<Plan.Then> pass, List<Plan.Then> trunk) {}

  private final List<OfSource> sources = new ArrayList<>();
  private final List<Plan.Then> commonPass = new ArrayList<>();
  private final List<Plan.Step> trunk;
  private final Set<Plan.Then> inPass = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Plan.Then> hoisted = Collections.newSetFromMap(new IdentityHashMap<>());

  private Layout(Plan plan) {
    List<Plan.Step> common = new ArrayList<>(plan.steps());
    boolean noneOwn = plan.sources().stream().allMatch(s -> s.own().isEmpty());
    Plan.Then commonJoiner = noneOwn && common.get(0) instanceof Plan.Then then && hoistable(then.stage()) ? then : null;
    if (commonJoiner != null) {
      common.remove(0);
      hoisted.add(commonJoiner);
    }
    boolean ownRunsInPass = true;
    for (Plan.NamedSource source : plan.sources()) {
      List<Plan.Then> own = new ArrayList<>(source.own());
      Plan.Then joiner = !own.isEmpty() && hoistable(own.get(0).stage()) ? own.remove(0) : commonJoiner;
      if (joiner != null) {
        hoisted.add(joiner);
      }
      List<Plan.Then> pass = leading(own);
      ownRunsInPass &= pass.size() == own.size();
      inPass.addAll(pass);
      sources.add(new OfSource(joiner, pass, List.copyOf(own.subList(pass.size(), own.size()))));
    }
    if (ownRunsInPass) {
      commonPass.addAll(leading(common));
      inPass.addAll(commonPass);
    }
    trunk = List.copyOf(common.subList(commonPass.size(), common.size()));
  }

  private static boolean hoistable(Stage stage) {
    return stage instanceof Joiner joiner && joiner.hoists();
  }

  static Layout of(Plan plan) {
    return new Layout(plan);
  }

  private static List<Plan.Then> leading(List<? extends Plan.Step> steps) {
    List<Plan.Then> leading = new ArrayList<>();
    for (Plan.Step step : steps) {
      if (!(step instanceof Plan.Then then) || !then.stage().stateless()) {
        break;
      }
      leading.add(then);
    }
    return leading;
  }

  OfSource source(int index) {
    return sources.get(index);
  }

  List<Plan.Then> commonPass() {
    return commonPass;
  }

  /** The common chain behind the pass. */
  List<Plan.Step> trunk() {
    return trunk;
  }

  boolean inPass(Plan.Then then) {
    return inPass.contains(then);
  }

  boolean hoisted(Plan.Then then) {
    return hoisted.contains(then);
  }
}
