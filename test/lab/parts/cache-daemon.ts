import { renameSync, writeFileSync } from 'node:fs';
import { startCacheService } from '../cache-service/index.ts';

// A process of its own: `node cache-daemon.ts PORT FOLDER ENVIRONMENT-FILE`. The file gets the
// variables that a step needs to find the service, with a token for the branch main.
const [port = '', folder = '', environmentFile = ''] = process.argv.slice(2);
const service = await startCacheService({ port: Number(port), folder });
const lines = Object.entries(service.environment(service.runtimeToken('refs/heads/main'))).map(
  ([name, value]) => `${name}=${value}\n`,
);
writeFileSync(`${environmentFile}.partial`, lines.join(''), { mode: 0o600 });
renameSync(`${environmentFile}.partial`, environmentFile);
process.on('SIGTERM', () => process.exit(0));
