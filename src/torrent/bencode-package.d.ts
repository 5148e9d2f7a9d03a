/** The npm package bencode ships no types; this is the part of it that bencode.ts uses. */
declare module 'bencode' {
  const bencode: {
    encode(value: unknown): Uint8Array
    decode(bytes: Uint8Array): unknown
  }
  export default bencode
}
