import { startDaemon, stopDaemon, waitUntil } from '../../lab/process/daemon.ts';

/** A server of a test, and where it answers once it is ready. */
export interface StartedServer {
  name: string;
  file: string;
  args: readonly string[];
  /** Answers 200 once the server does its work. */
  readyUrl: string;
  /** Where it writes its log. */
  folder: string;
}

/** Starts it, waits until it is ready, and gives what ends it. */
export async function startServer(server: StartedServer): Promise<() => Promise<void>> {
  const { name, file, args, readyUrl, folder } = server;
  const env = { HOME: folder, PATH: process.env['PATH'] ?? '' };
  const record = await startDaemon({ name, file, args, env, logs: folder, config: '' });
  const stop = () => stopDaemon(record);
  await waitUntil(`${name} is ready`, record, 60_000, async () => {
    const response = await fetch(readyUrl);
    return response.ok;
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return stop;
}

/** A scrape configuration of one service once a second, with the labels of the pod `api-1`. */
export function scrapeConfig(port: number, externalLabels: Readonly<Record<string, string>> = {}) {
  return {
    global: {
      scrape_interval: '1s',
      scrape_timeout: '1s',
      external_labels: externalLabels,
    },
    scrape_configs: [
      {
        job_name: 'pods',
        static_configs: [
          { targets: [`127.0.0.1:${port}`], labels: { namespace: 'shop', pod: 'api-1' } },
        ],
      },
    ],
  };
}
