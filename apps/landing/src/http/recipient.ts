import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Recipient } from '../exchange-link.usecase.js';
import { cookieOf, setCookie } from './cookies.js';

const longestUserAgent = 512;

/** Who posts. The session tells one recipient from another at the same address; it opens nothing by itself. */
export function recipientOf(request: FastifyRequest, reply: FastifyReply): Recipient {
  const known = sessionOf(request);
  const session = known ?? randomBytes(32).toString('base64url');
  if (session !== known) setCookie(request, reply, 'warden-session', session);
  return {
    session,
    address: addressOf(request),
    userAgent: request.headers['user-agent']?.slice(0, longestUserAgent) ?? null,
  };
}

/** As a trusted proxy tells it, else the other end of the connection; null for what is no address. */
function addressOf(request: FastifyRequest): string | null {
  const address = request.ip.split('%', 1)[0] ?? '';
  return isIP(address) === 0 ? null : address;
}

/** What an earlier visit left; undefined: nothing, or nothing of ours. */
export function sessionOf(request: FastifyRequest): string | undefined {
  const value = cookieOf(request, 'warden-session');
  return value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : undefined;
}
