/**
 * The last hours of events, searchable while they come in. A {@link io.logstream.index.LogIndex} is opened, given to a pipeline as a
 * sink, and asked with a {@link io.logstream.index.LogQuery} for {@link io.logstream.index.LogHits}, newest first. Start with
 * {@link io.logstream.index.LogIndex#inMemory}. Lucene does the work and is seen nowhere outside this package.
 */
package io.logstream.index;
