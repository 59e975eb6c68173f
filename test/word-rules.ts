/** Words that have a standard replacement, and where they are allowed all the same; read by `words.test.ts`. */

interface WordRule {
  readonly avoid: RegExp
  /** What an English-speaking engineer would write. */
  readonly use: string
}

const unit =
  'second|minute|hour|day|week|month|year|host|host-day|packet|flow|call|query|run|member|record|file|machine|network|line|core|event|row|message|name|server|botnet|sample'
const counted =
  '%|\\d|bytes?|bits?|packets|flows|records|calls|alarms|queries|names|rows|hosts|times|connections|events|alerts|messages|lines|servers|points|statements'

export const wordRules: readonly WordRule[] = [
  { avoid: /\b(?:is|are|was|were|be|been) told\b/, use: 'is reported, is detected, is known' },
  { avoid: /\b(?:told|tells?|telling) apart\b/, use: 'distinguished, distinguishes' },
  { avoid: /\b(?:told|tells?|telling) (?:of|nothing)\b/, use: 'reports, describes' },
  { avoid: /\bat hand\b/, use: 'available, present' },
  { avoid: /\blook(?:ed|s) (?:at|into)\b/, use: 'examined, checked' },
  { avoid: /, for (?:it|they|its|most|none|flows)\b/, use: 'because' },
  { avoid: /, else\b/, use: 'otherwise' },
  { avoid: /\bthe house\b/, use: 'the code, the layout' },
  { avoid: /\bsure(?:r|st)\b/, use: 'more certain, most certain' },
  { avoid: /\bmend(?:ed)?\b/, use: 'corrected' },
  { avoid: /\bso many\b/, use: 'the number, N, that many' },
  { avoid: /\btak(?:en|es?|ing) apart\b/, use: 'parsed, dissected' },
  { avoid: /\bof nobody\b/, use: 'without an owner, reserved' },
  { avoid: /\bwhere (?:no|nothing|most|nobody) \w+/, use: 'if' },
  { avoid: /\bof (?:ours|our own|the house)\b/, use: 'built-in, internal' },
  { avoid: /\bfault of ours\b/, use: 'internal error' },
  { avoid: /\bin vain\b/, use: 'unanswered, without success' },
  { avoid: /\bby the clock\b/, use: 'at regular intervals' },
  { avoid: /\bmade[- ]up\b/, use: 'simulated, synthetic, generated' },
  { avoid: /\b(?:under|over|on|at|off|below|above) (?:the|its|their|that|a) lines?\b/, use: 'threshold' },
  { avoid: /\bthe line (?:of \d|was|for|that)\b/, use: 'threshold' },
  { avoid: /\binnocents?\b/, use: 'benign, clean' },
  { avoid: /\bguilty\b/, use: 'malicious' },
  { avoid: /\b(?:keeps?|kept|keeping) up\b/, use: 'persistent connections' },
  { avoid: /\bstrangers?\b/, use: 'external peers, external hosts' },
  { avoid: /\btalkers?\b/, use: 'P2P hosts' },
  { avoid: /\bdeeds?\b/, use: 'activities' },
  { avoid: /\bproving ground\b/, use: 'evaluation suite' },
  { avoid: /\bfurniture\b/, use: 'shared code' },
  { avoid: /\bfrom the same hands\b/, use: 'share an author' },
  { avoid: /\bnot said\b/, use: 'unknown, not given' },
  { avoid: /\bwhat came\b/, use: 'name the thing: packets, records' },
  { avoid: /\bset against\b/, use: 'matched against, compared with' },
  { avoid: /\bforetell|foretold\b/, use: 'predict' },
  { avoid: /\bnobody's\b|\bnobody’s\b/, use: 'reserved, unowned' },
  { avoid: new RegExp(`(?:\\b|(?<=%) ?)(?:${counted}) an? (?:${unit})\\b`), use: 'per' },
  { avoid: /\bunder (?:0\.|1 |\d)/, use: 'below' },
  { avoid: /\bover (?:0\.|\d[\d,.]* (?:%|bytes|digits|MiB|MB|hosts|flows))/, use: 'above, more than' },
]

/** Longest sentence of prose, in words. Code, tables, headings and links' addresses are left out. */
export const longestSentence = 30

/** Highest average of a page, in words. */
export const longestAverage = 16

/** Pages that the rules do not hold yet, each with the reason. Take a page off the list as soon as it passes. */
export const pagesNotHeld: Readonly<Record<string, string>> = {}

/** Files and folders below `src/` whose text the rules do not hold yet, each with the reason. */
export const sourcesNotHeld: Readonly<Record<string, string>> = {}

/** Text that may stay: a quotation, a name, or words that mean something else there. */
export const exceptions: readonly { readonly text: string; readonly reason: string }[] = []
