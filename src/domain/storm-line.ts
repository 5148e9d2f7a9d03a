import type { BadSender } from './bad-pieces.ts'
import { copiesOf, peersPercentOf, reasonsOf, type Storm } from './storm.ts'

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** Bad pieces, and whose they must be. */
export const blameLine = ({ name, others }: BadSender): string =>
  `bad pieces between ${name} and ${others === 1 ? 'another' : `${others} others`}: test the memory of ${name}`

/** A storm in one line, for the journal. */
export function stormLine(storm: Storm): string {
  const { osimage, generation, nodes, unfinished, beganAtMs, endedAtMs, slowest, badSenders } = storm
  const done = unfinished === 0 ? `${nodes} nodes` : `${nodes - unfinished} of ${nodes} nodes`
  const [last] = slowest
  const why = last ? reasonsOf(last, storm).join(', ') : ''
  return [
    `${done} had ${osimage}, generation ${generation}, after ${seconds(endedAtMs - beganAtMs)}`,
    `the head sent ${copiesOf(storm).toFixed(2)} copies, other nodes ${peersPercentOf(storm).toFixed(0)} %`,
    ...(last ? [`last was ${last.node}${why && ` (${why})`}`] : []),
    ...badSenders.map(blameLine),
  ].join('; ')
}
