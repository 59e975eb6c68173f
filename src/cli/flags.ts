import { type AnalysisOptions, defaults, paper } from '../config.ts'
import { UserError } from '../errors.ts'
import type { Severity } from '../model/finding.ts'

export interface DatabaseFlags {
  db?: string
  url?: string
  cluster?: string
}

export interface RetentionFlags {
  /** Microseconds. */
  keep?: number
  /** Bytes. */
  maxDisk?: number
  /** Microseconds. */
  keepAggregates?: number
  /** Microseconds. */
  keepFindings?: number
}

export interface ImportFlags {
  format?: string
  map?: string[]
  profile?: string
  saveProfile?: string
  acceptRejects?: boolean
  sampled?: 'refuse' | 'scale'
}

export interface DecisionsFlags extends DatabaseFlags {
  decisions?: string
}

export interface OutputFlags extends DecisionsFlags {
  json?: boolean
  html?: string
  csv?: string
  limit?: number
  verbose?: boolean
  failOn?: Severity
}

export interface AnalysisFlags {
  internal?: string[]
  allow?: string[]
  threats?: string[]
  mailServers?: string[]
  scanners?: string[]
  sensitivity?: AnalysisOptions['sensitivity']
  epochHours?: number
  /** Microseconds. */
  last?: number
  minFlows?: number
  threshold?: number
  set?: Record<string, number>
  paper?: boolean
  f1: boolean
  f2: boolean
  f3: boolean
  models?: string
  alpha?: number
  minHits?: number
  mmdb?: string[]
  popularity?: string
  seed?: number
}

/** The flags over the defaults of the mode. */
export function optionsOf(flags: AnalysisFlags): AnalysisOptions {
  const base = flags.paper ? paper : defaults

  const given = {
    internal: flags.internal,
    allow: flags.allow,
    threats: flags.threats,
    mailServers: flags.mailServers,
    scanners: flags.scanners,
    sensitivity: flags.sensitivity,
    epochHours: flags.epochHours,
    last: flags.last,
    minFlows: flags.minFlows,
    threshold: flags.threshold,
    rules: flags.set,
    models: flags.models,
    alpha: flags.alpha,
    minHits: flags.minHits,
    mmdb: flags.mmdb,
    popularity: flags.popularity,
    seed: flags.seed,
  }

  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

  return { ...base, ...chosen, f1: base.f1 && flags.f1, f2: base.f2 && flags.f2, f3: base.f3 && flags.f3 }
}

/** Where the records are: a folder, a server, or the cluster of that name. */
export type Place = { readonly db: string } | { readonly url: string; readonly cluster?: string }

/** @throws UserError option-invalid when both or neither are given. */
export function databaseOf({ db, url, cluster }: DatabaseFlags): Place {
  if (db && url) throw new UserError('option-invalid', '--db and --url are both given', 'Give one of them.')
  if (cluster && !url)
    throw new UserError('option-invalid', '--cluster needs --url', 'Give --url the addresses of its nodes.')
  if (url) return { url, ...(cluster ? { cluster } : {}) }
  if (db) return { db }
  throw new UserError(
    'option-invalid',
    'no database is given',
    'Give --db FOLDER, or --url of a ClickHouse server.',
  )
}
