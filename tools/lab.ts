import { existsSync } from 'node:fs';
import { isLabUp, layoutOf, startLab, stopLab } from '../test/lab/lab.ts';
import { lineReporter } from '../test/lab/session/reporter.ts';
import { readState } from '../test/lab/session/state.ts';
import { labStatus, podProcesses, renderStatus } from '../test/lab/lifecycle/status.ts';
import { readOwnCluster } from '../test/lab/lifecycle/own-cluster.ts';

const usage = `usage: npm run lab -- up|down|status [--kubeconfig FILE]

  up      start a Kubernetes node, a registry, Prometheus and a GitHub cache service on this machine
  down    remove them again; what was built stays in the cache folder
  status  tell what runs

  --kubeconfig FILE  use a cluster of yours: only what it lacks is started, and root is not needed`;

const reporter = lineReporter((text) => process.stdout.write(text));

async function up(): Promise<void> {
  const lab = await reporter.stage('lab', () => startLab({ env: process.env, reporter }));
  console.log(`
The lab is up. To use it:

  export KUBECONFIG=${lab.kubeconfig}
  API server     ${lab.apiServer}
  registry       ${lab.registry} (plain HTTP, no login)
  Prometheus     ${lab.prometheusUrl}
  cache service  variables for a workflow step in ${lab.cacheEnvironment}
  kubectl        ${lab.kubectl}
  Helm           ${lab.helm.v4}
                 ${lab.helm.v3}
  act            ${lab.act}

It runs until npm run lab -- down.`);
}

async function down(): Promise<void> {
  const { name } = layoutOf(process.env);
  await reporter.stage(`down of ${name}`, () => stopLab(process.env));
}

async function status(): Promise<void> {
  const layout = layoutOf(process.env);
  const state = await readState(layout);
  if (state === undefined) {
    if (existsSync(layout.state))
      throw new Error(`${layout.stateFile} cannot be read. Who is not root needs sudo -E.`);
    console.log(`The lab ${layout.name} is not up. Start it with npm run lab -- up.`);
    return;
  }
  const rows = await labStatus(state);
  console.log(renderStatus(rows));
  if (readOwnCluster(process.env) === undefined && existsSync(layout.kubeconfig))
    console.log(
      `\n${await podProcesses(layout)} processes in pods. KUBECONFIG=${layout.kubeconfig}`,
    );
  console.log(`Logs: ${layout.logs}`);
  const ended = rows.filter((row) => row.state === 'ended').map(({ name }) => name);
  if (ended.length > 0 || !(await isLabUp(process.env)))
    console.log(
      `${ended.length > 0 ? `Ended: ${ended.join(', ')}. ` : ''}npm run lab -- up starts what is missing.`,
    );
}

const commands: Record<string, () => Promise<void>> = { up, down, status };
const [name = '', ...rest] = process.argv.slice(2);
const command = commands[name];
const [flag, file] = rest;
if (command === undefined || (flag !== undefined && (flag !== '--kubeconfig' || !file))) {
  console.error(usage);
  process.exit(2);
}
if (file !== undefined) process.env['SLIPWAY_KUBECONFIG'] = file;
try {
  await command();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
