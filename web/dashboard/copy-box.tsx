// Text to take along: shown whole, to be selected, and copied with one press.

import { useState } from "react";

export function CopyBox({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied("yes"),
      () => setCopied("failed"),
    );
  };
  const word = copied === "yes" ? "Copied" : "Copy";
  return (
    <div className="copy-box">
      <pre className="code" tabIndex={0} role="group" aria-label={label}>
        <code>{text}</code>
      </pre>
      <button type="button" className="button button-small" aria-label={`${word}: ${label}`} onClick={copy}>
        {word}
      </button>
      <p role="status" className="visually-hidden">
        {copied === "yes" ? "Copied" : ""}
      </p>
      {copied === "failed" ? <p>Your browser did not allow copying: select the text and copy it.</p> : null}
    </div>
  );
}
