/** A Go file of a package, with its imports. */
export function goFile(name: string, imports: readonly string[], body: string): string {
  const list = imports.map((each) => `\t${each.startsWith('_') ? each : `"${each}"`}\n`).join('');
  return `package ${name}\n\n${list === '' ? '' : `import (\n${list})\n\n`}${body}\n`;
}

/** A test file with one test, which fails unless `condition` holds. */
export function testFile(
  name: string,
  test: string,
  condition: string,
  imports: readonly string[] = [],
): string {
  return goFile(
    name,
    [...imports, 'testing'],
    `func ${test}(t *testing.T) {\n\tif !(${condition}) {\n\t\tt.Fatal("not so")\n\t}\n}`,
  );
}

/** A chart of one Deployment, which may take a library chart of the repository. */
export function chart(service: string, common: boolean): Readonly<Record<string, string>> {
  const folder = `services/${service}/chart`;
  const dependency =
    'dependencies:\n  - name: common\n    version: 0.1.0\n    repository: file://../../../charts/common\n';
  return {
    [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: ${service}\nversion: 0.1.0\n${common ? dependency : ''}`,
    [`${folder}/values.yaml`]: 'replicas: 2\nimage: { repository: "", digest: "" }\n',
    [`${folder}/values-staging.yaml`]: 'replicas: 1\n',
    [`${folder}/README.md`]: `# ${service}\n`,
    [`${folder}/templates/deployment.yaml`]: `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${service} }\n`,
  };
}
