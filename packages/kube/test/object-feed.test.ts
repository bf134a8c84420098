import { describe, expect, test } from '@jest/globals';
import { fakeApiServer, fakeLog, steppedClock } from '@slipway/testing';
import { feedObjects, type KubeClient } from '../src/index.ts';

const path = '/api/v1/namespaces/shop/services';

/** A feed of Services whose list is answered by `listAt`. */
async function feedOf(
  listAt: KubeClient['listAt'] | undefined,
  onChange: () => void = () => undefined,
) {
  const clock = steppedClock();
  const server = fakeApiServer({ clock, namespaces: ['shop'] });
  const real = server.client();
  const client = listAt === undefined ? real : { ...real, listAt };
  const ports = { client, clock, log: fakeLog(), signal: new AbortController().signal };
  const feed = feedObjects(ports, path, {}, onChange);
  await clock.advance(1);
  return feed;
}

describe('a fault that is no answer of the API server', () => {
  const fault = new TypeError('items is not iterable');

  test('is thrown to whoever asks for the objects, not into the background', async () => {
    const feed = await feedOf(() => Promise.reject(fault));
    expect(() => feed.objects()).toThrow(fault);
    expect(feed.refusal()).toBeUndefined();
    await expect(feed.stop()).resolves.toBeUndefined();
  });

  test('of whoever is told of a change ends the feed in the same way', async () => {
    const feed = await feedOf(undefined, () => {
      throw fault;
    });
    expect(() => feed.objects()).toThrow(fault);
    await expect(feed.stop()).resolves.toBeUndefined();
  });
});
