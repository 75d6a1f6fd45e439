import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { type TLSSocket, connect } from 'node:tls';
import { X509Certificate } from 'node:crypto';

/** Milliseconds, for a whole call. */
const patience = 5_000;
/** Bytes of an answer that are read; the rest is not needed. */
const mostRead = 1024 * 1024;

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly tls: { readonly certificate: X509Certificate | null; readonly isTrusted: boolean } | null;
}

/**
 * One harmless request without any credential. Null: no answer in time.
 * A certificate is never a reason to stop: nothing secret is sent, and what is wrong with it is for the rules to say.
 */
export function ask(
  url: URL,
  { method = 'GET', ca }: { method?: 'GET' | 'POST'; ca?: string | undefined } = {},
): Promise<Asked | null> {
  return new Promise((resolve) => {
    const secure = url.protocol === 'https:';
    const options = { method, agent: false, headers: method === 'POST' ? { 'content-length': '0' } : {} };
    const request = secure
      ? requestTls(url, { ...options, rejectUnauthorized: false, ...(ca !== undefined && { ca: [ca] }) })
      : requestPlain(url, options);
    const timer = setTimeout(() => request.destroy(), patience);
    const done = (asked: Asked | null) => {
      clearTimeout(timer);
      resolve(asked);
      request.destroy();
    };
    request.on('error', () => done(null));
    request.on('close', () => done(null));
    request.on('response', (response) => {
      const tls = secure ? shown(response.socket as TLSSocket) : null;
      let body = '';
      const end = () => done({ status: response.statusCode ?? 0, headers: response.headers, body, tls });
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        body += piece;
        if (body.length > mostRead) end();
      });
      response.on('end', end);
      response.on('error', () => done(null));
    });
    request.end();
  });
}

/** Whether a server agrees to TLS 1.1 or 1.0, which are out of use (RFC 8996). */
export function takesOldTls(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/[[\]]/g, '');
    const socket = connect({
      ...{ host, port: Number(url.port || 443), rejectUnauthorized: false },
      ...(!/^[\d.]+$|:/.test(host) && { servername: host }),
      // At level 0 OpenSSL offers what is out of use at all.
      ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
    });
    const done = (taken: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(taken);
    };
    const timer = setTimeout(() => done(false), patience);
    socket.on('secureConnect', () => done(true));
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
  });
}

function shown(socket: TLSSocket): Asked['tls'] {
  const peer = socket.getPeerCertificate(false) as { raw?: Buffer } | undefined;
  return { certificate: peer?.raw ? new X509Certificate(peer.raw) : null, isTrusted: socket.authorized };
}
