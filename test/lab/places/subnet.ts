/** The addresses of one lab: pods and services share one /16 that nothing else on the machine uses. */
export interface Subnet {
  /** The bridge's own address: node, API server, DNS and the pods' gateway. */
  gateway: string;
  pods: string;
  /** What the CNI's host-local plugin hands out, the gateway left out. */
  firstPod: string;
  services: string;
  /** ClusterIP of the service `kubernetes`. */
  firstService: string;
  whole: string;
}

function subnetAt(second: number): Subnet {
  return {
    gateway: `10.${second}.0.1`,
    pods: `10.${second}.0.0/17`,
    firstPod: `10.${second}.0.10`,
    services: `10.${second}.128.0/17`,
    firstService: `10.${second}.128.1`,
    whole: `10.${second}.0.0/16`,
  };
}

function numeric(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function overlaps(a: string, b: string): boolean {
  const [addressA = '', bitsA = '32'] = a.split('/');
  const [addressB = '', bitsB = '32'] = b.split('/');
  const size = 2 ** (32 - Math.min(Number(bitsA), Number(bitsB)));
  return Math.floor(numeric(addressA) / size) === Math.floor(numeric(addressB) / size);
}

/**
 * A free 10.N.0.0/16. `routes` is what `ip -4 route show table all` prints: a network that a route
 * or an address of this machine already covers is passed over. Throws when all are taken.
 */
export function chooseSubnet(routes: string): Subnet {
  const taken = [...routes.matchAll(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\d.])/g)]
    .map(([network]) => network)
    .filter((network) => !network.endsWith('/0'));
  for (let second = 211; second < 256; second += 1) {
    const subnet = subnetAt(second);
    if (!taken.some((network) => overlaps(network, subnet.whole))) return subnet;
  }
  throw new Error(
    'No free network for the lab: routes of this machine cover 10.211.0.0/16 to 10.255.0.0/16. Is a VPN on?',
  );
}
