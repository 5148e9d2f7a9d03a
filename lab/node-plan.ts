import type { Firmware, LabNode } from './state.ts'

/** Names as Luna gives them by default, so that the machine of the table is the node of the cluster. */
export function planNodes(count: number, firmware: Firmware, disk: boolean): LabNode[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1
    return {
      name: `node${String(number).padStart(3, '0')}`,
      // 52:54:00 is QEMU's; 4c is an L.
      mac: `52:54:00:4c:00:${number.toString(16).padStart(2, '0')}`,
      tap: `tap${number}`,
      address: '',
      firmware,
      disk,
    }
  })
}
