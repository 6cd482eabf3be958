// A merchant's own data, to take along: the raw and the derived file of every sealed day; and a visitor's, to be erased.

import { useState } from "react";
import { addDays } from "../dates.ts";
import { Reading } from "../reading.tsx";
import { useRead } from "../use-read.ts";
import { useToday } from "../use-today.ts";
import type { SectionProps } from "./settings-page.tsx";
import { Choice } from "../choice.tsx";
import { isAtLeast } from "../roles.ts";
import { ErasureCard } from "./erasure-card.tsx";

const DAYS = 31;
const KINDS = [
  { id: "raw", label: "As received" },
  { id: "derived", label: "As counted" },
] as const;

interface DayFile {
  name: string;
  date: string;
  bytes: number;
  url: string;
}

export default function DataSection({ merchant }: SectionProps) {
  const today = useToday(merchant.zone);
  const [kind, setKind] = useState<(typeof KINDS)[number]["id"]>("raw");
  const [last, setLast] = useState<string | null>(null);
  const to = last ?? today;
  const from = addDays(to, 1 - DAYS);
  const files = useRead<{ files: DayFile[] }>(
    `/api/v1/merchants/${merchant.id}/files?kind=${kind}&from=${from}&to=${to}`,
  );
  return (
    <>
      <p>
        Every sealed day is a Parquet file that DuckDB, ClickHouse and others read: as events were received, or as they
        were counted, with visits, channels and money. Links hold for a while and need no sign-in.
      </p>
      <section className="card" aria-labelledby="data-files">
        <header className="panel-head">
          <h2 id="data-files">
            {from} to {to}
          </h2>
          <Choice label="Kind of file" options={KINDS} chosen={kind} onChoose={setKind} />
        </header>
        <Reading of={files}>
          {({ files: all }) =>
            all.length === 0 ? (
              <p className="quiet">No sealed day in these dates.</p>
            ) : (
              <ul className="file-list">
                {all.toReversed().map(({ name, date, bytes, url }) => (
                  <li key={name}>
                    <span>{date}</span>
                    <a href={url} download>
                      {name}
                    </a>
                    <span className="quiet">{Math.ceil(bytes / 1_000)} kB</span>
                  </li>
                ))}
              </ul>
            )
          }
        </Reading>
        <div className="button-row">
          <button type="button" className="button button-small" onClick={() => setLast(addDays(from, -1))}>
            Earlier
          </button>
          {last === null ? null : (
            <button type="button" className="button button-small" onClick={() => setLast(null)}>
              The newest
            </button>
          )}
        </div>
      </section>
      {isAtLeast(merchant.role, "admin") ? <ErasureCard merchant={merchant.id} /> : null}
    </>
  );
}
