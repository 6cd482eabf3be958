// How a merchant is set up: its name and domains, its clock and currency, how long raw events are kept; the script; and its end.

import { isAtLeast } from "../roles.ts";
import { useState } from "react";
import { mutate as mutateAll } from "swr";
import { ActForm } from "../act-form.tsx";
import { send } from "../api.ts";
import { domainsIn } from "../domains.ts";
import { Reading, Refused } from "../reading.tsx";
import { useAct } from "../use-act.ts";
import { useRead } from "../use-read.ts";
import type { SectionProps } from "./settings-page.tsx";

interface Settings {
  id: string;
  name: string;
  domains: string[];
  /** As it is now. */
  zone: string;
  /** From which day on which; null: it has always been the same. */
  zones: { from: string; zone: string }[] | null;
  currency: string;
  retention_days: number | null;
}

export default function MerchantSection({ merchant }: SectionProps) {
  const address = `/api/v1/merchants/${merchant.id}`;
  const settings = useRead<Settings>(address);
  const mayChange = isAtLeast(merchant.role, "admin");
  return (
    <Reading of={settings}>
      {(present) => (
        <>
          <section className="card" aria-labelledby="merchant-settings">
            <h2 id="merchant-settings">Settings</h2>
            <SettingsForm present={present} address={address} mayChange={mayChange} />
          </section>
          <section className="card" aria-labelledby="merchant-script">
            <h2 id="merchant-script">The script</h2>
            <p>In the head of every page of the shop:</p>
            <pre className="code" tabIndex={0} aria-label="Script tag">
              <code>{`<script async src="${location.origin}/s.js" data-merchant="${merchant.id}"></script>`}</code>
            </pre>
          </section>
          {isAtLeast(merchant.role, "owner") ? <Deletion merchant={present} address={address} /> : null}
        </>
      )}
    </Reading>
  );
}

interface SettingsFormProps {
  present: Settings;
  address: string;
  mayChange: boolean;
}

function SettingsForm({ present, address, mayChange }: SettingsFormProps) {
  const save = async (text: (field: string) => string): Promise<void> => {
    await send("PATCH", address, changesIn(text, present));
    await Promise.all([mutateAll(address), mutateAll("merchants")]);
  };
  const fields = <SettingsFields key={JSON.stringify(present)} present={present} />;
  if (!mayChange)
    return (
      <div className="form">
        <fieldset disabled>{fields}</fieldset>
        <p className="quiet">Admins and owners may change these.</p>
      </div>
    );
  return (
    <ActForm button="Save" done="Saved. It is everywhere within a minute." act={save}>
      {fields}
    </ActForm>
  );
}

const SettingsFields = ({ present }: { present: Settings }) => (
  <>
    <label>
      Name
      <input name="name" defaultValue={present.name} required maxLength={100} />
    </label>
    <label>
      Domains, one a line
      <textarea name="domains" rows={3} defaultValue={present.domains.join("\n")} />
    </label>
    <label>
      Time zone
      <input name="zone" defaultValue={lastZone(present)} list="zones" required aria-describedby="zone-note" />
      <datalist id="zones">
        {Intl.supportedValuesOf("timeZone").map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <span className="quiet" id="zone-note">
        {zoneNote(present)}
      </span>
    </label>
    <label>
      Currency
      <input name="currency" defaultValue={present.currency} pattern="[A-Z]{3}" required />
    </label>
    <label>
      Raw events are kept for so many days (empty: for ever)
      <input name="retention_days" type="number" min={1} defaultValue={present.retention_days ?? ""} />
    </label>
  </>
);

const lastZone = ({ zone, zones }: Settings): string => zones?.at(-1)?.zone ?? zone;

function zoneNote({ zone, zones }: Settings): string {
  const last = zones?.at(-1);
  if (last !== undefined && last.zone !== zone)
    return `Until then it is ${zone}: the change holds from ${last.from} on.`;
  return "Its midnight ends the day. Once there are events, a change holds from the next day on; days before stay as they were.";
}

/** What differs from what is there. */
function changesIn(text: (field: string) => string, settings: Settings): Partial<Settings> {
  const present = { ...settings, zone: lastZone(settings) };
  const days = text("retention_days");
  const wanted: Omit<Settings, "id" | "zones"> = {
    name: text("name"),
    domains: domainsIn(text("domains")),
    zone: text("zone"),
    currency: text("currency"),
    retention_days: days === "" ? null : Number(days),
  };
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(present[name as keyof Settings]),
    ),
  );
}

function Deletion({ merchant, address }: { merchant: Settings; address: string }) {
  const { busy, problem, act } = useAct();
  const [typed, setTyped] = useState("");
  return (
    <section className="card" aria-labelledby="merchant-end">
      <h2 id="merchant-end">Delete this merchant</h2>
      <p>
        Nothing is collected any more, and nobody sees its numbers. The operator can bring it back for seven days; then
        all of it is erased. Write its name to confirm.
      </p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void act(() => send("DELETE", address)).then((done) => {
            if (done) location.assign("/");
          });
        }}
      >
        <label>
          {merchant.name}
          <input value={typed} onChange={({ target }) => setTyped(target.value)} autoComplete="off" />
        </label>
        <button type="submit" className="button button-danger" disabled={busy || typed !== merchant.name}>
          Delete
        </button>
        <Refused problem={problem} />
      </form>
    </section>
  );
}
