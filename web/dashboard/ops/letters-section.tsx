// Messages that could not be handled, with their reason: look at one, send it again, or drop it.

import type { ListedLetter } from "../../../core/dead-letter.ts";
import { useState } from "react";
import { send } from "../api.ts";
import { Reading, Refused } from "../reading.tsx";
import { useAct } from "../use-act.ts";
import { useRead } from "../use-read.ts";

const ADDRESS = "/api/ops/dead-letters";
const REFRESH_MS = 10_000;

export default function LettersSection() {
  const letters = useRead<{ letters: ListedLetter[] }>(ADDRESS, REFRESH_MS);
  const { busy, problem, act } = useAct();
  const handle = async (id: string, how: "retry" | "drop"): Promise<void> => {
    const one = `${ADDRESS}/${encodeURIComponent(id)}`;
    await act(() => (how === "retry" ? send("POST", `${one}/retry`) : send("DELETE", one)));
    await letters.mutate();
  };
  return (
    <section className="card" aria-labelledby="letters">
      <h2 id="letters">Messages that could not be handled</h2>
      <Refused problem={problem} />
      <Reading of={letters}>
        {({ letters: all }) =>
          all.length === 0 ? (
            <p className="quiet">None. Whatever can never be handled rests here until somebody decides.</p>
          ) : (
            <ul className="letters">
              {all.map((letter) => (
                <li key={letter.id}>
                  <p>
                    <strong>{letter.queue ?? "unknown queue"}</strong> · {new Date(letter.at).toLocaleString()} ·{" "}
                    {letter.bytes.toLocaleString()} bytes
                  </p>
                  <p>{letter.reason}</p>
                  <div className="button-row">
                    <button
                      type="button"
                      className="button button-small"
                      disabled={busy}
                      onClick={() => void handle(letter.id, "retry")}
                    >
                      Send again
                    </button>
                    <button
                      type="button"
                      className="button button-small"
                      disabled={busy}
                      onClick={() => void handle(letter.id, "drop")}
                    >
                      Drop
                    </button>
                  </div>
                  <Content id={letter.id} />
                </li>
              ))}
            </ul>
          )
        }
      </Reading>
    </section>
  );
}

/** What is in it, read when it is opened. */
function Content({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  const letter = useRead<unknown>(open ? `${ADDRESS}/${encodeURIComponent(id)}` : null);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What is in it</summary>
      {open ? (
        <Reading of={letter}>
          {(content) => (
            <pre className="code" tabIndex={0} aria-label="Content">
              <code>{JSON.stringify(content, null, 2)}</code>
            </pre>
          )}
        </Reading>
      ) : null}
    </details>
  );
}
