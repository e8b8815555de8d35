package io.logstream.index;

/**
 * A part of an index that is let go as a whole: the events that came in within a stretch of time. Immutable.
 *
 * @param name when it begins, {@code 2026-11-20} or {@code 2026-11}, behind the tenant if it is one's; in an index in a directory, the name of its directory
 * @param events how many it holds
 * @param bytes how many bytes it takes, about
 * @param inHeap whether it is in the heap, not in files
 */
public record LogSlice(String name, long events, long bytes, boolean inHeap) {}
