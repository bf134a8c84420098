import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { HelmMajor } from './tool.ts';

/** A program that reads what a chart rendered to and prints what is to be deployed. */
export interface PostRenderer {
  /** Absolute path. */
  program: string;
  args: readonly string[];
}

/** A post-renderer as Helm is told of it. */
export interface PreparedPostRenderer extends PostRenderer {
  /** Folder of plugins that holds nothing else. */
  plugins: string;
}

const pluginName = 'slipway-post-renderer';
/** The variable that the plugin takes its program from: Helm splits a command of plugin.yaml at blanks. */
const programVariable = 'SLIPWAY_POST_RENDERER';

const plugin = `apiVersion: v1
name: ${pluginName}
version: 1.0.0
type: postrenderer/v1
runtime: subprocess
runtimeConfig:
  platformCommand:
    - command: "\${${programVariable}}"
`;

/** Writes the plugin that Helm 4 wants in the place of a program, below `folder`. */
export async function preparePostRenderer(
  renderer: PostRenderer,
  folder: string,
): Promise<PreparedPostRenderer> {
  const plugins = path.join(folder, 'plugins');
  await fs.mkdir(path.join(plugins, pluginName), { recursive: true, mode: 0o700 });
  await fs.writeFile(path.join(plugins, pluginName, 'plugin.yaml'), plugin);
  return { plugins, program: renderer.program, args: renderer.args };
}

/** Names the post-renderer to Helm: a program to Helm 3, a plugin to Helm 4. */
export function postRendererArguments(
  renderer: PostRenderer | undefined,
  major: HelmMajor,
): readonly string[] {
  if (renderer === undefined) return [];
  return [
    '--post-renderer',
    major === 4 ? pluginName : renderer.program,
    ...renderer.args.map((arg) => `--post-renderer-args=${arg}`),
  ];
}

/** The environment in which Helm finds the plugin, and no other one. */
export function postRendererEnvironment(
  renderer: PreparedPostRenderer | undefined,
): Readonly<Record<string, string | undefined>> {
  if (renderer === undefined) return {};
  return {
    HELM_NO_PLUGINS: undefined,
    HELM_PLUGINS: renderer.plugins,
    [programVariable]: renderer.program,
  };
}
