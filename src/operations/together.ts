/** Work that was asked for at the same time, done at once. */
type Work<Item, Result> = (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>

interface Waiting<Item, Result> {
  item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

/**
 * Takes items one by one and does the work of all that have come meanwhile, `most` at most, in one go: what comes alone is done at once,
 * and the more there is to do the less each costs. Never two goes at a time.
 * @param work says what became of each, in their order; when it fails, all have
 */
export function together<Item, Result>(work: Work<Item, Result>, most: number): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = []
  let busy = false
  const goOn = async (): Promise<void> => {
    busy = true
    while (waiting.length > 0) {
      await nextTurn() // what has arrived meanwhile is to come along
      await settle(work, waiting.splice(0, most))
    }
    busy = false
  }
  return item =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!busy) void goOn()
    })
}

async function settle<Item, Result>(work: Work<Item, Result>, batch: readonly Waiting<Item, Result>[]): Promise<void> {
  try {
    const results = await work(batch.map(({ item }) => item))
    for (const [index, { resolve, reject }] of batch.entries()) {
      const result = results[index]!
      if (result.status === 'fulfilled') resolve(result.value)
      else reject(result.reason)
    }
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
