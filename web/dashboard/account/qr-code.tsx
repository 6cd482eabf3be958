// A text as a code for a camera: dark on light in every theme, with the quiet margin that readers need. Drawn as elements, so that
// the page's policy needs no exception. Loaded with its library when it is opened.

import { encode } from "uqr";

/** In modules, as ISO/IEC 18004 asks for. */
const MARGIN = 4;

export default function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: "M", border: MARGIN });
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <path d={data.map(rowPath).join("")} fill="currentColor" />
    </svg>
  );
}

const rowPath = (row: readonly boolean[], y: number): string =>
  row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")).join("");
