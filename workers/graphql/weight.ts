// How much a GraphQL document asks, before anything is done for it: how long its text is, how deep it is, how many fields it has
// with its fragments spread, and how many reports. Fragments are weighed once each, so weighing takes no longer than the document is.

import {
  type ASTNode,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  Lexer,
  type SelectionSetNode,
  Source,
  TokenKind,
  type ValidationContext,
} from "graphql";
import {
  GRAPHQL_BRACKETS_MAX,
  GRAPHQL_DEPTH_MAX,
  GRAPHQL_FIELDS_MAX,
  GRAPHQL_REPORTS_MAX,
  GRAPHQL_TOKENS_MAX,
} from "../../core/limits.ts";

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** A measure: what a field weighs, given the weight of what is below it, and how the fields beside one another add up. */
interface Measure {
  field: (name: string, below: number) => number;
  together: (a: number, b: number) => number;
}

const sum = (a: number, b: number): number => a + b;
const FIELDS: Measure = { field: (_, below) => 1 + below, together: sum };
const DEPTH: Measure = { field: (_, below) => 1 + below, together: (a, b) => Math.max(a, b) };
const REPORTS: Measure = { field: (name, below) => (name === "report" ? 1 : 0) + below, together: sum };

/** `times` says how often what is below a field is there: as often as its list is long. */
export const resolvedFields = (set: SelectionSetNode, fragments: Fragments, times: (name: string) => number): number =>
  weigh(set, fragments, { field: (name, below) => 1 + times(name) * below, together: sum });

const OPENING: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const CLOSING: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

/** Throws what the client reads. Parsing recurses and would end the stack. */
export function limitText(text: string | Source): void {
  const lexer = new Lexer(typeof text === "string" ? new Source(text) : text);
  let open = 0;
  for (let tokens = 0; lexer.advance().kind !== TokenKind.EOF; tokens++) {
    if (tokens === GRAPHQL_TOKENS_MAX)
      throw tooMuch(`A document may have ${GRAPHQL_TOKENS_MAX} words and signs at most.`);
    if (OPENING.includes(lexer.token.kind)) open++;
    else if (CLOSING.includes(lexer.token.kind)) open--;
    if (open > GRAPHQL_BRACKETS_MAX) throw tooMuch(`Brackets may be ${GRAPHQL_BRACKETS_MAX} deep at most.`);
  }
}

/** A rule of validation: refuses operations that are too deep, or ask for too many fields or reports. */
export function limitWeight(context: ValidationContext): ASTVisitor {
  const fragments = fragmentsOf(context.getDocument());
  const limits = [
    { measure: DEPTH, max: GRAPHQL_DEPTH_MAX, what: "levels of fields" },
    { measure: FIELDS, max: GRAPHQL_FIELDS_MAX, what: "fields, fragments spread," },
    { measure: REPORTS, max: GRAPHQL_REPORTS_MAX, what: "reports" },
  ];
  return {
    OperationDefinition(operation) {
      for (const { measure, max, what } of limits) {
        if (weigh(operation.selectionSet, fragments, measure) <= max) continue;
        context.reportError(tooMuch(`An operation may have ${max} ${what} at most.`, operation));
      }
    },
  };
}

const tooMuch = (message: string, nodes: ASTNode | null = null): GraphQLError =>
  new GraphQLError(message, { nodes, extensions: { reason: "too_much" } });

function fragmentsOf(document: DocumentNode): Fragments {
  const definitions = document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  return Object.fromEntries(definitions.map((fragment) => [fragment.name.value, fragment]));
}

function weigh(set: SelectionSetNode, fragments: Fragments, { field, together }: Measure): number {
  const known = new Map<string, number>();
  const weightOf = (selections: SelectionSetNode | undefined): number =>
    (selections?.selections ?? []).map(weightOfOne).reduce(together, 0);
  const weightOfOne = (selection: SelectionSetNode["selections"][number]): number => {
    switch (selection.kind) {
      case Kind.FIELD:
        return field(selection.name.value, weightOf(selection.selectionSet));
      case Kind.INLINE_FRAGMENT:
        return weightOf(selection.selectionSet);
      case Kind.FRAGMENT_SPREAD:
        return weightOfFragment(selection.name.value);
    }
  };
  const weightOfFragment = (name: string): number => {
    const weight = known.get(name);
    if (weight !== undefined) return weight;
    // One that contains itself weighs nothing there; another rule refuses it.
    known.set(name, 0);
    const whole = weightOf(fragments[name]?.selectionSet);
    known.set(name, whole);
    return whole;
  };
  return weightOf(set);
}
