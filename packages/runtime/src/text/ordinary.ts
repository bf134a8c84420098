/**
 * Words of logs and of configuration, Slipway's own log among them. To mask one would blank it out
 * wherever it stands and keep nothing secret.
 */
const ordinaryWords = new Set(
  `
  active admin all any app apps application auto available back backup base basic bool boolean branch
  build cache certificate chart client cluster cmd commit completed config configmap container
  containers context count create created crashloopbackoff cron current daemonset data database debug
  default delete deleted deploy deployed deployment deployments dev develop development differ differs
  disable disabled enable enabled endpoint env environment error errors event events exit external
  failed failing failure false fatal file files force format forward found from full global group
  guest health healthy helm high home hook hooks host hostname hosts http https image images info ingress
  init install installed installing internal item items job jobs json kubernetes labels latest level
  limit limits list live local localhost log logger logging login low main manifest master max
  medium memory message metadata method min mode mysql name names namespace never next node
  none normal not nothing null objects off only optional options order output page path
  pending plain pod pods policy port ports postgres postgresql postgres prefer preferred preview primary
  private prod production project protocol public qa read readiness ready redis region release
  releases replica replicas request requests require required reset resource resources restart revision
  role rollback rolled root running sandbox secondary server service services set silent
  simple size slipway source spec staging stage standard start started state statefulset status stdout
  stop storage strict string succeeded success superseded system tcp template test testing text timeout
  trace true type udp uninstalled unknown update upgrade upgraded upgrading url user username users
  value values verbose verify version volume volumes waiting warn warning web with worker write yaml yes
  `
    .trim()
    .split(/\s+/),
);

/** More of them could be a passphrase. */
const mostWords = 3;

/** Whether a text is one to three ordinary words: `production`, `enabled: true`, `LOG_LEVEL=debug`. */
export function isOrdinaryText(text: string): boolean {
  const words = text
    .replace(/([a-z])(?=[A-Z])/g, '$1 ')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  if (words.length > mostWords) return false;
  return words.every((word) => ordinaryWords.has(word.toLowerCase()) || /^\d{1,3}$/.test(word));
}
