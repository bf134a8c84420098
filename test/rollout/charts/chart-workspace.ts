import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A workspace whose charts a test writes itself. */
export interface ChartWorkspace {
  folder: string;
  /** Writes the chart `name` of one template. */
  write: (name: string, template: string) => Promise<void>;
  close: () => Promise<void>;
}

/** An empty workspace in the machine's folder for temporary files. */
export async function openChartWorkspace(): Promise<ChartWorkspace> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'helm-charts-'));
  return {
    folder,
    write: async (name, template) => {
      const chart = path.join(folder, name);
      await fs.mkdir(path.join(chart, 'templates'), { recursive: true });
      const metadata = `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`;
      await fs.writeFile(path.join(chart, 'Chart.yaml'), metadata);
      await fs.writeFile(path.join(chart, 'templates', 'all.yaml'), template);
    },
    close: () => fs.rm(folder, { recursive: true, force: true }),
  };
}
