import type { IncomingMessage } from 'node:http';

/**
 * Browsers name the page they act for, and send cookies and reach private networks for any page; so
 * a page of another origin must be listed. Programs that are not browsers send no Origin.
 */
export function isAllowedOrigin(
  request: IncomingMessage,
  allowedOrigins: readonly string[] | '*',
): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowedOrigins === '*' || allowedOrigins.includes(origin))
    return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
