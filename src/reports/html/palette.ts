/** Colours of the page in light and in dark. `palette.test.ts` holds every pair that meets to WCAG AA. */
export const palette = {
  light: {
    paper: '#ffffff',
    panel: '#f5f6f8',
    ink: '#1b1f24',
    quiet: '#57606a',
    rule: '#d0d7de',
    link: '#0a5bb5',
    accused: '#b3390b',
    cnc: '#7a2aa8',
    rest: '#66707c',
    low: '#0b6472',
    medium: '#875200',
    high: '#b3200e',
  },
  dark: {
    paper: '#14171c',
    panel: '#1e232a',
    ink: '#e8ebef',
    quiet: '#a5afba',
    rule: '#3b434d',
    link: '#79b8ff',
    accused: '#ff9562',
    cnc: '#d6a1ff',
    rest: '#8f9aa6',
    low: '#68c9d8',
    medium: '#e8b04a',
    high: '#ff8f80',
  },
} as const

export type Tint = keyof (typeof palette)['light']
