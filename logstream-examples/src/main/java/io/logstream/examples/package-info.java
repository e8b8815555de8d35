/**
 * One class per real use of logstream; README and guide quote them. Begin with {@link io.logstream.examples.FirstPipeline}, go on with {@link
 * io.logstream.examples.NginxLogs}.
 */
package io.logstream.examples;
