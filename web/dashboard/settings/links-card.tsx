// Links under which a merchant's numbers are open without an account: made, copied, shown in other sites' frames, withdrawn.

import type { LinkView } from "../../../core/link-view.ts";
import { ActForm } from "../act-form.tsx";
import { send } from "../api.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import { CopyBox } from "../copy-box.tsx";
import { ExpiryField } from "../expiry-field.tsx";
import { Reading } from "../reading.tsx";
import { useRead } from "../use-read.ts";
import { dayOf, expiryIn, momentOf } from "../when.ts";
import { linesIn } from "../words.ts";
import { embedCode } from "./embed-code.ts";

export function LinksCard({ merchant, name }: { merchant: string; name: string }) {
  const address = `/api/v1/merchants/${merchant}/links`;
  const links = useRead<{ links: LinkView[] }>(address);
  const make = async (text: (field: string) => string): Promise<void> => {
    await send("POST", address, {
      name: text("name"),
      ...(text("password") === "" ? {} : { password: text("password") }),
      expires_at: expiryIn(text("days"), Date.now()),
      origins: linesIn(text("origins")),
      public: text("public") !== "",
    });
    await links.mutate();
  };
  const revoke = async (id: string): Promise<void> => {
    await send("DELETE", `${address}/${id}`);
    await links.mutate();
  };
  return (
    <>
      <p>
        Whoever has a shared link sees this merchant’s numbers, and nothing else: no settings, no people, no other
        merchant.
      </p>
      <section className="card" aria-labelledby="sharing-links">
        <h2 id="sharing-links">Shared links</h2>
        <Reading of={links}>
          {({ links: all }) =>
            all.length === 0 ? (
              <p className="quiet">None yet.</p>
            ) : (
              <ul className="row-list" aria-label="Shared links">
                {all.map((link) => (
                  <LinkRow key={link.id} link={link} title={`${name}, numbers`} onRevoke={() => revoke(link.id)} />
                ))}
              </ul>
            )
          }
        </Reading>
      </section>
      <section className="card" aria-labelledby="sharing-new">
        <h2 id="sharing-new">A new link</h2>
        <ActForm button="Make the link" done="It is in the list." act={make}>
          <LinkFields />
        </ActForm>
      </section>
    </>
  );
}

function LinkRow({ link, title, onRevoke }: { link: LinkView; title: string; onRevoke: () => Promise<void> }) {
  const { name, url, state, origins } = link;
  return (
    <li>
      <span>
        {name}
        <br />
        <span className="quiet">{aboutLink(link)}</span>
      </span>
      {state === "revoked" ? null : (
        <ConfirmButton label="Withdraw" name={`Withdraw ${name}`} title={`Withdraw ${name}?`} onConfirm={onRevoke}>
          Whoever opens it is told that it has been withdrawn.
        </ConfirmButton>
      )}
      {state === "open" ? (
        <div className="row-wide">
          <CopyBox label={`Link of ${name}`} text={url} />
          {origins.length === 0 ? null : (
            <CopyBox label={`Code that shows ${name} in a page`} text={embedCode(url, title)} />
          )}
        </div>
      ) : null}
    </li>
  );
}

function aboutLink({
  state,
  password,
  public: isPublic,
  origins,
  expires_at: until,
  revoked_at: revoked,
  opened_at: opened,
}: LinkView): string {
  if (state === "revoked") return `Withdrawn ${dayOf(revoked, "")}`;
  return [
    state === "expired" ? `Expired ${dayOf(until, "")}` : until === null ? null : `Until ${dayOf(until, "")}`,
    password ? "asks for a password" : isPublic ? "search engines may show it" : "no password",
    origins.length === 0 ? null : `in pages of ${origins.join(", ")}`,
    `opened ${momentOf(opened, "never")}`,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

const LinkFields = () => (
  <>
    <label>
      Name: who it is for
      <input name="name" required maxLength={100} autoComplete="off" />
    </label>
    <label>
      Password, 8 characters or more (empty: none)
      <input name="password" type="password" minLength={8} maxLength={128} autoComplete="new-password" />
    </label>
    <ExpiryField label="It expires" preset="90" />
    <label>
      Sites whose pages may show it in a frame, one a line (empty: none)
      <textarea name="origins" rows={2} placeholder="https://shop.example" />
    </label>
    <label className="check">
      <input type="checkbox" name="public" /> Search engines may show it (without a password only)
    </label>
  </>
);
