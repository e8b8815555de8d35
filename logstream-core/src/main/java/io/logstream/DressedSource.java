package io.logstream;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A source with stages and fields of its own: those that belong to it, and those it was given. */
record DressedSource(Source bare, List<Stage> stages, Map<String, Object> fields) implements Source {
  DressedSource {
    if (!bare.stages().isEmpty()) {
      List<Stage> all = new ArrayList<>(bare.stages());
      all.addAll(stages);
      stages = List.copyOf(all);
    }
    if (bare instanceof DressedSource inner) {
      Map<String, Object> together = new LinkedHashMap<>(inner.fields);
      together.putAll(fields);
      fields = Map.copyOf(together);
      bare = inner.bare;
    }
  }

  static DressedSource of(Source source) {
    return source instanceof DressedSource dressed ? dressed : new DressedSource(source, List.of(), Map.of());
  }

  /** The same stages and fields over another source. */
  DressedSource over(Source other) {
    return new DressedSource(other, stages, fields);
  }

  @Override
  public Reader open(SourceContext context) {
    return bare.open(context);
  }

  @Override
  public boolean acknowledges() {
    return bare.acknowledges();
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = bare.fieldUse();
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      use = use.yields(field.getKey(), FieldUse.Type.of(field.getValue()));
    }
    return use;
  }

  @Override
  public FileUse fileUse() {
    return bare.fileUse();
  }

  @Override
  public Duration outOfOrder() {
    return bare.outOfOrder();
  }

  @Override
  public Instant since() {
    return bare.since();
  }

  @Override
  public String name() {
    return bare.name();
  }
}
