// A second factor: codes of an app on one's phone. Set up with the password, in force once a code has been entered; backup codes
// are shown once, when they are made.

import { lazy, Suspense, useState } from "react";
import { mutate as mutateAll } from "swr";
import { ActForm } from "../act-form.tsx";
import { ApiProblem } from "../api.ts";
import { CopyBox } from "../copy-box.tsx";
import { Reading } from "../reading.tsx";
import { useRead } from "../use-read.ts";
import {
  beginSecondFactor,
  endSecondFactor,
  newBackupCodes,
  orRefused,
  type SecondFactor,
  sendCode,
} from "./account-api.ts";
import { SESSIONS, type Sessions } from "./sessions-card.tsx";

const QrCode = lazy(() => import("./qr-code.tsx"));

export function SecondFactorCard() {
  const sessions = useRead<Sessions>(SESSIONS);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const changed = async (shown: readonly string[]): Promise<void> => {
    setCodes(shown);
    await mutateAll(SESSIONS);
  };
  return (
    <section className="card" aria-labelledby="account-factor">
      <h2 id="account-factor">Second factor</h2>
      <Reading of={sessions}>
        {({ two_factor: on }) => (
          <>
            <p>
              {on
                ? "On: signing in asks for a code of the app on your phone too."
                : "Off. With it, a password alone opens nothing: signing in asks for a code of an app on your phone too."}
            </p>
            {codes.length === 0 ? null : <BackupCodes codes={codes} />}
            {on ? <IsOn onChanged={changed} /> : <IsOff onDone={changed} />}
          </>
        )}
      </Reading>
    </section>
  );
}

function BackupCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div role="status">
      <p>
        <b>Keep these backup codes.</b> Each signs you in once when your phone is not there. They are not shown again.
      </p>
      <CopyBox label="Backup codes" text={codes.join("\n")} />
    </div>
  );
}

function IsOff({ onDone }: { onDone: (codes: readonly string[]) => Promise<void> }) {
  const [factor, setFactor] = useState<SecondFactor | null>(null);
  const begin = async (text: (field: string) => string): Promise<void> => {
    const { problem, factor: begun } = await beginSecondFactor(text("password"));
    if (problem !== null) throw new ApiProblem("refused", problem);
    setFactor(begun);
  };
  if (factor === null)
    return (
      <ActForm button="Set it up" act={begin}>
        <Password />
      </ActForm>
    );
  const secret = new URL(factor.uri).searchParams.get("secret") ?? "";
  return (
    <>
      <p>
        Scan this with an app for codes, such as Aegis, 2FAS or Google Authenticator, enter the key below it by hand, or{" "}
        <a href={factor.uri}>open it in one on this device</a>. Then enter the code that it shows.
      </p>
      <Suspense fallback={<div className="qr-code" />}>
        <QrCode text={factor.uri} label="The key as a code for a camera" />
      </Suspense>
      <CopyBox label="Key for the app" text={secret} />
      <ActForm
        button="Turn it on"
        act={async (text) => {
          await orRefused(sendCode(text("code")));
          await onDone(factor.backupCodes);
        }}
      >
        <label>
          Code of the app
          <input
            name="code"
            required
            inputMode="numeric"
            pattern="[0-9]{6}"
            title="Six digits"
            autoComplete="one-time-code"
            autoFocus
          />
        </label>
      </ActForm>
    </>
  );
}

function IsOn({ onChanged }: { onChanged: (codes: readonly string[]) => Promise<void> }) {
  const renew = async (text: (field: string) => string): Promise<void> => {
    const { problem, backupCodes } = await newBackupCodes(text("password"));
    if (problem !== null) throw new ApiProblem("refused", problem);
    await onChanged(backupCodes);
  };
  const end = async (text: (field: string) => string): Promise<void> => {
    await orRefused(endSecondFactor(text("password")));
    await onChanged([]);
  };
  return (
    <>
      <details>
        <summary>New backup codes</summary>
        <ActForm button="Make new ones" done="The former ones work no more." act={renew}>
          <Password />
        </ActForm>
      </details>
      <details>
        <summary>Turn it off</summary>
        <ActForm button="Turn it off" danger act={end}>
          <Password />
        </ActForm>
      </details>
    </>
  );
}

const Password = () => (
  <label>
    Your password
    <input name="password" type="password" required maxLength={128} autoComplete="current-password" />
  </label>
);
