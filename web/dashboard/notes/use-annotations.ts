// The notes of the dates that are shown, and what changes them. Without them the chart is as it is.

import type { AnnotationView } from "../../../core/annotation-view.ts";
import type { ListedMerchant } from "../../../core/merchant-list.ts";
import useSWR from "swr";
import { type ApiProblem, send } from "../api.ts";
import type { Period } from "../range.ts";
import { isAtLeast } from "../roles.ts";

export interface NoteFields {
  date: string;
  hour: number | null;
  text: string;
}

export interface Notes {
  all: readonly AnnotationView[];
  /** Null: the reader only reads. Each throws an `ApiProblem` when it is refused. */
  change: {
    save: (id: string | null, fields: NoteFields) => Promise<void>;
    remove: (id: string) => Promise<void>;
  } | null;
}

const NONE: readonly AnnotationView[] = [];

export function useAnnotations(merchant: ListedMerchant, { from, to }: Period): Notes {
  const path = `/api/v1/merchants/${merchant.id}/annotations`;
  const { data, mutate } = useSWR<readonly AnnotationView[], ApiProblem>(
    `${path}?from=${from}&to=${to}`,
    async (address: string) => (await send<{ annotations: AnnotationView[] }>("GET", address)).annotations,
    { keepPreviousData: true, revalidateOnFocus: false },
  );
  return {
    all: data ?? NONE,
    change: !isAtLeast(merchant.role, "analyst")
      ? null
      : {
          async save(id, fields) {
            await (id === null ? send("POST", path, fields) : send("PATCH", `${path}/${id}`, fields));
            await mutate();
          },
          async remove(id) {
            await send("DELETE", `${path}/${id}`);
            await mutate();
          },
        },
  };
}
