// Tokens as a list: what each may do, when it was last used and how long it holds; those that are over stand apart.

import type { TokenView } from "../../../core/token.ts";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { DialogTrigger } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { ActForm } from "../act-form.tsx";
import { ConfirmButton } from "../confirm-button.tsx";
import { DialogFrame } from "../dialog-frame.tsx";
import { ExpiryField } from "../expiry-field.tsx";
import { dayOf, expiryIn, momentOf } from "../when.ts";

export const SCOPES = [
  { id: "read", label: "Read", may: "asks for reports and files" },
  { id: "ingest", label: "Send", may: "sends events from a server" },
  { id: "ops", label: "Operations", may: "reads, and runs operations" },
] as const;

interface Replacement {
  overlap_hours: number;
  expires_at: string | null;
}

interface TokenListProps {
  tokens: readonly TokenView[];
  onReplace: (token: TokenView, wanted: Replacement) => Promise<void>;
  onRevoke: (token: TokenView) => Promise<void>;
}

export function TokenList({ tokens, onReplace, onRevoke }: TokenListProps) {
  const valid = tokens.filter(({ state }) => state === "valid");
  const over = tokens.filter(({ state }) => state !== "valid");
  return (
    <>
      {valid.length === 0 ? (
        <p className="quiet">None yet.</p>
      ) : (
        <ul className="row-list" aria-label="Tokens">
          {valid.map((token) => (
            <li key={token.id}>
              <span>
                {token.name} <code className="quiet">{token.beginning}…</code>
                <br />
                <span className="quiet">{aboutToken(token)}</span>
              </span>
              <span className="row-end">
                <ReplaceButton token={token} onReplace={(wanted) => onReplace(token, wanted)} />
                <ConfirmButton
                  label="Revoke"
                  name={`Revoke ${token.name}`}
                  title={`Revoke ${token.name}?`}
                  onConfirm={() => onRevoke(token)}
                >
                  Whatever uses it is refused within a minute.
                </ConfirmButton>
              </span>
            </li>
          ))}
        </ul>
      )}
      {over.length === 0 ? null : (
        <details>
          <summary>Expired and revoked ({over.length})</summary>
          <ul className="row-list">
            {over.map((token) => (
              <li key={token.id}>
                <span>
                  {token.name} <code className="quiet">{token.beginning}…</code>
                </span>
                <span className="quiet">
                  {token.state} {dayOf(token.revoked_at ?? token.expires_at, "")}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const aboutToken = ({ scope, merchant, last_used_at: used, expires_at: until }: TokenView): string =>
  [
    SCOPES.find(({ id }) => id === scope)?.label ?? scope,
    merchant === null ? "all merchants" : "this merchant",
    `last used ${momentOf(used, "never")}`,
    until === null ? "for ever" : `until ${dayOf(until, "")}`,
  ].join(" · ");

const OVERLAPS = [
  { hours: 24, label: "for a day more" },
  { hours: 168, label: "for a week more" },
  { hours: 0, label: "no more" },
] as const;

function ReplaceButton({ token, onReplace }: { token: TokenView; onReplace: (wanted: Replacement) => Promise<void> }) {
  const [open, setOpen] = useState(false);
  const replace = async (text: (field: string) => string): Promise<void> => {
    await onReplace({ overlap_hours: Number(text("overlap")), expires_at: expiryIn(text("days"), Date.now()) });
    setOpen(false);
  };
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button className="link" aria-label={`Replace ${token.name}`}>
        Replace
      </Button>
      <ModalOverlay className="modal-overlay" isDismissable>
        <Modal className="modal modal-small">
          <DialogFrame className="help" title={`Replace ${token.name}`}>
            <p>Another one is made in its place, and shown once.</p>
            <ActForm button="Make the new one" act={replace}>
              <label>
                The former one works
                <select name="overlap">
                  {OVERLAPS.map(({ hours, label }) => (
                    <option key={hours} value={hours}>
                      {label}
                    </option>
                  ))}
                </select>
              </label>
              <ExpiryField label="The new one expires" preset={token.expires_at === null ? "" : "365"} />
            </ActForm>
          </DialogFrame>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
