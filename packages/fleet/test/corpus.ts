/** Files that are right, by what they show. */
export const goodFiles: Readonly<Record<string, string>> = {
  'nothing at all': '',
  'only comments': '# yaml-language-server: $schema=x\n',
  'folders without settings': 'services:\n  services/*:\n  "!services/legacy":\n  .:\n  "**":\n',
  'every setting of a service': `
services:
  services/api:
    name: api
    package: services/api/cmd/server
    working-directory: services/api
    chart: deploy/api
    depends-on: [billing, 'orders']
    workload: statefulset/api
    image: ghcr.io/acme/api
    targets: [linux/amd64, linux/arm/v7]
    tags: [netgo, osusergo]
    ldflags: -s -w -X main.x=1
    cgo: false
    owners: ['@acme/payments', payments@acme.example]
`,
  'what a service could say before': `
services:
  services/api: { package: cmd/api, chart: deploy/api, targets: linux/amd64 linux/arm64, cgo: auto, image: false, workload: deployment/api }
`,
  'inputs of the actions, each in its own form': `
defaults:
  helm: { timeout: 5m, wait: true, max-retries: 3, history-max: '5', fail-fast: off }
  verify: { probe-port: 8080, max-error-share: 0.05, min-soak: 0, traffic: ['/a => 200', '/b'] }
  build: { sbom: false, max-jobs: 4, image-labels: { team: a } }
  go: { go-version: '1.26', cache-dependency-path: "**/go.sum" }
services:
  services/api:
    helm:
      values: { replicas: 2, nested: { list: [1, { a: null }] } }
      value-files: [deploy/a.yaml, deploy/b.yaml]
      set: { image.tag: x, replicas: 3, on: true, empty: '' }
      set-string: 'a.b=true'
      set-json: { a: [1] }
      labels: { team: payments }
    verify:
      assertions: [{ name: a, query: up, must: '> 0' }]
`,
  'every setting of an environment': `
registry: ghcr.io/acme
shared-paths: [deploy/common/**, Makefile]
environments:
  preview:
  staging:
    when: { kind: push }
    cluster: staging-eu
    namespace: '{service}-{environment}'
    value-files: '{chart}/values-staging.yaml'
  production:
    when:
      - kind: tag
        tag: ['v*', 'services/*/v*']
      - { kind: dispatch, branch: [main, release/**] }
      - { branch: main }
    value-files: ['{chart}/values-production.yaml', '{chart}/values-{target}.yaml']
    requires: staging
    waves:
      - canary
      - [eu-1, { name: eu-2, cluster: eu-west-2, namespace: '{service}-2' }]
      - { name: edge, hosts: [10.0.0.1, edge.example.com] }
    freeze:
      - { days: [fri, sat], time: 16:00-24:00, zone: Europe/Berlin, reason: Nobody is there }
      - { dates: 2026-12-20..2027-01-03 }
      - { time: '22:00-06:00', days: sun }
  hosts: { hosts: [a.example.com] }
`,
  anchors: `
services:
  services/a: &common { targets: [linux/amd64], helm: { timeout: 5m } }
  services/c: *common
`,
};

