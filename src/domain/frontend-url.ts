import { formatAddress } from './address.ts'
import { type Cluster, getFrontendAddress } from './cluster.ts'

/** `http://10.30.255.254:7050`, or `https://...`: where nodes find the head, without a slash at the end. */
export function frontendUrl(cluster: Cluster): string {
  const address = getFrontendAddress(cluster)
  const text = formatAddress(address)
  const scheme = cluster.frontendHttps ? 'https' : 'http'
  return `${scheme}://${address.version === 6 ? `[${text}]` : text}:${cluster.frontendPort}` // RFC 3986 3.2.2
}
