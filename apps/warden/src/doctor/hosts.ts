/** Null when it is no absolute address. */
export function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** This machine itself. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}

/** A name without a dot: a container of the same private network, as compose files call each other. */
export function isContainerName(url: URL): boolean {
  return !url.hostname.includes('.') && !url.hostname.includes(':');
}

/** In clear to somewhere that is neither this machine nor a container next door. */
export function isClearToElsewhere(url: URL): boolean {
  return url.protocol === 'http:' && !isLoopback(url) && !isContainerName(url);
}
