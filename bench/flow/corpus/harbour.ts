import type { SampleRepository } from './repository.ts';
import { chart, goFile, testFile } from './sources.ts';

const own = (folder: string): string => `example.com/harbour/${folder}`;

const libraries: Readonly<Record<string, string>> = {
  'internal/money/money.go': goFile(
    'money',
    [],
    '// Cents is an amount.\ntype Cents int\n\nfunc Show(amount Cents) string {\n\tif amount < 0 {\n\t\treturn "owed"\n\t}\n\treturn "paid"\n}',
  ),
  'internal/money/money_test.go': testFile('money', 'TestShow', 'Show(-1) == "owed"'),
  'internal/rates/rates.go': goFile(
    'rates',
    ['_ "embed"'],
    '//go:embed rates.csv\nvar table string\n\nfunc Table() string { return table }',
  ),
  'internal/rates/rates.csv': 'tug,120\npilot,80\n',
  'internal/rates/rates_test.go': testFile('rates', 'TestTable', 'Table() != ""'),
  'internal/invoice/invoice.go': goFile(
    'invoice',
    [own('internal/money'), own('internal/rates')],
    'func Lines() string { return rates.Table() + money.Show(1) }',
  ),
  'internal/text/text.go': goFile('text', [], 'func Title(s string) string { return "* " + s }'),
  'internal/text/text_test.go': testFile('text', 'TestTitle', 'Title("a") == "* a"'),
  'internal/httpkit/httpkit.go': goFile(
    'httpkit',
    [own('internal/text')],
    'func Header(name string) string { return text.Title(name) }',
  ),
  'internal/queue/queue.go': goFile('queue', [], 'func Name() string { return system + chaos }'),
  'internal/queue/queue_linux.go': goFile('queue', [], 'const system = "linux"'),
  'internal/queue/queue_windows.go': goFile('queue', [], 'const system = "windows"'),
  'internal/queue/calm.go': `//go:build !chaos\n\n${goFile('queue', [], 'const chaos = ""')}`,
  'internal/queue/chaos.go': `//go:build chaos\n\n${goFile('queue', [], 'const chaos = " at random"')}`,
  'internal/gen/routes.json': '["/ships", "/berths"]\n',
  'internal/gen/routes.go': `// Code generated from routes.json. DO NOT EDIT.\n\n${goFile('gen', [], 'var Routes = []string{"/ships", "/berths"}')}`,
  'internal/table/table.go': goFile('table', [], 'func Width() int { return 80 }'),
  'internal/table/fixtures/table.json': '{"width": 80}\n',
  'internal/table/table_test.go': testFile('table', 'TestWidth', 'strings.Contains(read(), "80")', [
    'os',
    'strings',
  ]).concat(
    '\nfunc read() string {\n\ttext, _ := os.ReadFile("fixtures/table.json")\n\treturn string(text)\n}\n',
  ),
  'internal/testkit/testkit.go': goFile('testkit', [], 'func Want() string { return "paid" }'),
  'internal/unused/unused.go': goFile('unused', [], 'func Nothing() {}'),
};

