// For how long something is to hold, in a form: a field named "days", as `expiryIn` reads it.

import { LIFETIMES } from "./when.ts";

export const ExpiryField = ({ label, preset }: { label: string; preset: (typeof LIFETIMES)[number]["days"] }) => (
  <label>
    {label}
    <select name="days" defaultValue={preset}>
      {LIFETIMES.map(({ days, label: lifetime }) => (
        <option key={days} value={days}>
          {lifetime}
        </option>
      ))}
    </select>
  </label>
);
