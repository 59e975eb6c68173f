/** The log of a service: one JSON object a line, on the error output. */
import { plainJson } from '../../reports/plain-json.ts'
import { say } from '../say.ts'

type Fields = Readonly<Record<string, unknown>>

export interface Log {
  info(component: string, message: string, fields?: Fields): void
  error(component: string, message: string, fields?: Fields): void
}

const line =
  (level: string) =>
  (component: string, message: string, fields: Fields = {}): void =>
    say(plainJson({ time: new Date().toISOString(), level, component, message, ...fields }))

export const createLog = (): Log => ({ info: line('info'), error: line('error') })
