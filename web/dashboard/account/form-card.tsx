// One form of those in front of everything: a heading, some fields, a button, and ways to the other forms.

import { type FormEvent, type ReactNode, useState } from "react";
import { Brand } from "../brand.tsx";
import type { Outcome } from "./account-api.ts";
import type { Field } from "./fields.ts";

export function FormCard(props: {
  title: string;
  note: ReactNode;
  /** What was wrong before anything was sent. */
  problem: string | null;
  fields: readonly Field[];
  button: string;
  /** Resolves with what is wrong, or null. */
  onSubmit: (values: Record<string, string>) => Promise<Outcome>;
  /** Ways to other forms. */
  children: ReactNode;
}) {
  const [problem, setProblem] = useState(props.problem);
  const [busy, setBusy] = useState(false);

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const values = Object.fromEntries(props.fields.map(({ name }) => [name, textOf(data.get(name))]));
    setBusy(true);
    setProblem(null);
    void props.onSubmit(values).then((outcome) => {
      setProblem(outcome);
      setBusy(false);
    });
  };

  return (
    <main className="sign-in">
      <form className="card" onSubmit={submit}>
        <Brand />
        <h1>{props.title}</h1>
        {props.note === null ? null : <p role="status">{props.note}</p>}
        {props.fields.map(({ name, label, hint, ...input }, at) => (
          <div key={name} className="sign-in-field">
            <label htmlFor={name}>{label}</label>
            <input
              id={name}
              name={name}
              {...input}
              autoFocus={at === 0}
              required
              aria-invalid={problem !== null}
              aria-describedby={hint === undefined ? "problem" : `problem ${name}-hint`}
            />
            {hint === undefined ? null : <small id={`${name}-hint`}>{hint}</small>}
          </div>
        ))}
        <p id="problem" className="field-problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="button button-primary" disabled={busy}>
          {props.button}
        </button>
        <nav className="sign-in-ways" aria-label="Other ways">
          {props.children}
        </nav>
      </form>
    </main>
  );
}

export function Way({ children, onPress }: { children: ReactNode; onPress: () => void }) {
  return (
    <button type="button" className="link" onClick={onPress}>
      {children}
    </button>
  );
}

const textOf = (value: FormDataEntryValue | null): string => (typeof value === "string" ? value.trim() : "");
