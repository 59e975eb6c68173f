/**
 * Joins the modules of `dist/` into a few files for the package: to find and load four hundred takes longer than a small
 * analysis. Packages stay packages. The files lie one folder deep, as the modules did that look for others from where they
 * are: lists, workers, the manifest and the pages.
 */
import { cpSync } from 'node:fs'
import { build } from 'vite'

await build({
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: true,
    target: 'node22',
    outDir: 'dist/bundle',
    minify: false,
    rollupOptions: {
      input: {
        main: 'dist/cli/main.js',
        'page-thread': 'dist/cli/page-thread.js',
        'decode-worker': 'dist/capture/pcap/decode-worker.js',
        receiver: 'dist/capture/collector/receiver.js',
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
})
cpSync('src/knowledge/lists', 'dist/bundle/lists', { recursive: true })