const services: Readonly<Record<string, string>> = {
  'services/api/main.go': goFile(
    'main',
    ['embed', own('internal/httpkit'), own('internal/money')],
    '//go:embed templates\nvar templates embed.FS\n\nfunc main() {\n\tpage, _ := templates.ReadFile("templates/index.html")\n\tprintln(httpkit.Header(string(page)), money.Show(5))\n}',
  ),
  'services/api/templates/index.html': '<h1>Harbour</h1>\n',
  'services/api/notes.txt': 'Ask the harbour master.\n',
  'services/billing/main.go': goFile(
    'main',
    [own('internal/invoice')],
    'func main() { println(invoice.Lines()) }',
  ),
  'services/billing/billing_test.go': testFile(
    'main',
    'TestPaid',
    'strings.HasSuffix(invoice.Lines(), testkit.Want()) && check.Equal("a", "a")',
    ['strings', own('internal/invoice'), own('internal/testkit'), 'kit.example.org/check'],
  ),
  'services/billing/limits_test.go': testFile('main', 'TestLimits', 'len(limits()) > 10', [
    'os',
  ]).concat(
    '\nfunc limits() []byte {\n\ttext, _ := os.ReadFile("../../deploy/policies/limits.json")\n\treturn text\n}\n',
  ),
  'services/rates/main.go': goFile(
    'main',
    [own('internal/rates')],
    'func main() { println(rates.Table()) }',
  ),
  'services/mailer/main.go': goFile(
    'main',
    [own('internal/text'), 'kit.example.org/post'],
    'func main() { println(post.Send(text.Title("crew"))) }',
  ),
  'services/mailer/Dockerfile': 'FROM scratch\nCOPY mailer /mailer\nENTRYPOINT ["/mailer"]\n',
  'services/search/main.go': goFile(
    'main',
    ['kit.example.org/index'],
    'func main() { println(index.Find("berth")) }',
  ),
  'services/worker/main.go': goFile(
    'main',
    [own('internal/queue')],
    'func main() { println(queue.Name()) }',
  ),
  'services/gateway/main.go': goFile(
    'main',
    [own('internal/gen'), own('internal/httpkit')],
    'func main() {\n\tfor _, route := range gen.Routes {\n\t\tprintln(httpkit.Header(route))\n\t}\n}',
  ),
  'services/reports/cmd/reports/main.go': goFile(
    'main',
    [own('internal/table'), own('services/reports/internal/layout')],
    'func main() { println(table.Width(), layout.Text()) }',
  ),
  'services/reports/internal/layout/layout.go': goFile(
    'layout',
    [],
    'func Text() string { return "berth  ship" }',
  ),
  'services/reports/internal/layout/testdata/golden.txt': 'berth  ship\n',
  'services/reports/internal/layout/testdata/old.txt': 'nobody reads this\n',
  'services/reports/internal/layout/layout_test.go': testFile(
    'layout',
    'TestText',
    'golden() == Text()+"\\n"',
    ['os'],
  ).concat(
    '\nfunc golden() string {\n\ttext, _ := os.ReadFile("testdata/golden.txt")\n\treturn string(text)\n}\n',
  ),
};

const besides: Readonly<Record<string, string>> = {
  'README.md': '# Harbour\n',
  LICENSE: 'All rights reserved.\n',
  Makefile: 'test:\n\tgo test ./...\n',
  '.golangci.yml': 'version: "2"\n',
  '.github/workflows/ci.yml': 'name: CI\non: push\n',
  '.github/CODEOWNERS': '* @acme/harbour\n',
  'docs/design.md': '# Design\n',
  'scripts/seed.sh': '#!/bin/sh\necho seed\n',
  'slipway.yml': 'services:\n  services/*: {}\n',
  'deploy/policies/limits.json': '{"memory": "64Mi"}\n',
  'tools/lint/main.go': goFile(
    'main',
    ['kit.example.org/lint'],
    'func main() { println(lint.Name()) }',
  ),
  'charts/common/Chart.yaml': 'apiVersion: v2\nname: common\nversion: 0.1.0\ntype: library\n',
  'charts/common/templates/_labels.tpl': '{{- define "common.labels" }}app: x{{ end }}\n',
};

/** One module with eight services, their libraries, charts and all that lies beside them in such a place. */
export const harbour: SampleRepository = {
  name: 'harbour',
  files: new Map([
    ...Object.entries(libraries),
    ...Object.entries(services),
    ...Object.entries(besides),
    ...['api', 'billing', 'worker'].flatMap((name) => Object.entries(chart(name, true))),
    ...Object.entries(chart('gateway', false)),
    [
      'go.mod',
      'module example.com/harbour\n\ngo 1.25\n\nrequire (\n\tkit.example.org/check v1.0.0\n\tkit.example.org/index v1.0.0\n\tkit.example.org/lint v1.0.0\n\tkit.example.org/post v1.0.0\n)\n\nrequire kit.example.org/stem v1.0.0 // indirect\n',
    ],
  ]),
  sharedPaths: ['deploy/policies/**'],
  libraries: ['internal'],
  dependencies: {
    api: ['internal/httpkit', 'internal/money', 'internal/text', 'charts/common'],
    billing: ['internal/invoice', 'internal/money', 'internal/rates', 'charts/common'],
    gateway: ['internal/gen', 'internal/httpkit', 'internal/text'],
    mailer: ['internal/text'],
    rates: ['internal/rates'],
    reports: ['internal/table'],
    search: [],
    worker: ['internal/queue', 'charts/common'],
  },
};
