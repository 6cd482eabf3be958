// A new merchant: its organisation, name, clock, currency and domains; then its dashboard, which begins with the script to embed.
// Whoever belongs to no organisation yet makes one on the way.

import type { ListedMerchant } from "../../../core/merchant-list.ts";
import { mutate as mutateAll } from "swr";
import { ActForm } from "../act-form.tsx";
import { domainsIn } from "../domains.ts";
import { send } from "../api.ts";
import { useMe } from "../me.ts";
import { Notice } from "../notice.tsx";
import { Reading } from "../reading.tsx";
import { isAtLeast } from "../roles.ts";
import { goTo } from "../use-page.ts";
import { useRead } from "../use-read.ts";
import { useView } from "../use-view.ts";
import type { Organisation } from "../account/organisations-card.tsx";
import { useState } from "react";

const NEW = "new";
/** The operator's alone. */
const NONE = "none";

export default function NewMerchantSection({ first }: { first: boolean }) {
  const organisations = useRead<{ organisations: Organisation[] }>("/api/v1/organisations");
  return (
    <>
      {first ? (
        <Notice kind="note" title="No merchants yet">
          Make one for your shop, and embed its script: its numbers are shown here from the first visit on. Or ask
          somebody who has one to invite you.
        </Notice>
      ) : null}
      <section className="card" aria-labelledby="new-merchant">
        <h2 id="new-merchant">Your shop</h2>
        <Reading of={organisations}>
          {({ organisations: all }) => (
            <NewMerchant
              organisations={all.filter(({ role }) => isAtLeast(role, "admin"))}
              onOrganisation={() => organisations.mutate()}
            />
          )}
        </Reading>
      </section>
    </>
  );
}

interface NewMerchantProps {
  /** Those in which the reader may make one. */
  organisations: readonly Organisation[];
  onOrganisation: () => Promise<unknown>;
}

function NewMerchant({ organisations, onOrganisation }: NewMerchantProps) {
  const operator = useMe()?.operator === true;
  const { change } = useView();
  const [chosen, setChosen] = useState<string | null>(null);
  const whose = chosen ?? organisations[0]?.id ?? (operator ? NONE : NEW);

  const make = async (text: (field: string) => string): Promise<void> => {
    let organisation = whose === NONE ? null : whose;
    if (whose === NEW) {
      const made = await send<{ id: string }>("POST", "/api/v1/organisations", { name: text("organisation-name") });
      // It is there, whatever becomes of the merchant: another try must not make another one.
      await onOrganisation();
      setChosen(made.id);
      organisation = made.id;
    }
    const [name, zone, currency] = [text("name"), text("zone"), text("currency").toUpperCase()];
    const domains = domainsIn(text("domains"));
    const made = await send<ListedMerchant>("POST", "/api/v1/merchants", {
      organisation,
      name,
      zone,
      currency,
      domains,
    });
    await mutateAll<ListedMerchant[]>(
      "merchants",
      (known = []) => [...known.filter(({ id }) => id !== made.id), made],
      { revalidate: false },
    );
    change({ merchant: made.id, tabs: {}, filters: [], detail: null });
    goTo({ kind: "numbers" });
  };

  return (
    <ActForm button="Make the merchant" act={make}>
      {organisations.length === 0 && !operator ? null : (
        <label>
          Organisation
          <select value={whose} onChange={({ target }) => setChosen(target.value)}>
            {organisations.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            {operator ? <option value={NONE}>None: only the operator sees it</option> : null}
            <option value={NEW}>A new one …</option>
          </select>
        </label>
      )}
      {whose === NEW ? (
        <label>
          Name of your organisation
          <input name="organisation-name" required maxLength={100} autoComplete="organization" />
        </label>
      ) : null}
      <label>
        Name of the shop
        <input name="name" required maxLength={100} autoComplete="off" />
      </label>
      <label>
        Domains, one a line (empty: any)
        <textarea name="domains" rows={2} placeholder="shop.example" />
      </label>
      <label>
        Time zone: its midnight ends the day
        <input
          name="zone"
          required
          list="zones"
          defaultValue={new Intl.DateTimeFormat().resolvedOptions().timeZone}
          autoComplete="off"
        />
      </label>
      <datalist id="zones">
        {Intl.supportedValuesOf("timeZone").map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <label>
        Currency of its numbers
        <input
          name="currency"
          required
          list="currencies"
          pattern="[A-Za-z]{3}"
          title="Three letters, such as EUR"
          placeholder="EUR"
          autoComplete="off"
        />
      </label>
      <datalist id="currencies">
        {Intl.supportedValuesOf("currency").map((currency) => (
          <option key={currency} value={currency}>
            {CURRENCIES.of(currency)}
          </option>
        ))}
      </datalist>
      <p className="quiet">
        The currency can be changed until the first event arrives; the time zone later too, from the next day on.
      </p>
    </ActForm>
  );
}

const CURRENCIES = new Intl.DisplayNames(undefined, { type: "currency" });
