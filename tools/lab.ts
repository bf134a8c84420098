import { findHostTools } from '../test/lab/host-tools.ts';
import { startLab } from '../test/lab/lab.ts';
import { labLayout } from '../test/lab/layout.ts';
import { withLock } from '../test/lab/lock.ts';
import { lineReporter } from '../test/lab/reporter.ts';
import { takeDown } from '../test/lab/teardown.ts';

const reporter = lineReporter((text) => process.stdout.write(text));

async function up(): Promise<void> {
  const lab = await reporter.stage('lab', () => startLab({ env: process.env, reporter }));
  console.log(`
The lab is up. To use it:

  export KUBECONFIG=${lab.kubeconfig}
  registry    ${lab.registry} (plain HTTP, no login)
  Prometheus  ${lab.prometheusUrl}
  kubectl     ${lab.kubectl}
  Helm        ${lab.helm.v4}
              ${lab.helm.v3}
  act         ${lab.act}
`);
}

async function down(): Promise<void> {
  const layout = labLayout(process.env);
  await withLock(layout.lockFile, () => takeDown(layout, findHostTools(process.env)));
  console.log(`The lab ${layout.name} is down.`);
}

const commands: Record<string, () => Promise<void>> = { up, down };
const command = commands[process.argv[2] ?? ''];
if (command === undefined) {
  console.error('usage: npm run lab -- up|down|status');
  process.exit(2);
}
try {
  await command();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
