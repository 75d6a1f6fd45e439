import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages } from './debian.mjs';

/** An authority, a certificate for localhost, one for a client, and one of a client of an authority that nobody trusts. */
export async function makeCertificates(folder) {
  if (!existsSync('/usr/bin/openssl')) installPackages('openssl is missing', ['openssl']);
  const at = (name) => join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  for (const name of ['authority', 'stranger'])
    openssl('req', '-x509', ...key, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`));
  const issue = async (name, authority, subjectAltName) => {
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${subjectAltName}`];
    const signer = ['-CA', at(`${authority}.crt`), '-CAkey', at(`${authority}.key`)];
    openssl('req', '-x509', ...key, ...subject, ...signer, '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`));
    return {
      certificate: at(`${name}.crt`),
      key: at(`${name}.key`),
      certificateText: await readFile(at(`${name}.crt`), 'utf8'),
      keyText: await readFile(at(`${name}.key`), 'utf8'),
    };
  };
  return {
    authority: at('authority.crt'),
    authorityText: await readFile(at('authority.crt'), 'utf8'),
    server: await issue('localhost', 'authority', 'DNS:localhost,IP:127.0.0.1'),
    client: await issue('client', 'authority', 'DNS:client.example'),
    strangersClient: await issue('strangers-client', 'stranger', 'DNS:client.example'),
  };
}
