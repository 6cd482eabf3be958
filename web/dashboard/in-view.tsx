// Something below the fold: made, and its code loaded, when it comes near the window, so that the first look at the page asks
// for no more than it shows. Its place is kept meanwhile.

import { type ReactNode, Suspense, useEffect, useRef, useState } from "react";

const MARGIN = "300px";

export function InView({ minHeightPx, children }: { minHeightPx: number; children: ReactNode }) {
  const holder = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = holder.current;
    if (element === null || near) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setNear(true);
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [near]);
  const place = <div className="card" style={{ minBlockSize: `${minHeightPx}px` }} />;
  return (
    <div ref={holder} className="in-view">
      {near ? <Suspense fallback={place}>{children}</Suspense> : place}
    </div>
  );
}
