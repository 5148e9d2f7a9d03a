import type { DhcpServer } from '../domain/dhcp-server.ts'
import type { Command } from './command.ts'
import { checkDhcpd, complaintOfDhcpd } from './dhcpd.ts'
import { checkKea, complaintOfKea } from './kea.ts'

/** Distributions that name things alike. */
export type Family = 'debian' | 'redhat'

/** A DHCP server as its distribution has it. */
export interface DhcpProgram {
  title: string
  /** Its configuration, where Debian's and Red Hat's families both look for it. */
  file: string
  template: string
  check: (file: string) => Command
  complaint: (output: string) => string
  /** systemd's name for it in each family. */
  units: Record<Family, string>
}

export const dhcpPrograms: Record<DhcpServer, DhcpProgram> = {
  isc: {
    title: 'dhcpd',
    file: '/etc/dhcp/dhcpd.conf',
    template: 'dhcpd.conf',
    check: checkDhcpd,
    complaint: complaintOfDhcpd,
    units: { debian: 'isc-dhcp-server', redhat: 'dhcpd' },
  },
  kea: {
    title: 'Kea',
    file: '/etc/kea/kea-dhcp4.conf',
    template: 'kea-dhcp4.conf',
    check: checkKea,
    complaint: complaintOfKea,
    units: { debian: 'kea-dhcp4-server', redhat: 'kea-dhcp4' },
  },
}
