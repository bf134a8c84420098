import path from 'node:path';
import type { Layout } from '../places/layout.ts';
import type { Subnet } from '../places/subnet.ts';

/**
 * The pods' network (CNI 0.4.0): one bridge that the lab has made. The plugin is not the gateway
 * and masks nothing, so it changes neither the machine's forwarding nor its iptables.
 */
export function cniConfig(layout: Layout, subnet: Subnet): string {
  return `${JSON.stringify(
    {
      cniVersion: '0.4.0',
      name: layout.network,
      plugins: [
        {
          type: 'bridge',
          bridge: layout.bridge,
          isGateway: false,
          ipMasq: false,
          hairpinMode: true,
          ipam: {
            type: 'host-local',
            dataDir: path.join(layout.state, 'addresses'),
            ranges: [
              [{ subnet: subnet.pods, rangeStart: subnet.firstPod, gateway: subnet.gateway }],
            ],
            routes: [{ dst: '0.0.0.0/0', gw: subnet.gateway }],
          },
        },
      ],
    },
    null,
    2,
  )}\n`;
}

/** Commands of ip(8) that make the bridge; forwarding is turned on for it alone. */
export function bridgeCommands(layout: Layout, subnet: Subnet): string[][] {
  const { bridge } = layout;
  return [
    ['link', 'add', bridge, 'type', 'bridge'],
    ['address', 'add', `${subnet.gateway}/17`, 'dev', bridge],
    ['link', 'set', bridge, 'up'],
    ['route', 'add', subnet.services, 'dev', bridge, 'src', subnet.gateway],
  ];
}
