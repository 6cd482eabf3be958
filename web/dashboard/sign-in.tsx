// The small form in front of everything: an operator's token becomes a session cookie that scripts cannot read.

import { type FormEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { signIn } from "./api.ts";
import { Brand } from "./brand.tsx";

export function SignIn({ refused, onSignedIn }: { refused: string | null; onSignedIn: () => void }) {
  const [problem, setProblem] = useState(refused);
  const [busy, setBusy] = useState(false);

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get("token");
    if (typeof token !== "string" || token.trim() === "") return;
    setBusy(true);
    signIn(token.trim())
      .then(
        (right) => (right ? onSignedIn() : setProblem("This token is not right. Check that it was copied whole.")),
        (failure: Error) => setProblem(failure.message),
      )
      .finally(() => setBusy(false));
  };

  return (
    <main className="sign-in">
      <form className="card" onSubmit={submit}>
        <Brand />
        <h1>Sign in</h1>
        <label htmlFor="token">Operator token</label>
        <input
          id="token"
          name="token"
          type="password"
          autoComplete="current-password"
          autoFocus
          required
          aria-invalid={problem !== null}
          aria-describedby="token-problem"
        />
        <p id="token-problem" className="field-problem" role="alert">
          {problem}
        </p>
        <Button type="submit" className="button button-primary" isDisabled={busy}>
          {busy ? "Signing in …" : "Sign in"}
        </Button>
      </form>
    </main>
  );
}
