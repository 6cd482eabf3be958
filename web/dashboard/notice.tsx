// What a person must know before trusting the page: a problem with what to do about it, stale numbers, a remark.

import type { ReactNode } from "react";

export function Notice(props: {
  kind: "problem" | "stale" | "note" | "good";
  title: string;
  children: ReactNode;
  onRetry?: () => void;
}) {
  return (
    <section className={`notice notice-${props.kind}`} role={props.kind === "problem" ? "alert" : "status"}>
      <div>
        <strong>{props.title}</strong>
        <p>{props.children}</p>
      </div>
      {props.onRetry === undefined ? null : (
        <button type="button" className="button" onClick={props.onRetry}>
          Try again
        </button>
      )}
    </section>
  );
}
