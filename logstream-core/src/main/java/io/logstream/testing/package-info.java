/**
 * What tests of pipelines, stages and sinks are made of, without a test framework: {@link io.logstream.testing.PipelineTester} runs
 * the real pipeline on the test's thread with a clock moved by hand, {@link io.logstream.testing.RecordingSink} keeps what it is
 * given, {@link io.logstream.testing.StageContract} checks a stage against the rules that all stages keep, {@link
 * io.logstream.testing.AggregationContract} an aggregation, and {@link io.logstream.testing.AccessLog} and {@link io.logstream.testing.StackTraces} write input that looks real and can be repeated.
 */
package io.logstream.testing;
