/** Benchmarks, each a question with a baseline in the same run and an answer that is checked. */
package io.logstream.jmh;
