/**
 * What the appenders of all logging frameworks share: the process's own log as a source. A connector turns its framework's event into a
 * {@link io.logstream.appender.LoggedEvent}, which an {@link io.logstream.appender.Intake} takes; {@link io.logstream.appender.LoggerSource}
 * is what its source extends. Here are the rules of living inside somebody else's logger: nobody waits longer than was said, nothing is thrown
 * into the application, nothing that a pipeline itself logs comes back to it, and what could not be taken is counted.
 */
package io.logstream.appender;
