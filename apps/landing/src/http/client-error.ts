import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Language } from '../languages/languages.js';
import type { Log } from '../log.js';
import type { Pages } from '../pages/pages.js';
import { securityHeaders } from './security-headers.js';

/**
 * Answers what node's HTTP parser refused, before there was a request. The error object holds the raw packet, and with it the token: only its
 * code is looked at.
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  { pages, language, log }: { readonly pages: Pages; readonly language: Language; readonly log: Log },
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOf(error.code);
  const page = pages.render('incomplete', language, 'get');
  const headers = {
    ...securityHeaders(pages.styleHashes),
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': page.byteLength,
    Connection: 'close',
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n`);
  socket.end(page);
  log.info({ route: '(none)', status, outcome: 'unreadable-request' }, 'request');
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}
