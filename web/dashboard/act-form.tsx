// A form that does one thing: its fields, a button, what the server said against it, and that it is done. What was typed stays
// when it is refused. The button keeps the focus all along.

import { type FormEvent, type ReactNode, useState } from "react";
import { textIn } from "./form-text.ts";
import { Refused } from "./reading.tsx";
import { useAct } from "./use-act.ts";

export interface ActFormProps {
  button: string;
  danger?: boolean;
  /** Said when it is done. */
  done?: string;
  /** `text` is what stands in a field, without blanks around it. Throws an `ApiProblem` when it is refused. */
  act: (text: (field: string) => string, form: FormData) => Promise<unknown>;
  children: ReactNode;
}

export function ActForm({ button, danger = false, done = "", act: what, children }: ActFormProps) {
  const { busy, problem, act } = useAct();
  const [isDone, setIsDone] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    const fields = new FormData(form);
    setIsDone(false);
    if (!(await act(() => what((name) => textIn(fields, name), fields)))) return;
    form.reset();
    setIsDone(true);
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      {children}
      <div className="form-end">
        <button
          type="submit"
          className={`button ${danger ? "button-danger" : "button-primary"}`}
          aria-disabled={busy}
          data-disabled={busy || undefined}
        >
          {button}
        </button>
        <p role="status">{isDone ? done : ""}</p>
      </div>
      <Refused problem={problem} />
    </form>
  );
}
