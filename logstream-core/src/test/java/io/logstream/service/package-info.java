/** Tests with real servers: {@code mvn -Pservices verify}; what they need is installed by {@code .ci/run}. */
package io.logstream.service;
