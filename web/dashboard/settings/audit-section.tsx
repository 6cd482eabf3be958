// The record: who changed what and when, with what was before and what came after; of the merchant, or of all its organisation.

import { useState } from "react";
import { Choice } from "../choice.tsx";
import { Reading } from "../reading.tsx";
import { useRead } from "../use-read.ts";
import { momentOf } from "../when.ts";
import type { AuditEntry } from "../../../core/audit-entry.ts";
import { type Change, changesIn } from "./audit-changes.ts";
import type { SectionProps } from "./settings-page.tsx";

const WHOSE = [
  { id: "merchant", label: "This merchant" },
  { id: "organisation", label: "The organisation" },
] as const;
type Whose = (typeof WHOSE)[number]["id"];

export default function AuditSection({ merchant }: SectionProps) {
  const [whose, setWhose] = useState<Whose>("merchant");
  const { id, organisation } = merchant;
  const of = whose === "merchant" || organisation === null ? { merchant: id } : { organisation };
  return (
    <>
      <p>Every change of how merchants, people, tokens and links are set up. Nobody can take anything out of it.</p>
      <section className="card" aria-labelledby="audit-log">
        <header className="panel-head">
          <h2 id="audit-log">Changes, the newest first</h2>
          {organisation === null ? null : (
            <Choice label="Whose changes" options={WHOSE} chosen={whose} onChoose={setWhose} />
          )}
        </header>
        <Entries key={whose} of={of} />
      </section>
    </>
  );
}

function Entries({ of }: { of: Record<string, string> }) {
  /** Where the pages before the present one began. */
  const [before, setBefore] = useState<readonly string[]>([]);
  const at = before.at(-1);
  const entries = useRead<{ entries: AuditEntry[]; next: number | null }>(
    `/api/v1/audit?${new URLSearchParams({ ...of, ...(at === undefined ? {} : { before: at }) }).toString()}`,
  );
  return (
    <Reading of={entries}>
      {({ entries: all, next }) => (
        <>
          {all.length === 0 ? (
            <p className="quiet">Nothing has been changed.</p>
          ) : (
            <EntryList entries={all} named={of["merchant"] === undefined} />
          )}
          <nav className="button-row" aria-label="Pages of the record">
            {before.length === 0 ? null : (
              <button type="button" className="button button-small" onClick={() => setBefore(before.slice(0, -1))}>
                Later
              </button>
            )}
            {next === null ? null : (
              <button
                type="button"
                className="button button-small"
                onClick={() => setBefore([...before, String(next)])}
              >
                Earlier
              </button>
            )}
          </nav>
        </>
      )}
    </Reading>
  );
}

/** `named`: entries are of several merchants. */
function EntryList({ entries, named }: { entries: readonly AuditEntry[]; named: boolean }) {
  return (
    <ul className="row-list audit-list" aria-label="Changes">
      {entries.map((entry) => (
        <li key={entry.id}>
          <span>
            {entry.action}
            {named && entry.merchant !== null ? <span className="quiet"> {entry.merchant}</span> : null}
            <br />
            <span className="quiet">
              {momentOf(entry.at, "")}
              <br />
              {entry.who}
            </span>
          </span>
          <div>
            {changesIn(entry).map((change) => (
              <ChangeLine key={change.field} change={change} />
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}

function ChangeLine({ change: { field, before, after } }: { change: Change }) {
  return (
    <div className="audit-change">
      <span className="quiet">{field}:</span>{" "}
      {before === after || before === null ? null : (
        <>
          <del>
            <span className="visually-hidden">was </span>
            {before}
          </del>{" "}
          {after === null ? null : <span aria-hidden="true">→ </span>}
        </>
      )}
      {after === null ? null : <ins>{after}</ins>}
    </div>
  );
}
