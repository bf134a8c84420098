import * as core from '@actions/core';
import type { MaskSecret } from './ports.ts';

/**
 * The forms in which a secret can turn up in a log: itself, each line, and the base64 forms of both
 * whole and lines. Forms under four characters are left out: masking them would blank out the log.
 */
export function secretForms(value: string): readonly string[] {
  const forms = new Set<string>();
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  for (const text of [value, value.trim(), ...lines]) {
    if (text.length < 4) continue;
    forms.add(text);
    forms.add(Buffer.from(text).toString('base64'));
  }
  return [...forms];
}

/** Masks every form of `value` in all that the job prints from now on. */
export const maskSecret: MaskSecret = (value) => {
  for (const form of secretForms(value)) core.setSecret(form);
};
