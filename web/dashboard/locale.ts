// How the reader writes numbers and dates. Some browsers without a desktop name a language that is none ("en-US@posix").

const FALLBACK = "en-GB";

/** The first of the reader's languages that is one. */
export const readersLocale = (languages: readonly string[]): string => languages.find(isLocale) ?? FALLBACK;

function isLocale(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length === 1;
  } catch {
    return false;
  }
}
