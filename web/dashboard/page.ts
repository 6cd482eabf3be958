// Which page the address names: the numbers of a merchant, what happens there now, how it is set up, how the system runs (for operators), or what a shared
// link shows. Pure.

export const SETTINGS = [
  { id: "merchant", label: "Merchant" },
  { id: "people", label: "People" },
  { id: "goals", label: "Goals" },
  { id: "rules", label: "Rules of counting" },
  { id: "tokens", label: "Tokens" },
  { id: "sharing", label: "Sharing" },
  { id: "books", label: "Books" },
  { id: "data", label: "Data" },
  { id: "audit", label: "Audit log" },
  { id: "account", label: "Your account" },
  { id: "new-merchant", label: "New merchant" },
] as const;
export type SettingsSection = (typeof SETTINGS)[number]["id"];

export const OPERATIONS = [
  { id: "status", label: "Status" },
  { id: "replays", label: "Replays" },
  { id: "letters", label: "Dead letters" },
] as const;
export type OpsSection = (typeof OPERATIONS)[number]["id"];

export type Page =
  | { kind: "numbers" }
  | { kind: "now" }
  | { kind: "settings"; section: SettingsSection }
  | { kind: "ops"; section: OpsSection; /** What of it: a run's id. */ item: string | null }
  | { kind: "shared"; link: string };

/** Whatever is no page shows the numbers. */
export function parsePage(path: string): Page {
  const [, kind, name, item = null] = path.split("/");
  if (kind === "settings") return { kind, section: SETTINGS.find(({ id }) => id === name)?.id ?? SETTINGS[0].id };
  if (kind === "ops")
    return { kind, section: OPERATIONS.find(({ id }) => id === name)?.id ?? OPERATIONS[0].id, item: item || null };
  if (kind === "now") return { kind };
  if (kind === "share") return { kind: "shared", link: name ?? "" };
  return { kind: "numbers" };
}

export function formatPage(page: Page): string {
  if (page.kind === "numbers") return "/";
  if (page.kind === "now") return "/now";
  if (page.kind === "shared") return `/share/${page.link}`;
  if (page.kind === "settings") return `/settings/${page.section}`;
  return `/ops/${page.section}${page.item === null ? "" : `/${encodeURIComponent(page.item)}`}`;
}
