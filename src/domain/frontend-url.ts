import { type Address, formatAddress } from './address.ts'
import { type Cluster, getFrontendAddress } from './cluster.ts'

/** `http://10.30.255.254:7050`, or `https://...`: where nodes find the head, without a slash at the end. */
export const frontendUrl = (cluster: Cluster): string => urlOf(cluster, getFrontendAddress(cluster))

/** The same at each head's own address where there are two: whichever has the frontend address comes first. */
export const headUrls = (cluster: Cluster): string[] => [
  ...new Set([frontendUrl(cluster), ...cluster.clusterIps.map(address => urlOf(cluster, address))]),
]

function urlOf(cluster: Cluster, address: Address): string {
  const text = formatAddress(address)
  const scheme = cluster.frontendHttps ? 'https' : 'http'
  return `${scheme}://${address.version === 6 ? `[${text}]` : text}:${cluster.frontendPort}` // RFC 3986 3.2.2
}
