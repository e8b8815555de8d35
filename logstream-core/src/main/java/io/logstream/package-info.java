/**
 * Pipelines over log events: begin at {@link io.logstream.LogStream}. What a user builds ({@link io.logstream.Source}, {@link
 * io.logstream.Stage}, {@link io.logstream.Sink}, {@link io.logstream.Pipeline}) is an immutable description; what runs is made from it
 * for every run ({@link io.logstream.Reader}, {@link io.logstream.Processor}), belongs to one thread, and dies with the run.
 *
 * <p>Whoever writes a stage of his own needs {@link io.logstream.Stage}, {@link io.logstream.Processor}, {@link
 * io.logstream.Emitter} and {@link io.logstream.LogEvent}. The stages that come with the library stand in the packages below.
 */
package io.logstream;
