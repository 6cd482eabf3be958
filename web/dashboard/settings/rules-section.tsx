// Rules of counting: what is counted, and under which page and channel. Saved, they hold from the next day on; a preview shows
// what they would make of the past, and can be applied to it.

import { isAtLeast } from "../roles.ts";
import { type FormEvent, useState } from "react";
import type { RulesVersionView, SavedRulesView } from "../../../core/rules-view.ts";
import { send } from "../api.ts";
import { Reading, Refused } from "../reading.tsx";
import { useAct } from "../use-act.ts";
import { useRead } from "../use-read.ts";
import { formOf, LISTS, type RulesForm, rulesOf } from "./rules-form.ts";
import { RulesPreview } from "./rules-preview.tsx";
import type { SectionProps } from "./settings-page.tsx";

interface Saved extends SavedRulesView {
  history: RulesVersionView[];
}

export default function RulesSection({ merchant }: SectionProps) {
  const address = `/api/v1/merchants/${merchant.id}/rules`;
  const saved = useRead<Saved>(address);
  const mayChange = isAtLeast(merchant.role, "admin");
  return (
    <>
      <p>
        Every event is kept, and judged when it is counted. So rules can be tried on the past, looked at, applied and
        taken back. A new version holds from the next local day on.
      </p>
      <Reading of={saved}>
        {(present) => (
          <>
            <RulesEditor
              key={present.version}
              present={present}
              merchant={merchant}
              mayChange={mayChange}
              onSaved={() => void saved.mutate()}
            />
            <section className="card" aria-labelledby="rules-history">
              <h2 id="rules-history">Versions</h2>
              <History history={present.history} />
            </section>
          </>
        )}
      </Reading>
    </>
  );
}

interface EditorProps extends SectionProps {
  present: Saved;
  mayChange: boolean;
  onSaved: () => void;
}

function RulesEditor({ present, merchant, mayChange, onSaved }: EditorProps) {
  const { busy, problem, act } = useAct();
  const [form, setForm] = useState<RulesForm>(() => formOf(present.rules));
  const [why, setWhy] = useState("");
  const address = `/api/v1/merchants/${merchant.id}/rules`;
  const set = (changes: Partial<RulesForm>): void => setForm({ ...form, ...changes });
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const body = { rules: rulesOf(form), version: present.version, ...(why.trim() === "" ? {} : { why: why.trim() }) };
    if (await act(() => send("PUT", address, body))) onSaved();
  };
  return (
    <>
      <section className="card" aria-labelledby="rules-now">
        <h2 id="rules-now">{present.version === 0 ? "No rules yet" : `Version ${present.version}`}</h2>
        <form className="form" onSubmit={(event) => void save(event)}>
          <fieldset disabled={!mayChange || busy}>
            <RulesFields form={form} set={set} />
            <label>
              What for
              <input value={why} onChange={({ target }) => setWhy(target.value)} maxLength={1_000} />
            </label>
            {mayChange ? (
              <button type="submit" className="button button-primary">
                Save as a new version
              </button>
            ) : (
              <p className="quiet">Admins and owners may change rules.</p>
            )}
          </fieldset>
          <Refused problem={problem} />
        </form>
      </section>
      {mayChange ? <RulesPreview merchant={merchant} rules={() => rulesOf(form)} /> : null}
    </>
  );
}

function RulesFields({ form, set }: { form: RulesForm; set: (changes: Partial<RulesForm>) => void }) {
  return (
    <>
      <label>
        Bots
        <select value={form.bots} onChange={({ target }) => set({ bots: target.value as RulesForm["bots"] })}>
          <option value="exclude">are not counted</option>
          <option value="count">are counted like people</option>
          <option value="apart">are counted under a channel of their own</option>
        </select>
      </label>
      {LISTS.map(({ name, label, hint }) => (
        <label key={name}>
          {label}
          <textarea
            rows={Math.max(2, form[name].split("\n").length)}
            value={form[name]}
            placeholder={hint}
            onChange={({ target }) => set({ [name]: target.value })}
          />
        </label>
      ))}
      <label>
        Channels of your own, before the others
        <textarea
          rows={Math.max(2, form.channels.split("\n").length)}
          value={form.channels}
          placeholder="Partners: source=partner-*, medium=referral"
          onChange={({ target }) => set({ channels: target.value })}
        />
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={form.keptProps === null}
          onChange={({ target }) => set({ keptProps: target.checked ? null : "" })}
        />
        Reports see all properties of events
      </label>
      {form.keptProps === null ? null : (
        <label>
          Properties that they see
          <textarea rows={3} value={form.keptProps} onChange={({ target }) => set({ keptProps: target.value })} />
        </label>
      )}
    </>
  );
}

function History({ history }: { history: readonly RulesVersionView[] }) {
  if (history.length === 0) return <p className="quiet">Nothing has been saved yet.</p>;
  return (
    <ul className="file-list">
      {history.map(({ version, who, why, at }) => (
        <li key={version}>
          <strong>{version}</strong>
          <span>{at === null ? "" : new Date(at).toLocaleString()}</span>
          <span>{who}</span>
          <span className="quiet">{why}</span>
        </li>
      ))}
    </ul>
  );
}
