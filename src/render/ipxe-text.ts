/** What stands for a secret that the reader may not have. */
export const hidden = '***'

/**
 * Text that iPXE's `echo` prints as it is: iPXE has no quoting, expands ${...}, ends a line at a word that begins with #, and takes
 * the words && and || for its own (ipxe.org/scripting).
 */
export const ipxeText = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replaceAll('$', '')
    .replace(/(^|\s)(?:#+|&&|\|\|)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
