/** What the A-plane saw as traffic, so that the C-plane can leave it out. */
import type { Activity } from '../model/activity.ts'

/** A port that a host used for an activity. */
export interface ActivityTraffic {
  readonly host: string
  readonly proto: string
  readonly port: number
}

const mailPorts = ['tcp/25', 'tcp/465', 'tcp/587']

/** Ports that hosts used for what the A-plane saw them do. A scan over many ports says nothing of any one of them. */
export function activityTrafficOf(activities: readonly Activity[]): ActivityTraffic[] {
  const portsOf = ({ type, traits }: Activity) => {
    if (type === 'spam') return mailPorts
    const ports = type === 'scan' ? traits.filter((trait) => /^(tcp|udp)\/\d+$/.test(trait)) : []
    return ports.length <= 8 ? ports : []
  }
  return activities.flatMap((activity) =>
    portsOf(activity).map((text) => {
      const [proto = '', port] = text.split('/')
      return { host: activity.host, proto, port: Number(port) }
    }),
  )
}
