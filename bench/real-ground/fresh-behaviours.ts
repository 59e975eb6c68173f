/**
 * Implants and honest software that were written down after the fit, each drawn three times over the clean office and
 * judged as contacts. Nothing is set on them. Fills a part of docs/method/real-ground.md.
 *
 *     npm run bench -- fresh-behaviours
 */
import { fittedContacts, scoreOf, thresholds } from '../../src/traces/contacts/judge.ts'
import { fillPart, markdownTable, type Row } from '../row.ts'
import { contactGrounds } from '../samples/contact-samples.ts'
import { freshHonest, freshImplants } from '../samples/overlays/fresh.ts'
import { laidOver, type OverlaySample } from '../samples/overlays/grounds.ts'
import { atMost, few } from '../smallest.ts'

const times = atMost(3, 1)

/** The score of its own contact; 0 where it was not among those of the host. */
const scoreIn = ({ own: [first] }: OverlaySample): number =>
  first ? scoreOf(first.features, fittedContacts) : 0
const isAccused = (each: OverlaySample): boolean => scoreIn(each) >= thresholds.normal

export async function run(): Promise<Row[]> {
  const office = contactGrounds().find(({ name }) => name === 'office-background')
  if (!office) throw new RangeError('no office: is ../shared/cases there?')
  const all = await laidOver(office, { implant: few(freshImplants), honest: few(freshHonest) }, times)

  const lines = [...Map.groupBy(all, ({ kind, family }) => `${kind} ${family}`).values()].map((own) => [
    own[0]!.kind === 'implant' ? 'C&C' : 'honest',
    own[0]!.family,
    `${own.filter(isAccused).length} of ${own.length}`,
    own.map((each) => scoreIn(each).toFixed(2)).join(', '),
  ])
  fillPart('real-ground.md', 'fresh', markdownTable(['', 'behaviour', 'accused', 'scores'], lines))

  return (['implant', 'honest'] as const).map((kind) => {
    const own = all.filter((each) => each.kind === kind)
    return {
      name: `fresh behaviours, ${kind}: accused`,
      figure: own.filter(isAccused).length,
      unit: 'cases',
      better: kind === 'implant' ? 'more' : 'less',
      asserted: `of ${own.length}`,
    }
  })
}

if (import.meta.main) console.table(await run())
