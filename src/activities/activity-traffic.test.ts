import { expect, it } from 'vitest'
import type { Activity } from '../model/activity.ts'
import { activityTrafficOf } from './activity-traffic.ts'

const activity = (type: string, traits: string[]) =>
  ({ host: '10.0.0.5', type, traits }) as unknown as Activity
const ports = (n: number) => Array.from({ length: n }, (_, i) => `tcp/${i + 1}`)

it('takes the mail of a spammer and the ports of a scan for activities', () => {
  expect(activityTrafficOf([activity('spam', ['198.51.100.7'])]).map(({ port }) => port)).toEqual([
    25, 465, 587,
  ])
  expect(activityTrafficOf([activity('scan', ['tcp/445', '10.1.0.0/16', 'udp/137'])])).toEqual([
    { host: '10.0.0.5', proto: 'tcp', port: 445 },
    { host: '10.0.0.5', proto: 'udp', port: 137 },
  ])
})

it('takes no port of a scan over more than eight, nor of a download', () => {
  expect(activityTrafficOf([activity('scan', ports(8))])).toHaveLength(8)
  expect(activityTrafficOf([activity('scan', ports(9))])).toEqual([])
  expect(activityTrafficOf([activity('download', ['tcp/80'])])).toEqual([])
})
