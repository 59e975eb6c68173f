import { expect, it } from 'vitest'
import { hours, micros } from '../model/units.ts'
import { raw } from '../store/sql.ts'
import { activityEvidence, type DoneActivity } from './botnets.ts'

const done = (host: string, detector: string, times: number): DoneActivity => ({
  epoch: 0,
  type: 'scan',
  host,
  detector,
  first: micros(0),
  last: hours(1),
  times,
  targets: 40,
  traits: [],
  sample: [],
  flows: ['7'],
  score: times,
  did: 'tried 40 servers',
  recordsOf: (rows) => raw(`records of ${rows.length}`),
  allDid: (hosts) => `tried up to 40 servers each (${hosts} hosts)`,
})

it('counts the connections of a host once, however many rules saw them', () => {
  const rows = [
    done('10.0.0.1', 'failed-connections', 989),
    done('10.0.0.1', 'horizontal-scan', 987),
    done('10.0.0.1', 'scan-rate', 1007),
    done('10.0.0.2', 'failed-connections', 2109),
    done('10.0.0.2', 'scan-rate', 2100),
  ]
  const [evidence] = activityEvidence(rows, 'scan')
  expect(evidence).toMatchObject({
    hosts: ['10.0.0.2', '10.0.0.1'],
    times: 1007 + 2109,
    did: 'tried up to 40 servers each (2 hosts)',
    query: { sql: 'records of 5' },
  })
})

it('gives one host the phrase of one host', () => {
  const [evidence] = activityEvidence([done('10.0.0.1', 'scan-rate', 5)], 'scan')
  expect(evidence).toMatchObject({ hosts: ['10.0.0.1'], times: 5, did: 'tried 40 servers' })
})
