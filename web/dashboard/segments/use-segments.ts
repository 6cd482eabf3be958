// The saved segments of a merchant. They are read when there is use for them: when one is to be picked, and to say what those in
// the address are called.

import type { SWRResponse } from "swr";
import type { SavedSegment } from "../../../core/segments.ts";
import type { ApiProblem } from "../api.ts";
import { useRead } from "../use-read.ts";

export interface SegmentList {
  segments: SavedSegment[];
}

export const segmentsPath = (merchant: string): string => `/api/v1/merchants/${merchant}/segments`;

export const useSegments = (merchant: string, wanted: boolean): SWRResponse<SegmentList, ApiProblem> =>
  useRead<SegmentList>(wanted ? segmentsPath(merchant) : null);
