import ipaddr from "ipaddr.js";
import { InvalidPatternError } from "./errors.ts";

/** Compiles `cidr`: true for a text that is an address of the same family inside the range. */
export function compileCidr(range: string): (text: string) => boolean {
  const [address = "", bits = "", ...rest] = range.split("/");
  if (bits === "" || rest.length > 0) throw new InvalidPatternError("Malformed CIDR, one '/' required");
  if (!/^\d+$/.test(bits)) throw new InvalidPatternError("Malformed CIDR, mask bits must be an integer");
  const network = parseAddress(address);
  if (network === undefined) throw new InvalidPatternError(`Nonstandard IP address: ${address}`);
  const mask = Number(bits);
  if (mask > (network.kind() === "ipv4" ? 32 : 128))
    throw new InvalidPatternError("Malformed CIDR, mask bits must not exceed the address");
  return (text) => {
    const candidate = parseAddress(text);
    return candidate !== undefined && candidate.kind() === network.kind() && candidate.match(network, mask);
  };
}

/** Only the standard spellings: ipaddr.js alone would also take "10", octal and hexadecimal for IPv4. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(":") && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}
