/** The metrics of pipelines in a Micrometer registry: {@link io.logstream.micrometer.MicrometerMetering} is given to a pipeline. */
package io.logstream.micrometer;
