// Who may see what: signs in with what the address brings or by the forms, lists the merchants, and shows the one that
// the address names. A shared link shows its merchant without any of this. Whenever the API says that the session is over, the form comes back and the view is kept.

import type { ListedMerchant } from "../../core/merchant-list.ts";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import useSWR, { SWRConfig, type SWRConfiguration } from "swr";
import { type ApiProblem, listMerchants, signIn } from "./api.ts";
import type { Arrival } from "./arrival.ts";
import { BarePage } from "./bare-page.tsx";
import { Dashboard } from "./dashboard.tsx";
import { Notice } from "./notice.tsx";
import { PageSkeleton } from "./skeleton.tsx";
import { usePage } from "./use-page.ts";
import { useView } from "./use-view.ts";

const SettingsPage = lazy(() => import("./settings/settings-page.tsx"));
const NowPage = lazy(() => import("./now/now-page.tsx"));
const OpsPage = lazy(() => import("./ops/ops-page.tsx"));
const SharedPage = lazy(() => import("./shared/shared-page.tsx"));
const SignIn = lazy(async () => ({ default: (await import("./sign-in.tsx")).SignIn }));

type Session = "entering" | "in" | "out";

export function App({ arrival }: { arrival: Arrival | null }) {
  const page = usePage();
  if (page.kind === "shared")
    return (
      <Suspense fallback={<PageSkeleton />}>
        <SharedPage key={page.link} link={page.link} />
      </Suspense>
    );
  return <SignedIn arrival={arrival} />;
}

function SignedIn({ arrival }: { arrival: Arrival | null }) {
  const token = arrival?.kind === "token" ? arrival.value : null;
  const [session, setSession] = useState<Session>(arrival === null ? "in" : token === null ? "out" : "entering");
  const [refused, setRefused] = useState<string | null>(null);
  // What a link is for, it is for once.
  const [pending, setPending] = useState(arrival);
  const enter = useCallback(() => {
    setPending(null);
    setSession("in");
  }, []);

  useEffect(() => {
    if (token === null) return;
    signIn(token).then(
      (right) => {
        setRefused(right ? null : "The link you followed is not valid any more. Enter the token by hand.");
        setSession(right ? "in" : "out");
      },
      (problem: Error) => {
        setRefused(problem.message);
        setSession("out");
      },
    );
  }, [token]);

  const configuration = useMemo<SWRConfiguration<unknown, ApiProblem>>(
    () => ({
      onError: (problem) => {
        if (problem.kind === "signed-out") setSession("out");
      },
      shouldRetryOnError: (problem) => problem.kind === "offline" || problem.kind === "failed",
      errorRetryInterval: 5_000,
    }),
    [],
  );

  if (session === "entering") return <PageSkeleton />;
  if (session === "out")
    return (
      <Suspense fallback={<PageSkeleton />}>
        <SignIn refused={refused} arrival={pending} onSignedIn={enter} />
      </Suspense>
    );
  return (
    <SWRConfig value={configuration}>
      <Merchants />
    </SWRConfig>
  );
}

function Merchants() {
  const { data: merchants, error, mutate } = useSWR<ListedMerchant[], ApiProblem>("merchants", listMerchants);
  const { view, change } = useView();
  const page = usePage();
  const choose = useCallback((id: string) => change({ merchant: id, tabs: {}, filters: [], detail: null }), [change]);

  if (page.kind === "ops")
    return (
      <Suspense fallback={<PageSkeleton />}>
        <OpsPage section={page.section} item={page.item} />
      </Suspense>
    );
  if (merchants === undefined) {
    if (error === undefined || error.kind === "signed-out") return <PageSkeleton />;
    return (
      <BarePage>
        <Notice kind="problem" title="The merchants could not be read" onRetry={() => void mutate()}>
          {error.message}
        </Notice>
      </BarePage>
    );
  }
  const merchant = view.merchant === null ? merchants[0] : merchants.find(({ id }) => id === view.merchant);
  // Without any there are settings still: the first one is made there.
  const section = page.kind === "settings" ? page.section : merchants.length === 0 ? "new-merchant" : null;
  if (section !== null && (merchant !== undefined || merchants.length === 0))
    return (
      <Suspense fallback={<PageSkeleton />}>
        <SettingsPage key={merchant?.id ?? ""} merchant={merchant ?? null} section={section} />
      </Suspense>
    );
  if (merchant === undefined)
    return (
      <BarePage>
        <UnknownMerchant asked={view.merchant} merchants={merchants} onChoose={choose} />
      </BarePage>
    );
  if (page.kind === "now")
    return (
      <Suspense fallback={<PageSkeleton />}>
        <NowPage key={merchant.id} merchant={merchant} />
      </Suspense>
    );
  // A merchant's numbers must never stand under another's name, not even while the next are on their way.
  return (
    <Dashboard
      key={merchant.id}
      merchant={merchant}
      merchants={merchants}
      view={view}
      change={change}
      onChooseMerchant={choose}
    />
  );
}

function UnknownMerchant(props: {
  asked: string | null;
  merchants: readonly ListedMerchant[];
  onChoose: (id: string) => void;
}) {
  return (
    <Notice kind="problem" title={`There is no merchant ${props.asked}`}>
      The address names a merchant that does not exist, or that you may not see.{" "}
      {props.merchants.slice(0, 5).map(({ id, name }) => (
        <button key={id} type="button" className="link" onClick={() => props.onChoose(id)}>
          {name}
        </button>
      ))}
    </Notice>
  );
}
