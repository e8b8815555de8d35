/**
 * Files as sources: {@link io.logstream.file.FileTail} follows a log file, or all files that a pattern names, across rotation,
 * truncation and restart, or reads files once to their end. Begin there; everything else in this package is hidden.
 */
package io.logstream.file;
