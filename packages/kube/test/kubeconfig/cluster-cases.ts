import type { KubeconfigCase } from './case.ts';
import { kubeconfig } from './template.ts';

const cluster = (text: string): Pick<KubeconfigCase, 'files'> => ({
  files: { config: kubeconfig({ cluster: text }) },
});

const ca = "certificate-authority-data: '{{ca}}'";

/** Where a request goes, through which proxy, and whom it trusts there. */
export const clusterCases: readonly KubeconfigCase[] = [
  {
    name: 'an authority in a relative file',
    files: {
      'in/config': kubeconfig({
        cluster: "{ server: '{{secure}}', certificate-authority: ../ca.pem }",
      }),
      'ca.pem': '{{ca-pem}}',
    },
    paths: ['in/config'],
  },
  {
    name: 'an authority as data and as a file',
    files: {
      config: kubeconfig({
        cluster: `{ server: '{{secure}}', certificate-authority: ca.pem, ${ca} }`,
      }),
      'ca.pem': '{{ca-pem}}',
    },
  },
  {
    name: 'an authority file that is not there',
    ...cluster("{ server: '{{secure}}', certificate-authority: ca.pem }"),
  },
  {
    name: 'data of an authority that holds no certificate',
    ...cluster("{ server: '{{secure}}', certificate-authority-data: aGVsbG8= }"),
  },
  { name: 'an authority that nobody names', ...cluster("{ server: '{{secure}}' }") },
  {
    name: 'no verification',
    ...cluster("{ server: '{{secure}}', insecure-skip-tls-verify: true }"),
  },
  {
    name: 'no verification, said as a text',
    ...cluster("{ server: '{{secure}}', insecure-skip-tls-verify: 'true' }"),
  },
  {
    name: 'no verification beside an authority',
    ...cluster(`{ server: '{{secure}}', insecure-skip-tls-verify: true, ${ca} }`),
  },
  {
    name: 'a server name that is not that of the certificate',
    ...cluster(`{ server: '{{localhost}}', ${ca} }`),
  },
  {
    name: 'a server name of its own for TLS',
    ...cluster(`{ server: '{{localhost}}', tls-server-name: service.test, ${ca} }`),
  },
  { name: 'a server with a path', ...cluster(`{ server: '{{secure}}/k8s/clusters/c1/', ${ca} }`) },
  {
    name: 'a server with a path and a query',
    ...cluster(`{ server: '{{secure}}/k8s/clusters/c1?a=b#c', ${ca} }`),
  },
  { name: 'a server that ends in slashes', ...cluster(`{ server: '{{secure}}//', ${ca} }`) },
  {
    name: 'a server with a password in its address',
    files: {
      config: kubeconfig({
        cluster: `{ server: 'https://bob:s3cret@127.0.0.1:{{port}}', ${ca} }`,
        user: '{}',
      }),
    },
  },
  { name: 'a server without a scheme', ...cluster(`{ server: '127.0.0.1:{{port}}', ${ca} }`) },
  {
    name: 'a server with another scheme',
    ...cluster(`{ server: 'ftp://127.0.0.1:{{port}}', ${ca} }`),
  },
  { name: 'a server that is empty', ...cluster(`{ server: '', ${ca} }`) },
  { name: 'a cluster that is null', ...cluster('null') },
  { name: 'a proxy', ...cluster(`{ server: '{{named}}', proxy-url: '{{proxy}}', ${ca} }`) },
  {
    name: 'a proxy for a server on loopback',
    ...cluster(`{ server: '{{secure}}', proxy-url: '{{proxy}}', ${ca} }`),
  },
  {
    name: 'a proxy spoken to in HTTPS that the authority of the cluster vouches for',
    ...cluster(`{ server: '{{named}}', proxy-url: '{{https-proxy}}', ${ca} }`),
  },
  { name: 'a SOCKS5 proxy', ...cluster(`{ server: '{{named}}', proxy-url: '{{socks}}', ${ca} }`) },
  {
    name: 'a proxy with another scheme',
    ...cluster(`{ server: '{{secure}}', proxy-url: 'ftp://127.0.0.1:1', ${ca} }`),
  },
  {
    name: 'a proxy without a scheme',
    ...cluster(`{ server: '{{secure}}', proxy-url: '127.0.0.1:3128', ${ca} }`),
  },
  {
    name: 'compression that is not wanted',
    ...cluster(`{ server: '{{secure}}', disable-compression: true, ${ca} }`),
  },
  {
    name: 'an authority in lines of base64',
    ...cluster(`{ server: '{{secure}}', certificate-authority-data: "{{ca}}\\n" }`),
  },
];
