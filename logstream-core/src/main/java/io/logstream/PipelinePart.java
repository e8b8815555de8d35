package io.logstream;

import java.util.List;

/**
 * A part of a {@linkplain Pipeline#parts pipeline taken apart}. It has sources of the same names and fields as the whole. In every part but the
 * first they are to be replaced, by {@link Pipeline#reading}, by what brings the events that an earlier part gave away, with {@link Batch#event(byte[])}
 * and {@link Batch#reached}. Where a part gives events away it has a sink with the name of the part that they are for, to be replaced by
 * {@link Pipeline#exchangingSinks}.
 *
 * @param name that of its first stage; of the first part, the pipeline's
 * @param by the fields by whose values its events must be brought together; none where it needs them all. Empty for the first part
 * @param from the name of the part that gives it events; null for the first part
 * @param needs the only fields of its events that it looks at, time and origin excepted; null where it may look at all of them
 * @param gives the names of the parts that it gives events to
 * @param pipeline to be run by itself, any number of times side by side
 */
public record PipelinePart(String name, List<String> by, String from, List<String> needs, List<String> gives, Pipeline pipeline) {}
