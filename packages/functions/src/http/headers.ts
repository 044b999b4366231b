/** What every answer carries. It is data for programs: no browser shall render, sniff, frame or keep it. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** RFC 6797 forbids this over plain HTTP, which the one-machine ledger speaks. */
const OVER_TLS = { name: "strict-transport-security", value: "max-age=31536000" };

/**
 * Adds the headers that every answer carries; one that the route set itself stays.
 *
 * @param forwardedProto the request's `x-forwarded-proto`: the gateway, or a proxy, says what the caller spoke.
 */
export function addHeaders(headers: Headers, forwardedProto: string | null | undefined): void {
  for (const [name, value] of Object.entries(EVERYWHERE)) if (!headers.has(name)) headers.set(name, value);
  if (forwardedProto === "https") headers.set(OVER_TLS.name, OVER_TLS.value);
}
