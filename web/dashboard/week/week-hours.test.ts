import { expect, test } from "vitest";
import type { Answer } from "../../../core/answer.ts";
import { META } from "../meta-fixture.ts";
import { weekHoursOf } from "./week-hours.ts";

const hours = (rows: [string, number][], incomplete: string[] = []): Answer => ({
  results: rows.map(([label, visits]) => ({ dimensions: [label], metrics: [visits] })),
  meta: { ...META, incomplete },
  query: {},
});

test("means per weekday that was: Monday first, hours that are not over left out", () => {
  const { cells, greatest } = weekHoursOf(
    hours(
      [
        ["2026-11-16 09:00:00", 10],
        ["2026-11-23 09:00:00", 20],
        ["2026-11-22 23:00:00", 4],
        ["2026-11-24 12:00:00", 900],
      ],
      ["2026-11-24 12:00:00"],
    ),
    0,
  );
  expect(cells[0]![9]).toBe(15);
  expect(cells[6]![23]).toBe(4);
  expect(cells[1]![12]).toBeNull();
  expect(greatest).toBe(15);
});
