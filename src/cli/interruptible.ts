/** Work that Ctrl-C, a closed terminal or a kill ends in good order. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, interrupt)
  try {
    return await work(interrupted.signal)
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
  }
}
