import { expect, test } from '@jest/globals';
import { namesInObjects } from '../src/values/public-names.ts';

test('names of objects and of what they refer to are public, what a Secret holds is not', () => {
  const objects = [
    { kind: 'Secret', metadata: { name: 'orders' }, stringData: { name: 'hunter2' } },
    {
      kind: 'Deployment',
      metadata: { name: 'api', namespace: 'shop' },
      spec: {
        serviceAccountName: 'runner',
        volumes: [{ name: 'tls', secret: { secretName: 'orders-tls' } }],
        env: [
          { name: 'PASSWORD', value: 'hunter2' },
          { name: 'URL', valueFrom: { secretKeyRef: { name: 'orders-db', key: 'url' } } },
        ],
      },
    },
  ];
  expect([...namesInObjects(objects)].sort()).toEqual([
    ...['PASSWORD', 'URL', 'api', 'orders', 'orders-db', 'orders-tls', 'runner', 'shop', 'tls'],
    'url',
  ]);
});
