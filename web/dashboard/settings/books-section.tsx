// Why is my event missing? Where every event of the last days went, and some of those that were refused.

import type { BookedDay, BooksView } from "../../../core/books-view.ts";
import { addDays } from "../dates.ts";
import { type Format, makeFormat } from "../format.ts";
import { readersLocale } from "../locale.ts";
import { Reading } from "../reading.tsx";
import { useRead } from "../use-read.ts";
import { useToday } from "../use-today.ts";
import { numbersIn, words } from "../words.ts";
import type { SectionProps } from "./settings-page.tsx";

const DAYS = 14;
const REFRESH_MS = 15_000;

export default function BooksSection({ merchant }: SectionProps) {
  const today = useToday(merchant.zone);
  const address = `/api/v1/merchants/${merchant.id}/books?from=${addDays(today, 1 - DAYS)}&to=${today}`;
  const format = makeFormat(readersLocale(navigator.languages), merchant.currency, merchant.zone);
  const books = useRead<BooksView>(address, REFRESH_MS);
  return (
    <Reading of={books}>
      {({ days, rejected_examples: examples }) => (
        <>
          <p>
            Every event that was received is accepted, a duplicate, or rejected with a reason; every accepted one is
            counted, or not counted with a verdict. Sums that do not add up would be marked.
          </p>
          <section className="card" aria-labelledby="books-days">
            <h2 id="books-days">The last {DAYS} days</h2>
            {days.length === 0 ? (
              <p className="quiet">No event has been received in these days.</p>
            ) : (
              <Days days={days} format={format} />
            )}
          </section>
          <section className="card" aria-labelledby="books-examples">
            <h2 id="books-examples">Refused lately</h2>
            <Examples examples={examples} />
          </section>
        </>
      )}
    </Reading>
  );
}

function Days({ days, format }: { days: readonly BookedDay[]; format: Format }) {
  const count = (number: number): string => format.value("count", number);
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Books by day">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Day</th>
            {["Received", "Accepted", "Duplicate", "Rejected", "Counted", "Not counted", "Late"].map((name) => (
              <th key={name} scope="col" className="number">
                {name}
              </th>
            ))}
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((day) => (
            <tr key={day.date}>
              <th scope="row">{format.dates(day.date, day.date)}</th>
              <td className="number">{count(day.received)}</td>
              <td className="number">{count(day.accepted)}</td>
              <td className="number">{count(day.duplicate)}</td>
              <td className="number">{numbersIn(day.rejected, count)}</td>
              <td className="number">{count(day.counted)}</td>
              <td className="number">{numbersIn(day.not_counted, count)}</td>
              <td className="number">{count(day.late)}</td>
              <td className="whole">{day.balanced ? STATES[day.state] : "Does not add up"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const STATES: Readonly<Record<BookedDay["state"], string>> = {
  open: "Open",
  sealed: "Sealed, not proven",
  proven: "Sealed and proven",
};

function Examples({ examples }: { examples: BooksView["rejected_examples"] }) {
  if (examples.length === 0) return <p className="quiet">Nothing has been refused in the last days.</p>;
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Refused events">
      <table className="plain-table">
        <thead>
          <tr>
            {["When", "Why", "Where in the event", "Event", "Page"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {examples.map(({ at, reason, field, name, page }, index) => (
            <tr key={`${at} ${index}`}>
              <td>{new Date(at).toLocaleString()}</td>
              <td>{words(reason)}</td>
              <td>
                <code>{field}</code>
              </td>
              <td>{name ?? "–"}</td>
              <td>{page ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
