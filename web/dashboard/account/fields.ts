// The fields of the forms in front of everything, named so that browsers and password managers know them.

export interface Field {
  name: string;
  label: string;
  type: "text" | "email" | "password";
  autoComplete: string;
  hint?: string;
  minLength?: number;
  maxLength?: number;
}

export const EMAIL: Field = {
  name: "email",
  label: "Address of mail",
  type: "email",
  autoComplete: "username",
  maxLength: 254,
};
export const PASSWORD: Field = {
  name: "password",
  label: "Password",
  type: "password",
  autoComplete: "current-password",
  maxLength: 128,
};
export const NEW_PASSWORD: Field = {
  ...PASSWORD,
  autoComplete: "new-password",
  hint: "10 characters or more",
  minLength: 10,
};
export const NAME: Field = { name: "name", label: "Your name", type: "text", autoComplete: "name", maxLength: 100 };
export const CODE: Field = {
  name: "code",
  label: "Code",
  type: "text",
  autoComplete: "one-time-code",
  hint: "Of the app on your phone, or one of your backup codes",
  maxLength: 32,
};
export const TOKEN: Field = {
  name: "token",
  label: "Operator token",
  type: "password",
  autoComplete: "current-password",
};
