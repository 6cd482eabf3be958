// A drawing of each product: flat shapes in two tones of the product's color, so that they sit in a light and a dark page.

interface Drawing {
  /** Degrees on the color circle. */
  hue: number;
  /** Shapes in a square of 100: class "a" is the body, "b" what is darker, "c" what is lighter; "l" is a line. */
  shapes: string;
}

const DRAWINGS: Readonly<Record<string, Drawing>> = {
  "mug-clay": {
    hue: 48,
    shapes: `<path class="l" d="M66 42h8a11 11 0 0 1 0 26h-9"/><path class="a" d="M26 32h42v32a16 16 0 0 1-16 16H42a16 16 0 0 1-16-16z"/>
      <path class="c" d="M26 32h42v12q-10 7-21 0t-21 2z"/>`,
  },
  "teapot-iron": {
    hue: 235,
    shapes: `<path class="l" d="M30 44a20 24 0 0 1 40 0"/><path class="b" d="M68 52l16-10 4 5-14 20z"/>
      <ellipse class="a" cx="50" cy="60" rx="27" ry="21"/><path class="b" d="M34 44h32l-4 6H38z"/><circle class="b" cx="50" cy="41" r="4"/>`,
  },
  "board-oak": {
    hue: 68,
    shapes: `<g transform="rotate(18 50 50)"><rect class="a" x="30" y="28" width="40" height="54" rx="7"/><rect class="a" x="44" y="12" width="12" height="22" rx="6"/>
      <circle class="b" cx="50" cy="20" r="3"/><rect class="l thin" x="36" y="36" width="28" height="40" rx="4"/></g>`,
  },
  "apron-linen": {
    hue: 155,
    shapes: `<path class="l" d="M38 24a12 10 0 0 1 24 0M30 46l-12 4M70 46l12 4"/><path class="a" d="M38 24h24l10 22v36H28V46z"/>
      <path class="b" d="M38 56h24v8a8 8 0 0 1-8 8h-8a8 8 0 0 1-8-8z"/>`,
  },
  "blanket-wool": {
    hue: 15,
    shapes: `<rect class="a" x="22" y="34" width="56" height="16" rx="8"/><rect class="b" x="20" y="48" width="60" height="16" rx="8"/>
      <rect class="a" x="18" y="62" width="64" height="16" rx="8"/><path class="l thin" d="M64 34v16M66 62v16M62 48v16"/>`,
  },
  "candle-bees": {
    hue: 88,
    shapes: `<path class="b" d="M50 14q11 13 0 22-11-9 0-22z"/><path class="l thin" d="M50 34v8"/><rect class="a" x="36" y="41" width="28" height="42" rx="4"/>
      <path class="c" d="M36 45a4 4 0 0 1 4-4h20a4 4 0 0 1 4 4v9q-5 7-9 0t-10 1q-5 5-9-2z"/>`,
  },
  "vase-glass": {
    hue: 195,
    shapes: `<path class="l thin" d="M50 44Q48 26 60 14M50 44Q46 28 36 22"/><circle class="b" cx="61" cy="14" r="6"/><circle class="b" cx="35" cy="21" r="5"/>
      <path class="a" d="M42 42h16q-2 9 8 20a17 17 0 0 1-12 22h-8a17 17 0 0 1-12-22q10-11 8-20z"/><path class="c" d="M33 66h34a17 17 0 0 1-13 18h-8a17 17 0 0 1-13-18z"/>`,
  },
  "basket-willow": {
    hue: 60,
    shapes: `<path class="l" d="M30 46a20 26 0 0 1 40 0"/><path class="a" d="M20 46h60l-8 36H28z"/>
      <path class="l thin" d="M24 58h52M26 70h48M38 46l3 36M50 46v36M62 46l-3 36"/><rect class="b" x="17" y="42" width="66" height="8" rx="4"/>`,
  },
  "notebook-grid": {
    hue: 275,
    shapes: `<rect class="a" x="28" y="18" width="46" height="64" rx="5"/><rect class="b" x="28" y="18" width="11" height="64" rx="5"/>
      <rect class="c" x="46" y="30" width="20" height="12" rx="2"/><path class="l thin" d="M66 82v8l-3-3-3 3v-8"/>`,
  },
  "pen-brass": {
    hue: 95,
    shapes: `<g transform="rotate(45 50 50)"><rect class="a" x="44" y="10" width="12" height="58" rx="5"/><path class="b" d="M44 66h12l-6 20z"/>
      <rect class="b" x="44" y="34" width="12" height="4"/><rect class="c" x="55" y="14" width="4" height="22" rx="2"/></g>`,
  },
  "lamp-desk": {
    hue: 30,
    shapes: `<path class="l" d="M42 80L30 52l24-24"/><g transform="rotate(-42 56 28)"><ellipse class="c" cx="56" cy="46" rx="9" ry="8"/>
      <path class="a" d="M50 20h12l13 26H37z"/></g><rect class="b" x="26" y="78" width="34" height="7" rx="3.5"/><circle class="b" cx="30" cy="52" r="4"/>`,
  },
  "bag-canvas": {
    hue: 130,
    shapes: `<path class="l" d="M36 40V30a14 14 0 0 1 28 0v10"/><path class="a" d="M22 40h56l4 42H18z"/><path class="b" d="M22 40h56l2 18q-30 12-60 0z"/>
      <rect class="c" x="45" y="56" width="10" height="12" rx="2"/>`,
  },
};

/**
 * SVG that says nothing to a screen reader: the product's name stands beside it. Its hue is data, since the page's policy takes no
 * styles from markup: whoever shows it sets `--hue`.
 */
export function picture(productId: string): string {
  const drawing = DRAWINGS[productId];
  if (drawing === undefined) return "";
  return `<svg viewBox="0 0 100 100" data-hue="${drawing.hue}" aria-hidden="true" focusable="false">${drawing.shapes}</svg>`;
}
