import * as fs from 'node:fs/promises';
import path from 'node:path';
import { statementText, type HealthStatement } from '@slipway/health';
import { renderSeriesSvg, type SeriesChart } from '@slipway/report';
import type { Run } from '@slipway/runtime';

/** Where a certificate was written. */
export interface CertificateFiles {
  /** The whole in-toto statement. */
  certificate: string;
  /** Its predicate alone, for the input `predicate-path` of actions/attest. */
  predicate: string;
  /** Its subjects as sums, for `subject-checksums`; undefined when no image's digest is known. */
  subjects: string | undefined;
  /** The deciding series as an SVG; undefined when there is nothing to draw. */
  chart: string | undefined;
}

/** One line for each subject, as sha256sum writes them and actions/attest reads them. */
function sumsOf({ subject }: HealthStatement): string {
  return subject.map(({ name, digest }) => `${digest.sha256}  ${name}\n`).join('');
}

/** Writes a certificate, its parts and its chart into a new folder of the runner's temp folder. */
export async function writeCertificate(
  { runner }: Run,
  statement: HealthStatement,
  chart?: SeriesChart,
): Promise<CertificateFiles> {
  await fs.mkdir(runner.tempDir, { recursive: true });
  const folder = await fs.mkdtemp(path.join(runner.tempDir, 'slipway-verified-health-'));
  const sums = sumsOf(statement);
  const drawn = chart === undefined ? undefined : renderSeriesSvg(chart);
  const files = {
    certificate: path.join(folder, 'certificate.json'),
    predicate: path.join(folder, 'predicate.json'),
    subjects: sums === '' ? undefined : path.join(folder, 'subjects.sha256'),
    chart: drawn === undefined ? undefined : path.join(folder, 'chart.svg'),
  };
  await fs.writeFile(files.certificate, statementText(statement));
  await fs.writeFile(files.predicate, statementText(statement.predicate));
  if (files.subjects !== undefined) await fs.writeFile(files.subjects, sums);
  if (files.chart !== undefined && drawn !== undefined) await fs.writeFile(files.chart, drawn);
  return files;
}

/** Writes a certificate and tells later steps where: outputs `certificate`, and its parts. */
export async function handOutCertificate(
  run: Run,
  statement: HealthStatement,
  chart?: SeriesChart,
): Promise<void> {
  const files = await writeCertificate(run, statement, chart);
  run.outputs.set('certificate', files.certificate);
  run.outputs.set('certificate-predicate', files.predicate);
  run.outputs.set('certificate-subjects', files.subjects ?? '');
  run.outputs.set('chart', files.chart ?? '');
}
