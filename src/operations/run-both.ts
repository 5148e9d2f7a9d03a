type Task<T> = (signal: AbortSignal) => Promise<T>

/** Does two things at the same time. When one fails the other is aborted and waited for, and the first error is thrown. */
export async function runBoth<A, B>(signal: AbortSignal, first: Task<A>, second: Task<B>): Promise<[A, B]> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const errors: unknown[] = []
  const noteFailure = (error: unknown): never => {
    errors.push(error)
    failed.abort()
    throw error
  }
  const [a, b] = await Promise.allSettled([first(either).catch(noteFailure), second(either).catch(noteFailure)])
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value]
  throw errors[0]
}
