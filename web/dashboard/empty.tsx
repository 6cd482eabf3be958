// A merchant without any event: how the script comes into the shop, ready to copy, and a page that notices the first event by
// itself.

import { useMemo, useState } from "react";
import { Choice } from "./choice.tsx";
import { guidesFor } from "./guides.ts";

export default function Empty({ merchant }: { merchant: string }) {
  const guides = useMemo(() => guidesFor(location.origin, merchant), [merchant]);
  const [chosen, setChosen] = useState("html");
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const guide = guides.find(({ id }) => id === chosen);
  if (guide === undefined) return null;
  const copy = (): void => {
    navigator.clipboard.writeText(guide.code).then(
      () => setCopied("yes"),
      () => setCopied("failed"),
    );
  };
  return (
    <section className="card empty" aria-labelledby="empty-title">
      <h2 id="empty-title">Waiting for the first event</h2>
      <p>The numbers appear here as soon as somebody visits your shop.</p>
      <Choice
        label="What the shop is made with"
        options={guides}
        chosen={chosen}
        onChoose={(id) => {
          setChosen(id);
          setCopied("no");
        }}
      />
      <p>{guide.where}</p>
      <pre tabIndex={0} aria-label={guide.what}>
        <code>{guide.code}</code>
      </pre>
      <button type="button" className="button button-primary" onClick={copy}>
        {copied === "yes" ? "Copied" : "Copy"}
      </button>
      <p>{guide.next}</p>
      <p className="quiet" role="status">
        {copied === "failed" ? "Your browser did not allow copying: select the text and copy it." : ""}
      </p>
      <p className="waiting">
        <span className="dot" aria-hidden="true" /> Listening. This page turns into your dashboard with the first event.
      </p>
    </section>
  );
}
