/**
 * Watches for something and tells someone. Start at {@link io.logstream.alert.Alert}: a sink, made of a rule that runs on the trunk and notifiers that
 * run behind outboxes. {@link io.logstream.alert.AlertRules} is a sink of many, read from files as well. {@link io.logstream.alert.AlertNotifier} is what a
 * way of telling implements, {@link io.logstream.alert.FiredAlert} what it is told; {@link io.logstream.alert.AlertWebhook}, {@link
 * io.logstream.alert.AlertCommand} and {@link io.logstream.alert.Zabbix} are supplied. {@link io.logstream.alert.AlertJournal} keeps all of it on disk, {@link
 * io.logstream.alert.Silences} say what nobody is told for now.
 */
package io.logstream.alert;
