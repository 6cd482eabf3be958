// Another password. All other sessions end with the former one.

import { mutate as mutateAll } from "swr";
import { ActForm } from "../act-form.tsx";
import { changePassword, orRefused } from "./account-api.ts";
import { NEW_PASSWORD } from "./fields.ts";
import { SESSIONS } from "./sessions-card.tsx";

export function PasswordCard({ email }: { email: string }) {
  const change = async (text: (field: string) => string): Promise<void> => {
    await orRefused(changePassword(text("password"), text("new-password")));
    await mutateAll(SESSIONS);
  };
  return (
    <section className="card" aria-labelledby="account-password">
      <h2 id="account-password">Password</h2>
      <ActForm button="Change the password" done="Changed. All other sessions are ended." act={change}>
        {/* So that password managers know whose it is. */}
        <input type="hidden" autoComplete="username" value={email} readOnly />
        <label>
          Present password
          <input name="password" type="password" required maxLength={128} autoComplete="current-password" />
        </label>
        <label>
          New password, {NEW_PASSWORD.hint}
          <input
            name="new-password"
            type="password"
            required
            minLength={NEW_PASSWORD.minLength}
            maxLength={NEW_PASSWORD.maxLength}
            autoComplete="new-password"
          />
        </label>
      </ActForm>
    </section>
  );
}
