// The live view of one merchant while a component shows it.

import { useEffect, useState } from "react";
import { followLive, type Live } from "./live.ts";

const NOTHING_YET: Live = { status: "connecting", snapshot: null };

export const useLive = (merchant: string, shards: number): Live => {
  const [live, setLive] = useState(NOTHING_YET);
  useEffect(() => {
    setLive(NOTHING_YET);
    return followLive(merchant, shards, setLive);
  }, [merchant, shards]);
  return live;
};
