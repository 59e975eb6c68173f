/** Something the person at the keyboard can fix. Everything else that throws is a bug. */
export class UserError extends Error {
  readonly code: ErrorCode
  /** What to do about it, as one imperative sentence. */
  readonly hint: string

  constructor(code: ErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'UserError'
    this.code = code
    this.hint = hint
  }
}

/** Every code has a heading of the same name in docs/reference/errors.md; a test checks it. */
export const errorCodes = [
  'input-missing',
  'input-unreadable',
  'input-empty',
  'input-unknown-format',
  'input-mostly-rejected',
  'input-damaged',
  'input-unsupported',
  'listen-failed',
  'capture-unavailable',
  'capture-refused',
  'nothing-to-analyse',
  'database-busy',
  'database-missing',
  'database-failed',
  'database-full',
  'disk-full',
  'database-version',
  'server-unreachable',
  'engine-unavailable',
  'option-invalid',
  'scenario-invalid',
  'truth-invalid',
  'overlay-impossible',
  'model-invalid',
  'list-invalid',
  'profile-invalid',
  'config-invalid',
  'decision-invalid',
  'decision-warned',
  'mmdb-unreadable',
  'finding-unknown',
  'statement-invalid',
  'output-failed',
] as const

type ErrorCode = (typeof errorCodes)[number]

/** What the parser of YAML says of a fault, without the place and the excerpt, which its caller gives. */
export const yamlFault = ({ message }: Error): string =>
  message.split('\n')[0]!.replace(/ at line \d+, column \d+:$/, '')
