// What programs show instead of a person's session: made, told once, replaced with some hours of overlap, and revoked.

import type { TokenView } from "../../../core/token.ts";
import type { ListedMerchant } from "../../../core/merchant-list.ts";
import { useState } from "react";
import { ActForm } from "../act-form.tsx";
import { send } from "../api.ts";
import { CopyBox } from "../copy-box.tsx";
import { useMe } from "../me.ts";
import { ExpiryField } from "../expiry-field.tsx";
import { Reading } from "../reading.tsx";
import { useRead } from "../use-read.ts";
import { expiryIn } from "../when.ts";
import type { SectionProps } from "./settings-page.tsx";
import { SCOPES, TokenList } from "./token-list.tsx";

const ADDRESS = "/api/v1/tokens";

/** A token as it is told once. */
interface Told extends TokenView {
  token: string;
}

export default function TokensSection({ merchant }: SectionProps) {
  const { id, organisation } = merchant;
  const of = new URLSearchParams(organisation === null ? { merchant: id } : { organisation });
  const tokens = useRead<{ tokens: TokenView[] }>(`${ADDRESS}?${of.toString()}`);
  const [told, setTold] = useState<Told | null>(null);
  const tell = async (made: Promise<Told>): Promise<void> => {
    setTold(await made);
    await tokens.mutate();
  };
  const revoke = async (one: TokenView): Promise<void> => {
    await send("DELETE", `${ADDRESS}/${one.id}`);
    if (told?.id === one.id) setTold(null);
    await tokens.mutate();
  };
  return (
    <>
      <p>
        Programs show a token instead of signing in: <code>Authorization: Bearer …</code>. Each does one thing, for this
        merchant or for all of its organisation. What it opens, the <a href="/docs/api">API’s pages</a> say.
      </p>
      {told === null ? null : <Once told={told} />}
      <section className="card" aria-labelledby="tokens-list">
        <h2 id="tokens-list">Tokens</h2>
        <Reading of={tokens}>
          {({ tokens: all }) => (
            <TokenList
              tokens={all.filter((one) => one.merchant === null || one.merchant === id)}
              onReplace={(one, wanted) => tell(send<Told>("POST", `${ADDRESS}/${one.id}/rotate`, wanted))}
              onRevoke={revoke}
            />
          )}
        </Reading>
      </section>
      <NewToken merchant={merchant} onMake={tell} />
    </>
  );
}

function Once({ told }: { told: Told }) {
  return (
    <section className="card" aria-labelledby="tokens-told" role="status">
      <h2 id="tokens-told">The token “{told.name}”</h2>
      <p>
        <b>Copy it now: it is not shown again.</b> It works within a minute.
      </p>
      <CopyBox label="Token" text={told.token} />
    </section>
  );
}

interface NewTokenProps {
  merchant: ListedMerchant;
  onMake: (made: Promise<Told>) => Promise<void>;
}

function NewToken({ merchant, onMake }: NewTokenProps) {
  const operator = useMe()?.operator === true;
  const { id, organisation } = merchant;
  const make = (text: (field: string) => string): Promise<void> => {
    const whose = text("whose") === "organisation" ? { organisation } : { merchant: id };
    const token = {
      name: text("name"),
      scope: text("scope"),
      expires_at: expiryIn(text("days"), Date.now()),
      ...whose,
    };
    return onMake(send<Told>("POST", ADDRESS, token));
  };
  return (
    <section className="card" aria-labelledby="tokens-new">
      <h2 id="tokens-new">A new token</h2>
      <ActForm button="Make the token" act={make}>
        <label>
          Name: what uses it
          <input name="name" required maxLength={100} autoComplete="off" />
        </label>
        <label>
          What it may do
          <select name="scope">
            {SCOPES.filter((scope) => scope.id !== "ops" || operator).map((scope) => (
              <option key={scope.id} value={scope.id}>
                {scope.label}: {scope.may}
              </option>
            ))}
          </select>
        </label>
        {organisation === null ? null : (
          <label>
            For
            <select name="whose">
              <option value="merchant">{merchant.name}</option>
              <option value="organisation">all merchants of the organisation</option>
            </select>
          </label>
        )}
        <ExpiryField label="It expires" preset="365" />
      </ActForm>
    </section>
  );
}
