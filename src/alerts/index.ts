/** Alerts for findings that are new, back or raised: what they say, where they go, and that none is lost. */
export { type AlertMessage, alertLine, alertsOf } from './alert.ts'
export { type Delivered, limits, openOutbox, type RecordBuffer } from './outbox.ts'
export { syslogMessage } from './syslog.ts'
export { type Target, targetOf } from './targets.ts'
