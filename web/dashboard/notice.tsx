// What a person must know before trusting the page: a problem with what to do about it, stale numbers, a remark.

import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";

export function Notice(props: {
  kind: "problem" | "stale" | "note";
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
        <Button className="button" onPress={props.onRetry}>
          Try again
        </Button>
      )}
    </section>
  );
}
