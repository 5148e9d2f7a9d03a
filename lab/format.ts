export const formatMib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

export const formatSeconds = (ms: number): string => `${Math.round(ms / 1000)} s`
