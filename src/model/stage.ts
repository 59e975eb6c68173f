/** The stages of an analysis, in order. Each is a folder of `src/`, named for what comes out of it. */
export const stageNames = [
  'capture',
  'dns',
  'cflows',
  'activities',
  'clusters',
  'correlations',
  'structures',
  'channels',
  'traces',
  'threats',
  'findings',
] as const

export type StageName = (typeof stageNames)[number]
