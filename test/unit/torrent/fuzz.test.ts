import { expect, test } from 'vitest'
import { targets } from '../../fuzz/targets.ts'
import { randomNumbers } from './random-numbers.ts'

/** A few; `make fuzz` sends millions. */
test.each(['seeder', 'handshake', 'announce', 'torrent'])('rubbish to %s is refused or left aside', name => {
  for (const seed of [1, 2, 3]) {
    const run = targets(randomNumbers(seed))[name]!
    for (let input = 0; input < 5000; input++) expect(run).not.toThrow()
  }
})
