const collator = new Intl.Collator('en', { numeric: true })

/** The order people expect of names with numbers in them: Gi1/0/2 before Gi1/0/10, node9 before node10. */
export const compareNaturally = (a: string, b: string): number => collator.compare(a, b)
