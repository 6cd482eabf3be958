// The countries of the world as outlines, drawn when the page is built: Natural Earth's borders in their own projection, as
// SVG paths with the codes that events have. The page loads them with the map, and nothing that can draw them.

import { type ExtendedFeature, type GeoPath, geoNaturalEarth1, geoPath } from "d3-geo";
import isoCountries from "iso-3166-1";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Plugin } from "vite";
import world from "world-atlas/countries-110m.json" with { type: "json" };

interface Outline {
  /** ISO 3166-1 alpha-2. */
  code: string;
  path: string;
  /** Of its largest part. */
  center: [number, number];
}

const ID = "virtual:world-map";
const SIZE: [number, number] = [960, 470];
const ANTARCTICA = "AQ";

export const worldMap = (): Plugin => ({
  name: "world-map",
  resolveId: { filter: { id: /^virtual:world-map$/ }, handler: (id) => `\0${id}` },
  load: {
    filter: { id: new RegExp(`^\0${ID}$`) },
    handler: () =>
      `export const SIZE = ${JSON.stringify(SIZE)};\nexport const OUTLINES = JSON.parse(${JSON.stringify(JSON.stringify(outlines()))});`,
  },
});

function outlines(): Outline[] {
  const topology = world as unknown as Topology;
  const { features } = feature(topology, topology.objects["countries"] as GeometryCollection);
  const codeOf = (id: string | number | undefined): string =>
    id === undefined ? "" : (isoCountries.whereNumeric(String(id))?.alpha2 ?? "");
  const drawn = features.filter(({ id }) => codeOf(id) !== ANTARCTICA);
  const projection = geoNaturalEarth1().fitSize(SIZE, { type: "FeatureCollection", features: drawn });
  const path = geoPath(projection).digits(1);
  return drawn.flatMap((country) => {
    const drawing = path(country);
    if (drawing === null) return [];
    const [x, y] = path.centroid(largestPart(country, path));
    return [{ code: codeOf(country.id), path: drawing, center: [Math.round(x), Math.round(y)] }];
  });
}

/** France is where Paris is, whatever lies overseas. */
function largestPart(country: ExtendedFeature, path: GeoPath): ExtendedFeature {
  const { geometry } = country;
  if (geometry?.type !== "MultiPolygon") return country;
  const parts = geometry.coordinates.map((coordinates): ExtendedFeature => ({
    ...country,
    geometry: { type: "Polygon", coordinates },
  }));
  return parts.reduce((largest, part) => (path.area(part) > path.area(largest) ? part : largest));
}
