import type { BundleResult } from '@slipway/testing';
import type { VerifyFixture } from './verify-fixture.ts';

/** A release in a namespace of its own, and what has to come of its verification. */
export interface ReleaseCase {
  name: string;
  run: (fixture: VerifyFixture) => Promise<BundleResult>;
  check: (result: BundleResult, fixture: VerifyFixture) => void | Promise<void>;
}

export const one = { replicaCount: 1 };

/** Nothing listens there: a port below 1024 that the system gives to nobody by chance. */
export const nobody = '127.0.0.1:2';

export const verdictOf = (result: BundleResult): string | undefined => result.outputs['verdict'];
