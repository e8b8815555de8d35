/** Alerts by mail: {@link io.logstream.mail.AlertMail} is a notifier that sends them over SMTP. */
package io.logstream.mail;
