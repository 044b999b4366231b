/** What every answer carries. It is data for programs: no browser shall render, sniff, frame or keep it. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

/** Adds the headers that every answer carries; one that the route set itself stays. */
export function addHeaders(headers: Headers, requestId: string): void {
  for (const [name, value] of Object.entries(EVERYWHERE)) if (!headers.has(name)) headers.set(name, value);
  headers.set("x-request-id", requestId);
}
