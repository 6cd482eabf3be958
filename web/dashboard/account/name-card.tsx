// Who one is to others: name and address of mail.

import { mutate as mutateAll } from "swr";
import { ActForm } from "../act-form.tsx";
import { changeAddress, changeName, orRefused } from "./account-api.ts";

export function NameCard({ person }: { person: { name: string; email: string } }) {
  const rename = async (text: (field: string) => string): Promise<void> => {
    await orRefused(changeName(text("name")));
    await mutateAll("me");
  };
  return (
    <section className="card" aria-labelledby="account-name">
      <h2 id="account-name">Name and address</h2>
      <ActForm button="Save the name" done="Saved." act={rename}>
        <label>
          Your name
          <input
            key={person.name}
            name="name"
            defaultValue={person.name}
            required
            maxLength={100}
            autoComplete="name"
          />
        </label>
      </ActForm>
      <p>
        You sign in with <b>{person.email}</b>.
      </p>
      <ActForm
        button="Change the address"
        done="A mail is on its way to your present address. Its link sends another one to the new address, whose link changes it."
        act={(text) => orRefused(changeAddress(text("email")))}
      >
        <label>
          New address of mail
          <input name="email" type="email" required maxLength={254} autoComplete="off" />
        </label>
      </ActForm>
    </section>
  );
}