/** Files that are wrong in themselves, with the place and the words that the user is told. */
export const badFiles: Readonly<Record<string, readonly [text: string, ...told: string[]]>> = {
  'a list at the top': ['- a\n', 'f.yml:1:1: a list is not valid; expected a map'],
  'a text at the top': ['services\n', 'f.yml:1:1: "services" is not valid; expected a map'],
  'an unknown key near a known one': [
    'servces:\n  services/*:\n',
    'f.yml:1:1: servces: "servces" is unknown; did you mean services?',
  ],
  'an unknown key near none': [
    'services:\n  services/*:\n    colour: red\n',
    'f.yml:3:5: services."services/*".colour: "colour" is unknown; valid keys: name, package,',
  ],
  'an unknown input of an action': [
    'services:\n  orders:\n    helm:\n      time-outs: 5m\n',
    'f.yml:4:7: services.orders.helm.time-outs: "time-outs" is unknown; did you mean timeout?',
  ],
  'a wrong value of an input': [
    'services:\n  orders:\n    helm:\n      timeout: 5 minutes\n',
    'f.yml:4:16: services.orders.helm.timeout: "5 minutes" is not valid; expected a duration such as 90s, 5m or 1h30m.',
  ],
  'an input of a service that is the name of something every object has': [
    'services:\n  a: { helm: { toString: 1, constructor: 2 } }\n',
    'f.yml:2:16: services.a.helm.toString: "toString" is unknown; valid keys: release,',
    'f.yml:2:29: services.a.helm.constructor: "constructor" is unknown;',
  ],
  'a service to wait for by the name of its folder': [
    'services:\n  a:\n    depends-on: [ledger, json_exporter]\n',
    'f.yml:3:26: services.a.depends-on[1]: "json_exporter" is not valid; expected lower-case letters, digits and "-", at most 53, beginning with a letter. Did you mean json-exporter?',
  ],
  'a chart with what is not filled in': [
    'services:\n  services/*:\n    chart: deploy/{name}\n',
    'f.yml:3:12: services."services/*".chart: "deploy/{name}" is not valid; expected a path inside the repository, without "..", in which {service} is filled in.',
  ],
  'several at once, in order': [
    'environments:\n  Prod: {}\n  staging: { cluster: 5 }\nservices:\n  a: { targets: linux }\n  b: { image: Acme/API }\n',
    'f.yml:2:3: environments.Prod: "Prod" is not valid; expected lower-case letters',
    'f.yml:3:23: environments.staging.cluster: 5 is not valid; expected a name without blanks.',
    'f.yml:5:17: services.a.targets: "linux" is not valid; expected targets such as',
    'f.yml:6:15: services.b.image: "Acme/API" is not valid; expected true, false or an image repository',
  ],
  'a yes for a boolean': [
    'defaults: { helm: { wait: yes } }\n',
    'f.yml:1:27: defaults.helm.wait: "yes" is not valid; expected true or false.',
  ],
  'a number with a fraction for a text': [
    'defaults: { helm: { helm-version: 4.2 } }\n',
    'defaults.helm.helm-version: 4.2 is not valid; expected a text; put a number with a fraction into quotes.',
  ],
  'a choice that there is not': [
    'defaults: { helm: { fail-fast: norml } }\n',
    'defaults.helm.fail-fast: "norml" is unknown; valid values: normal, strict, off. Did you mean normal?',
  ],
  'places that would be two, or elsewhere, to a workflow': [
    'defaults:\n  build: { output-dir: "out\\n/etc/ssl" }\n  helm: { namespace: "a\\n--b", chart: "c\\n--d", release: "e\'; id" }\n  verify: { workload: "deployment/a\\n--b" }\n',
    'f.yml:2:24: defaults.build.output-dir: "out\\n/etc/ssl" is not valid; expected a path inside the repository',
    'f.yml:3:22: defaults.helm.namespace: "a\\n--b" is not valid; expected letters, digits, "-", "." and "/".',
    'f.yml:3:39: defaults.helm.chart: "c\\n--d" is not valid; expected a chart in one line.',
    'f.yml:3:58: defaults.helm.release: "e\'; id" is not valid; expected letters, digits, "-", "." and "/".',
    'f.yml:4:23: defaults.verify.workload: "deployment/a\\n--b" is not valid; expected letters, digits, "-", "." and "/".',
  ],
  'a build that would leave its files elsewhere': [
    'defaults: { build: { output-dir: ../out } }\n',
    'f.yml:1:34: defaults.build.output-dir: "../out" is not valid; expected a path inside the repository',
  ],
  'an entry of a list that would be two': [
    'defaults: { verify: { traffic: ["/a\\n/b"] } }\n',
    'f.yml:1:33: defaults.verify.traffic[0]: "/a\\n/b" is not valid; expected one line',
  ],
  'a key of a map that would be another': [
    'defaults: { helm: { set: { "a=b": c } } }\n',
    'defaults.helm.set."a=b": "a=b" is not valid; expected a key in one line, without "="',
  ],
  'a secret': [
    'defaults:\n  helm:\n    registry-password: hunter2\n',
    'f.yml:3:24: defaults.helm.registry-password: a secret has no place in a file of the repository; hand registry-password to the workflow under "secrets:"',
  ],
  'an input of the build that has a key of its own': [
    'services: { a: { build: { targets: linux/amd64 } } }\n',
    'services.a.build.targets: is not taken here. Say it as the key targets beside build.',
  ],
  'a name of all services': [
    'defaults: { name: api }\n',
    'defaults.name: is not taken here. Say it of each service under services.',
  ],
  'a folder outside the repository': [
    'services:\n  ../other: {}\n',
    'f.yml:2:3: services."../other": "../other" is not valid; expected a folder or a glob inside the repository',
  ],
  'a path outside the repository': [
    'services: { a: { chart: a/../../b } }\n',
    'services.a.chart: "a/../../b" is not valid; expected a path inside the repository, without ".."',
  ],
  'a path that a tool takes for a flag': [
    'services: { a: { package: -exec } }\n',
    'services.a.package: "-exec" is not valid; expected a path inside the repository',
  ],
  'a service name that no release can have': [
    'services: { a: { name: User_Service } }\n',
    'services.a.name: "User_Service" is not valid; expected lower-case letters, digits and "-", at most 53, beginning with a letter. Did you mean user-service?',
  ],
  'a list where one is meant': [
    'services: { a: { name: [a, b] } }\n',
    'services.a.name: a list is not valid; expected lower-case letters',
  ],
  'a map with nothing in it': [
    'services: { a: { helm: } }\n',
    'services.a.helm: nothing is not valid; expected a map with keys such as release',
  ],
  'cluster and hosts': [
    'environments: { a: { cluster: b, hosts: c } }\n',
    'f.yml:1:20: environments.a: has both cluster and hosts; name one of them.',
  ],
  'a when that says nothing': [
    'environments: { a: { when: {} } }\n',
    'environments.a.when: says nothing; give it kind, branch or tag.',
  ],
  'a kind that there is not': [
    'environments: { a: { when: [{ kind: pushes }] } }\n',
    'environments.a.when[0].kind: "pushes" is unknown; valid values: push, tag, pre-release, dispatch. Did you mean push?',
  ],
  'a wave without a target': [
    'environments: { a: { waves: [a, []] } }\n',
    'environments.a.waves[1]: a wave needs a target.',
  ],
  'a target without a name': [
    'environments: { a: { waves: [{ cluster: b }] } }\n',
    'environments.a.waves[0].name: is missing; expected lower-case letters',
  ],
  'a freeze that never ends': [
    'environments: { a: { freeze: [{ reason: b }] } }\n',
    'environments.a.freeze[0]: would last for ever; give it days, time or dates.',
  ],
  'a time that no clock shows': [
    'environments: { a: { freeze: [{ time: "16:00-25:00" }] } }\n',
    'environments.a.freeze[0].time: "16:00-25:00" is not valid; expected a span such as 16:00-24:00',
  ],
};

