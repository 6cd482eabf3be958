// What stands where numbers will be: same size as they, so that nothing jumps when they come.

import { Brand } from "./brand.tsx";

export function Skeleton({ width }: { width: string }) {
  return <span className="skeleton" style={{ width }} aria-hidden="true" />;
}

export function SkeletonRows({ rows }: { rows: number }) {
  return (
    <div className="skeleton-rows" aria-hidden="true">
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className="skeleton" style={{ width: `${90 - index * 8}%` }} />
      ))}
    </div>
  );
}

export function PageSkeleton() {
  return (
    <>
      <header className="top-bar">
        <Brand />
      </header>
      <main className="page" aria-busy="true">
        <h1 className="visually-hidden">Loading</h1>
        <div className="card skeleton-page" />
      </main>
    </>
  );
}
