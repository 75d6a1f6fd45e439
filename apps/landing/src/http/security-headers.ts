/**
 * On every answer, whoever sends it (OWASP ASVS 5.0, 3.4 and 14.3.2). No Strict-Transport-Security: we speak plain http to a proxy, and the
 * promise "always https" is the proxy's to make. No script at all; of styles only those that are ours or the installer's.
 */
export function securityHeaders(styleHashes: readonly string[]): Readonly<Record<string, string>> {
  const styles = styleHashes.map((hash) => `'${hash}'`).join(' ');
  return {
    'Cache-Control': 'no-store',
    'Content-Security-Policy':
      `default-src 'none'; style-src ${styles}; img-src 'self' data:; ` +
      `form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Robots-Tag': 'noindex, nofollow, noarchive',
  };
}
