/**
 * One head and nodes on shaped links, with Luna's seeder and client and with what others use, one after the other in one run: when the last
 * node is done, what left the head, and what it cost. Needs root.
 *
 *   node bench/swarm.ts [--json FILE] [--engine NAME]... [NODES ...]     1 8 24; 48 is reported, not judged
 *
 * Exit status: 0 all goals are met, 1 one is missed or an engine failed, 2 wrong usage, 3 none is missed, but the machine was too busy to
 * judge all of them.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Engine } from './swarm/engine.ts'
import { aria2 } from './swarm/engines/aria2.ts'
import { curl } from './swarm/engines/curl.ts'
import { libtorrent } from './swarm/engines/libtorrent.ts'
import { luna } from './swarm/engines/luna.ts'
import { udpcast } from './swarm/engines/udpcast.ts'
import { type Goal, judge, judgePrediction } from './swarm/goals.ts'
import { makeImage } from './swarm/image.ts'
import { measure } from './swarm/measure.ts'
import { type Prediction, predict } from './swarm/prediction.ts'
import { printGoals, printPredictions, printRows } from './swarm/report.ts'
import { extrapolate, figuresOf, type Row } from './swarm/row.ts'
import { findScale, measuredNodeCounts, mostNodes, type Scale, unshapedScales } from './swarm/scale.ts'
import { makeDirectory, removeLeftovers, touchMemory } from './swarm/scene.ts'

const engines: readonly Engine[] = [luna, libtorrent, aria2, curl, udpcast]

const usage = `usage: node bench/swarm.ts [--json FILE] [--engine ${engines.map(({ name }) => name).join('|')}]... [NODES ...]`

function parse() {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: 'string' }, engine: { type: 'string', multiple: true } },
      allowPositionals: true,
    })
    const names = values.engine ?? engines.map(({ name }) => name)
    const chosen = engines.filter(({ name }) => names.includes(name))
    const nodeCounts = positionals.length > 0 ? positionals.map(Number) : measuredNodeCounts
    const wrong = nodeCounts.some(count => !Number.isInteger(count) || count < 1 || count > mostNodes)
    if (wrong || chosen.length < new Set(names).size) throw new Error(usage)
    if (process.getuid?.() !== 0) throw new Error("network namespaces are root's to make; run it as root")
    return { chosen, nodeCounts, json: values.json }
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}

/** All engines that are measured with that many nodes. @param earlier rows from which others are extrapolated */
async function runAll(chosen: readonly Engine[], scale: Scale, earlier: readonly Row[], stop: AbortSignal) {
  const rows: Row[] = []
  const directory = makeDirectory()
  try {
    const image = await makeImage(directory, scale)
    touchMemory(directory, scale.nodes * scale.sizeBytes)
    for (const engine of chosen.filter(({ fits }) => fits?.(scale) ?? true))
      try {
        const measured = await measure(engine, scale, image, stop)
        rows.push({ engine: engine.name, scale, figures: figuresOf(scale, measured) })
      } catch (error) {
        stop.throwIfAborted()
        rows.push({ engine: engine.name, scale, failure: (error as Error).message })
      }
  } finally {
    rmSync(directory, { recursive: true })
  }
  for (const { name, copyForEach } of chosen) {
    const from = earlier.findLast(row => row.engine === name && row.figures?.ratio)
    if (copyForEach && from && !rows.some(row => row.engine === name)) rows.push(extrapolate(from, scale))
  }
  return rows
}

const { chosen, nodeCounts, json } = parse()
removeLeftovers()
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(new Error(signal)))

const rows: Row[] = []
const goals: Goal[] = []
const predictions: Prediction[] = []
try {
  for (const scale of [...nodeCounts.map(findScale), ...unshapedScales]) {
    const present = await runAll(chosen, scale, rows, stop.signal)
    rows.push(...present)
    printRows(present)
    goals.push(...judge(present))
  }
} catch (error) {
  console.error(`ended by ${(error as Error).message}`)
  process.exit(1)
}
const ours = rows.filter(row => row.engine === 'luna' && row.figures?.ratio !== undefined)
const one = ours.find(row => row.scale.nodes === 1)
for (const row of one ? ours.filter(other => other !== one) : []) {
  const prediction = predict(one!, row)
  predictions.push(prediction)
  goals.push(judgePrediction(prediction, row))
}
printPredictions(predictions)
printGoals(goals)
if (json) writeFileSync(json, `${JSON.stringify({ rows, predictions, goals }, null, 2)}\n`)
const failed = rows.some(({ failure }) => failure !== undefined) || goals.some(({ met }) => met === false)
process.exitCode = failed ? 1 : goals.some(({ met }) => met === undefined) ? 3 : 0
