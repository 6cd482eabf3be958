// Addresses that a merchant does not want counted (the office, a monitor), looked at where events come in: the address is
// nowhere else. All that is left of it is a mark on the event.

import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** True for an address or a CIDR range: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. */
export const isRange = (text: string): boolean => rangeOf(text) !== null;

/** Whether an address is in one of the ranges; what is neither is in none. An IPv4 address stays one inside of IPv6. */
export function rangesOf(texts: readonly string[]): (address: string) => boolean {
  const ranges = texts.map(rangeOf).filter((range) => range !== null);
  if (ranges.length === 0) return () => false;
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match([base, bits] as never));
  };
}

function rangeOf(text: string): Range | null {
  const [, host = "", bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  // "192.0.2" and "0300.1" are addresses to some: not to people.
  if (!(host.includes(":") ? ipaddr.IPv6.isValid(host) : ipaddr.IPv4.isValidFourPartDecimal(host))) return null;
  const address = ipaddr.parse(host);
  const whole = address.kind() === "ipv4" ? 32 : 128;
  const length = bits === undefined ? whole : Number(bits);
  if (length > whole) return null;
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    return length < 96 ? null : [address.toIPv4Address(), length - 96];
  }
  return [address, length];
}
