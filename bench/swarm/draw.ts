/**
 * Draws how the time of the last node grows with the number of nodes: what was measured, and what was simulated of Luna's beyond.
 *
 *   node bench/swarm.ts --json MEASURED; node bench/swarm-curve.ts --json SIMULATED 8 24 72 300 2000
 *   node bench/swarm/draw.ts MEASURED SIMULATED >docs/swarm-curve.svg
 */
import { readFileSync } from 'node:fs'
import type { CurveRun } from '../swarm-curve.ts'
import { type Drawing, drawChart } from './draw-chart.ts'
import type { Row } from './row.ts'

const [measuredPath, simulatedPath] = process.argv.slice(2)
if (!measuredPath || !simulatedPath) {
  console.error('usage: node bench/swarm/draw.ts MEASURED.json SIMULATED.json')
  process.exit(2)
}
const { rows } = JSON.parse(readFileSync(measuredPath, 'utf8')) as { rows: Row[] }
const simulated = JSON.parse(readFileSync(simulatedPath, 'utf8')) as CurveRun[]

const gigabyte = simulated.filter(({ sizeBytes }) => sizeBytes === 1e9)
const curve = gigabyte.map(({ nodes, ring }) => ({ x: nodes, y: ring.ratio }))

const colours: Record<string, string> = {
  luna: '#0a7d55',
  libtorrent: '#3566c8',
  aria2: '#b8860b',
  udpcast: '#8a4fbf',
  curl: '#c0392b',
}
const labels: Record<string, string> = { luna: 'Luna', curl: 'curl from nginx' }
const shaped = rows.filter(({ figures }) => figures?.ratio !== undefined)
const drawing: Drawing = {
  title: 'When the last node has the image, in times that one copy takes',
  x: { label: 'nodes', most: 2000, ticks: [1, 8, 24, 72, 300, 2000] },
  y: { label: '', most: 32, ticks: [1, 2, 4, 8, 16, 32] },
  series: Object.entries(colours).map(([name, colour]) => ({
    name: labels[name] ?? name,
    colour,
    points: shaped
      .filter(({ engine }) => engine === name)
      .map(({ scale, figures, extrapolatedFrom }) => ({
        x: scale.nodes,
        y: figures!.ratio!,
        reckoned: extrapolatedFrom !== undefined,
      })),
    dashed: name === 'luna' ? curve : [],
  })),
  note: 'points: measured; hollow: extrapolated; dashed: Luna simulated, 1 GB at 1 Gbit/s, without headers and start-up',
}
process.stdout.write(drawChart(drawing))
