/** What may be shown of an address to whoever opens a link: `j…@e….org` for `jane@example.org`. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const labels = address.slice(at + 1).split('.');
  const end = labels.length > 1 ? `.${labels.at(-1)}` : '';
  return `${first(address.slice(0, Math.max(at, 0)))}…@${first(labels[0] ?? '')}…${end}`;
}

function first(text: string): string {
  return [...text][0] ?? '';
}
