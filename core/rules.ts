// Rules of counting that a replay tries out beside the live ones. They add to what the code says and never take away,
// so a run without rules counts as the code does.

export interface Rules {
  /** A user agent that contains one of these, in whatever case, is a bot's. */
  extraBots: readonly string[];
}

export const NO_RULES: Rules = { extraBots: [] };

export const EXTRA_BOTS_MAX = 100;
export const EXTRA_BOT_CHARS_MAX = 200;

/** True when the rules make a bot of the user agent. */
export const isExtraBot = ({ extraBots }: Rules, userAgent: string | undefined): boolean => {
  if (extraBots.length === 0 || userAgent === undefined) return false;
  const lower = userAgent.toLowerCase();
  return extraBots.some((text) => lower.includes(text.toLowerCase()));
};
