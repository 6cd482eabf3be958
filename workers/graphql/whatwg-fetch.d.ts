// In place of the types that @whatwg-node/fetch ships (see paths in workers/tsconfig.json): those bring the browser's globals with them,
// which the edge's runtime does not have. graphql-yoga names the module in its own types only.

export const fetch: typeof globalThis.fetch;
