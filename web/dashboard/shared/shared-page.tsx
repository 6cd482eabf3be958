// The page of a shared link: opened with a password if the link asks for one, then one merchant's numbers, to be looked at and no
// more. It works in a frame of another site, since what opening gave is kept in memory and not in a cookie; a reload opens anew.

import type { ListedMerchant } from "../../../core/merchant-list.ts";
import { useCallback, useEffect, useMemo, useState } from "react";
import { SWRConfig, type SWRConfiguration } from "swr";
import { PASSWORD } from "../account/fields.ts";
import { FormCard } from "../account/form-card.tsx";
import { type ApiProblem, carry, send } from "../api.ts";
import { BarePage } from "../bare-page.tsx";
import { Dashboard } from "../dashboard.tsx";
import { Notice } from "../notice.tsx";
import { PageSkeleton } from "../skeleton.tsx";
import "../styles/sign-in.css";
import { useView } from "../use-view.ts";

interface Opened {
  token: string;
  shared_by: string;
  merchant: Pick<ListedMerchant, "id" | "name" | "zone" | "currency" | "shards">;
}

type State =
  | { kind: "opening" }
  | { kind: "asking" }
  | { kind: "open"; opened: Opened }
  | { kind: "closed"; title: string; text: string; retry: boolean };

const CLOSED: Readonly<Record<string, { title: string; text: string }>> = {
  link_revoked: { title: "This link has been withdrawn", text: "Ask whoever gave it to you for another one." },
  link_expired: { title: "This link has expired", text: "Ask whoever gave it to you for another one." },
  unknown_link: { title: "There is no such link", text: "Check that its address is whole." },
};

/** What comes of opening it; a text says what is wrong with the password. */
async function opening(link: string, password: string | null): Promise<State | string> {
  try {
    const body = password === null ? {} : { password };
    const opened = await send<Opened>("POST", `/api/v1/links/${encodeURIComponent(link)}/open`, body);
    carry(opened.token);
    return { kind: "open", opened };
  } catch (problem) {
    const { reason, message } = problem as ApiProblem;
    if (reason === "wrong_password") return "This password is not right.";
    if (reason === "too_many_attempts") return "Too many wrong passwords. Wait some minutes.";
    if (reason === "password_needed") return { kind: "asking" };
    if (Object.hasOwn(CLOSED, reason)) return { kind: "closed", ...CLOSED[reason]!, retry: false };
    return { kind: "closed", title: "This link could not be opened", text: message, retry: true };
  }
}

export default function SharedPage({ link }: { link: string }) {
  const [state, setState] = useState<State>({ kind: "opening" });
  const open = useCallback(
    (password: string | null): Promise<string | null> =>
      opening(link, password).then((outcome) => {
        if (typeof outcome === "string") return outcome;
        setState(outcome);
        return null;
      }),
    [link],
  );
  useEffect(() => {
    void opening(link, null).then((outcome) => {
      if (typeof outcome !== "string") setState(outcome);
    });
  }, [link]);

  const configuration = useMemo<SWRConfiguration<unknown, ApiProblem>>(
    () => ({
      provider: () => new Map(),
      // What was opened is over: withdrawn, expired, or long ago.
      onError: (problem) => {
        if (problem.kind === "signed-out") void open(null);
      },
      shouldRetryOnError: (problem) => problem.kind === "offline" || problem.kind === "failed",
      errorRetryInterval: 5_000,
    }),
    [open],
  );

  if (state.kind === "opening") return <PageSkeleton />;
  if (state.kind === "asking")
    return (
      <FormCard
        title="A shared dashboard"
        note="Enter the password that came with the link."
        problem={null}
        fields={[PASSWORD]}
        button="Open"
        onSubmit={({ password = "" }) => open(password)}
      >
        {null}
      </FormCard>
    );
  if (state.kind === "closed")
    return (
      <BarePage>
        <Notice kind="problem" title={state.title} {...(state.retry ? { onRetry: () => void open(null) } : {})}>
          {state.text}
        </Notice>
      </BarePage>
    );
  return (
    <SWRConfig value={configuration}>
      <Shared opened={state.opened} />
    </SWRConfig>
  );
}

const NOWHERE = (): void => undefined;

function Shared({ opened: { merchant, shared_by: sharedBy } }: { opened: Opened }) {
  const { view, change } = useView();
  const summary = useMemo<ListedMerchant>(() => ({ ...merchant, organisation: null, role: "viewer" }), [merchant]);
  return (
    <Dashboard
      merchant={summary}
      merchants={[summary]}
      view={view}
      change={change}
      onChooseMerchant={NOWHERE}
      sharedBy={sharedBy}
    />
  );
}
