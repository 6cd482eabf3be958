// The hosts in what a person writes or pastes: one a line, whole addresses among them. Pure.

import { linesIn } from "./words.ts";

export const domainsIn = (text: string): string[] => [...new Set(linesIn(text).map(hostOf))];

/** What is no address stays as it is, so that the server can say what is wrong with it. */
const hostOf = (line: string): string => (/^https?:\/\//i.test(line) ? (URL.parse(line)?.hostname ?? line) : line);
