// The forms in front of everything: signing in with an account and its second factor, signing up, a new password, and the
// operator's token as another way. Whatever the way, what comes of it is a session cookie that scripts cannot read.

import { type ReactNode, useEffect, useState } from "react";
import {
  acceptInvitation,
  askForReset,
  isSignedIn,
  type Outcome,
  resetPassword,
  sendCode,
  signInWith,
  signUpAs,
} from "./account/account-api.ts";
import { CODE, EMAIL, type Field, NAME, NEW_PASSWORD, PASSWORD, TOKEN } from "./account/fields.ts";
import { FormCard, Way } from "./account/form-card.tsx";
import { signIn } from "./api.ts";
import type { Arrival } from "./arrival.ts";
import "./styles/sign-in.css";

type View = "in" | "code" | "up" | "forgot" | "reset" | "token";

interface Form {
  title: string;
  fields: readonly Field[];
  button: string;
  submit: (values: Record<string, string>) => Promise<Outcome>;
  ways: ReactNode;
}

const NOTES: Partial<Record<Arrival["kind"], string>> = {
  invitation: "You are invited. Sign in with the address that the invitation was sent to, or sign up with it first.",
  verified: "Your address is confirmed.",
  "confirm-sent": "Confirmed. A mail to the new address has the last step.",
};
const MAIL_SENT = "We have sent a mail to this address. Follow the link in it.";
const LINK_OVER = "This link is over. Sign in, and another one is sent.";

export function SignIn(props: { refused: string | null; arrival: Arrival | null; onSignedIn: () => void }) {
  const { refused, arrival, onSignedIn } = props;
  const [view, setView] = useState<View>(refused !== null ? "token" : arrival?.kind === "reset" ? "reset" : "in");
  const [note, setNote] = useState(arrival === null ? null : (NOTES[arrival.kind] ?? null));
  const [problem, setProblem] = useState(arrival?.kind === "verify-failed" ? LINK_OVER : refused);

  const show = (next: View, said: string | null = null): void => {
    setView(next);
    setNote(said);
    setProblem(null);
  };
  const enter = async (): Promise<Outcome> => {
    const outcome = arrival?.kind === "invitation" ? await acceptInvitation(arrival.value) : null;
    if (outcome === null) onSignedIn();
    return outcome;
  };
  const then = async (outcome: Outcome, next: () => unknown): Promise<Outcome> => {
    if (outcome === null) await next();
    return outcome;
  };

  useEffect(() => {
    // Whoever follows a link may be signed in already.
    if (arrival === null || arrival.kind === "token" || arrival.kind === "reset") return;
    void isSignedIn().then(async (already) => {
      if (already) setProblem(await enter());
    });
    // Once, on arriving.
    // eslint-disable-next-line
  }, []);

  const back = <Way onPress={() => show("in")}>Back to signing in</Way>;
  const forms: Record<View, Form> = {
    in: {
      title: "Sign in",
      fields: [EMAIL, PASSWORD],
      button: "Sign in",
      submit: async ({ email = "", password = "" }) => {
        const { problem: outcome, next } = await signInWith(email, password);
        if (outcome !== null) return outcome;
        return next === "code" ? then(null, () => show("code")) : enter();
      },
      ways: (
        <>
          <Way onPress={() => show("up")}>Sign up</Way>
          <Way onPress={() => show("forgot")}>Forgot the password?</Way>
          <Way onPress={() => show("token")}>Use an operator token</Way>
        </>
      ),
    },
    code: {
      title: "Second factor",
      fields: [CODE],
      button: "Sign in",
      submit: async ({ code = "" }) => (await sendCode(code)) ?? enter(),
      ways: back,
    },
    up: {
      title: "Sign up",
      fields: [NAME, EMAIL, NEW_PASSWORD],
      button: "Sign up",
      submit: async ({ name = "", email = "", password = "" }) =>
        then(await signUpAs(name, email, password), () => show("in", MAIL_SENT)),
      ways: back,
    },
    forgot: {
      title: "Forgot the password?",
      fields: [EMAIL],
      button: "Send a link",
      submit: async ({ email = "" }) =>
        then(await askForReset(email), () =>
          show("in", "If there is an account with this address, a mail is on its way."),
        ),
      ways: back,
    },
    reset: {
      title: "Choose a new password",
      fields: [NEW_PASSWORD],
      button: "Set the password",
      submit: async ({ password = "" }) =>
        then(await resetPassword(arrival?.kind === "reset" ? arrival.value : "", password), () =>
          show("in", "The password is changed. Sign in with it."),
        ),
      ways: <Way onPress={() => show("forgot")}>Ask for another link</Way>,
    },
    token: {
      title: "Sign in",
      fields: [TOKEN],
      button: "Sign in",
      submit: async ({ token = "" }) => {
        try {
          if (!(await signIn(token))) return "This token is not right. Check that it was copied whole.";
          return await enter();
        } catch (failure) {
          return (failure as Error).message;
        }
      },
      ways: <Way onPress={() => show("in")}>Use an account instead</Way>,
    },
  };
  const { title, fields, button, submit, ways } = forms[view];
  return (
    <FormCard
      key={`${view} ${problem}`}
      title={title}
      note={note}
      problem={problem}
      fields={fields}
      button={button}
      onSubmit={submit}
    >
      {ways}
    </FormCard>
  );
}
