import { cpSync } from 'node:fs';
import path from 'node:path';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? '';
const from = path.join(process.env.SLIPWAY_ARTIFACTS, path.basename(input('name')));
cpSync(from, path.resolve(process.env.GITHUB_WORKSPACE, input('path')), { recursive: true });
console.log(`Artifact ${input('name')} was taken.`);