/** Files whose parts are right and do not fit each other: beyond what a JSON Schema can tell. */
export const contradictions: Readonly<Record<string, readonly [text: string, told: string]>> = {
  'settings of folders that are taken out': [
    'services:\n  "!services/legacy":\n    name: a\n',
    'f.yml:3:5: services."!services/legacy": takes folders out, so nothing can be said of them',
  ],
  'a required environment that there is not': [
    'environments:\n  staging:\n  production:\n    requires: stagin\n',
    'f.yml:4:15: environments.production.requires: "stagin" is unknown; did you mean staging?',
  ],
  'environments that require each other': [
    'environments:\n  a: { requires: b }\n  b: { requires: [c] }\n  c: { requires: a }\n',
    'the environments require each other in a circle: a → b → c → a.',
  ],
  'a target that is there twice': [
    'environments:\n  a:\n    waves: [eu, [us, { name: eu, cluster: x }]]\n',
    'f.yml:3:22: environments.a.waves[1][1]: "eu" is there twice.',
  ],
  'a time zone that there is not': [
    'environments: { a: { freeze: [{ days: fri, zone: Europe/Berlyn }] } }\n',
    'environments.a.freeze[0].zone: "Europe/Berlyn" is no time zone; expected for example Europe/Berlin.',
  ],
  'a date that there is not': [
    'environments: { a: { freeze: [{ dates: 2026-02-30 }] } }\n',
    'environments.a.freeze[0].dates: "2026-02-30" is no date of the calendar.',
  ],
  'dates the wrong way round': [
    'environments: { a: { freeze: [{ dates: 2027-01-03..2026-12-20 }] } }\n',
    'environments.a.freeze[0].dates: "2027-01-03..2026-12-20" ends before it begins.',
  ],
  'a time without length': [
    'environments: { a: { freeze: [{ time: "08:00-08:00" }] } }\n',
    'environments.a.freeze[0].time: "08:00-08:00" has no length.',
  ],
};
