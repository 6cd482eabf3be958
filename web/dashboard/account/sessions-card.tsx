// Where one is signed in: each browser can be signed out from here.

import { useMemo } from "react";
import { clientOf } from "../../../core/client.ts";
import { NOT_SET } from "../../../core/rollup.ts";
import { send } from "../api.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import { Reading } from "../reading.tsx";
import { useRead } from "../use-read.ts";
import { momentOf } from "../when.ts";

export const SESSIONS = "/api/v1/me/sessions";

interface Session {
  id: string;
  user_agent: string | null;
  current: boolean;
  since: string;
  until: string;
}

/** How one signs in is told with where. */
export interface Sessions {
  sessions: Session[];
  two_factor: boolean;
}

export function SessionsCard() {
  const sessions = useRead<Sessions>(SESSIONS);
  const end = async (which: string): Promise<void> => {
    await send("DELETE", `${SESSIONS}${which}`);
    await sessions.mutate();
  };
  return (
    <section className="card" aria-labelledby="account-sessions">
      <h2 id="account-sessions">Where you are signed in</h2>
      <Reading of={sessions}>
        {({ sessions: all }) => (
          <>
            <ul className="row-list" aria-label="Sessions">
              {all.map((session) => (
                <SessionRow key={session.id} session={session} onEnd={() => end(`/${session.id}`)} />
              ))}
            </ul>
            {all.length > 1 ? (
              <p>
                <ConfirmButton label="End all others" title="End all other sessions?" onConfirm={() => end("")}>
                  Every other browser has to sign in again.
                </ConfirmButton>
              </p>
            ) : null}
          </>
        )}
      </Reading>
    </section>
  );
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => Promise<void> }) {
  const { user_agent: userAgent, current, since } = session;
  const name = useMemo(() => nameOf(userAgent), [userAgent]);
  return (
    <li>
      <span>
        {name}
        {current ? <b> (this one)</b> : null}
        <br />
        <span className="quiet">Since {momentOf(since, "")}</span>
      </span>
      {current ? null : (
        <ConfirmButton
          label="End"
          name={`End the session of ${name}`}
          title={`End the session of ${name}?`}
          onConfirm={onEnd}
        >
          That browser has to sign in again.
        </ConfirmButton>
      )}
    </li>
  );
}

/** "Chrome on macOS" */
function nameOf(userAgent: string | null): string {
  const { browser, os } = clientOf(userAgent ?? undefined);
  if (browser === NOT_SET)
    return userAgent === null || userAgent === "" ? "An unknown browser" : userAgent.slice(0, 60);
  return os === NOT_SET ? browser : `${browser} on ${os}`;
}
