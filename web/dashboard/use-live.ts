// The live view of one merchant while a component shows it. The component must not change its merchant.

import { useEffect, useState } from "react";
import { followLive, type Live } from "./live.ts";

export const useLive = (merchant: string, shards: number): Live => {
  const [live, setLive] = useState<Live>({ status: "connecting", snapshot: null });
  useEffect(() => followLive(merchant, shards, setLive), [merchant, shards]);
  return live;
};
