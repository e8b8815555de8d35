/**
 * Tells someone when a condition begins to hold and when it ends. Start at {@link io.logstream.alert.Alert}: a sink, made of a rule that
 * runs on the trunk and notifiers that run behind outboxes. {@link io.logstream.alert.AlertNotifier} is what a way of telling
 * implements, {@link io.logstream.alert.FiredAlert} what it is told.
 */
package io.logstream.alert;
