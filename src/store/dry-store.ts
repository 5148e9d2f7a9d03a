import type { Described, Tell } from '../domain/dry-run.ts'
import { Dumper } from './dump.ts'
import type { Store, Tx } from './store.ts'

/**
 * A store that tells what each write would change, and keeps nothing of it. Its first write begins a transaction that is never committed:
 * everything after sees what was written, until a failure or the end takes it back.
 */
export const createDryStore = (store: Store, tell: Tell): Store => new DryStore(store, tell)

interface Rehearsal {
  tx: Tx
  /** Takes everything back. @returns the error as the store explains it */
  end(error: unknown): Promise<unknown>
}

class DryStore implements Store {
  readonly #store: Store
  readonly #tell: Tell
  readonly #dumper = new Dumper()
  #rehearsal: Rehearsal | undefined

  constructor(store: Store, tell: Tell) {
    this.#store = store
    this.#tell = tell
  }

  read<T>(use: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#rehearsal ? this.#use(this.#rehearsal, use) : this.#store.read(use)
  }

  async write<T>(use: (tx: Tx) => Promise<T>): Promise<T> {
    this.#rehearsal ??= await begin(this.#store)
    return this.#use(this.#rehearsal, async tx => {
      const before = await this.#dumper.dump(tx)
      const result = await use(tx)
      tellChanges(before, await this.#dumper.dump(tx), this.#tell)
      return result
    })
  }

  async close(): Promise<void> {
    await this.#rehearsal?.end(undefined)
    await this.#store.close()
  }

  async #use<T>(rehearsal: Rehearsal, use: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await use(rehearsal.tx)
    } catch (error) {
      this.#rehearsal = undefined
      throw await rehearsal.end(error)
    }
  }
}

async function begin(store: Store): Promise<Rehearsal> {
  const begun = Promise.withResolvers<Tx>()
  const ended = Promise.withResolvers<never>()
  const transaction = store.write(async tx => {
    begun.resolve(tx)
    return ended.promise
  })
  const failure = transaction.catch((error: unknown) => {
    begun.reject(error)
    return error
  })
  const tx = await begun.promise
  return {
    tx,
    end: error => {
      ended.reject(error ?? new Error('a dry run ends'))
      return failure
    },
  }
}

function tellChanges(before: ReadonlyMap<string, Described>, after: ReadonlyMap<string, Described>, tell: Tell): void {
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key), after.get(key)]
    if (old?.text === now?.text && old?.title === now?.title) continue
    tell({ kind: 'change', before: old, after: now })
  }
}
