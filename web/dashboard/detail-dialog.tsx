// A list looked at closely: all its rows, page by page, with everything that is known of each; searched, sorted, and taken
// along as CSV. What is asked and shown is the page's own dates and filters.

import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { SearchField } from "react-aria-components/SearchField";
import { Input } from "react-aria-components/Input";
import { Cell, Column, Row, Table, TableBody, TableHeader } from "react-aria-components/Table";
import { METRICS, type Metric } from "../../core/metrics.ts";
import { type ListRow, listOf } from "./answers.ts";
import { csvAddress } from "./api.ts";
import { OpenDialog } from "./dialog-frame.tsx";
import { canFilterBy, type FilterField } from "./filters.ts";
import type { Format } from "./format.ts";
import { PanelTabs } from "./panel-tabs.tsx";
import { type Panel, propertyOf, rowName, type Tab, tabOf } from "./panels.ts";
import { detailMetrics, detailQuestion, type Scope } from "./questions.ts";
import "./styles/detail.css";
import { useAnswer } from "./use-answer.ts";

const PAGE_ROWS = 50;
const VALUE = "value";

export interface DetailDialogProps {
  panel: Panel;
  open: string | undefined;
  scope: Scope;
  format: Format;
  /** It is opened to be searched. */
  searching: boolean;
  onOpen: (tab: string) => void;
  onFilter: (field: FilterField, value: string) => void;
  onClose: () => void;
}

export default function DetailDialog({ panel, open, onOpen, onClose, ...table }: DetailDialogProps) {
  const tab = tabOf(panel, open);
  return (
    <OpenDialog
      modal="modal modal-wide"
      className="detail"
      title={panel.title}
      head={
        <PanelTabs panel={panel} chosen={tab} label={`${panel.title}, in detail`} scope={table.scope} onOpen={onOpen} />
      }
      onClose={onClose}
    >
      {propertyOf(tab) === "" ? null : (
        <DetailTable key={`${tab.id} ${tab.dimension}`} tab={tab} onClose={onClose} {...table} />
      )}
    </OpenDialog>
  );
}

interface DetailTableProps {
  tab: Tab;
  scope: Scope;
  format: Format;
  searching: boolean;
  onFilter: (field: FilterField, value: string) => void;
  onClose: () => void;
}

interface Order {
  by: string;
  descending: boolean;
}

function DetailTable({ tab, scope, format, searching, onFilter, onClose }: DetailTableProps) {
  const searchBox = useSearchKey();
  const [search, setSearch] = useState("");
  const [order, setOrder] = useState<Order>({ by: tab.metrics[0], descending: true });
  const [page, setPage] = useState(0);
  const metrics = useMemo(() => detailMetrics(tab), [tab]);
  const body = useMemo(
    () => detailQuestion(scope, tab, { search, order, limit: PAGE_ROWS, offset: page * PAGE_ROWS }),
    [scope, tab, search, order, page],
  );
  const { answered, waiting, problem } = useAnswer(
    useMemo(() => ({ body, period: scope.period }), [body, scope.period]),
  );
  const csv = csvAddress(body);
  const rows = answered === undefined ? [] : listOf(answered.answer, (row) => rowName(tab, row, format));
  const total = answered?.answer.meta.total_rows ?? 0;
  return (
    <>
      <div className="detail-tools">
        <SearchField
          className="search"
          aria-label={`Search ${tab.label}`}
          autoFocus={searching}
          value={search}
          onChange={(text) => {
            setSearch(text);
            setPage(0);
          }}
        >
          <Input ref={searchBox} placeholder="Search" />
        </SearchField>
        {csv === null ? null : (
          <a className="button button-small" href={csv} download>
            CSV
          </a>
        )}
      </div>
      <div className="detail-scroll" aria-busy={waiting}>
        <Table
          aria-label={tab.label}
          className="detail-table"
          sortDescriptor={{ column: order.by, direction: order.descending ? "descending" : "ascending" }}
          onSortChange={({ column, direction }) => {
            const by = String(column);
            // Of numbers the largest are wanted first.
            setOrder({ by, descending: by === order.by ? direction === "descending" : by !== VALUE });
            setPage(0);
          }}
          onRowAction={(key) => {
            const value = String(key);
            if (!canFilterBy(value)) return;
            onFilter(tab.dimension, value);
            onClose();
          }}
        >
          <TableHeader>
            <Column id={VALUE} isRowHeader allowsSorting>
              {tab.row}
            </Column>
            {metrics.map((metric) => (
              <Column key={metric} id={metric} allowsSorting>
                {METRICS[metric].label}
              </Column>
            ))}
          </TableHeader>
          <TableBody
            items={rows}
            renderEmptyState={() => <p className="quiet">{emptyText(problem?.message, waiting, search)}</p>}
          >
            {(row) => <DetailRow id={row.value} row={row} metrics={metrics} format={format} />}
          </TableBody>
        </Table>
      </div>
      <Pages page={page} total={total} onTurn={setPage} />
    </>
  );
}

/** "/" goes to the box, from wherever in the dialog, and before the table takes it for the beginning of a row's name. */
function useSearchKey(): RefObject<HTMLInputElement | null> {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLInputElement && event.target.type !== "radio") return;
      event.preventDefault();
      event.stopPropagation();
      box.current?.focus();
    };
    addEventListener("keydown", onKeyDown, { capture: true });
    return () => removeEventListener("keydown", onKeyDown, { capture: true });
  }, []);
  return box;
}

const emptyText = (problem: string | undefined, waiting: boolean, search: string): string =>
  problem ?? (waiting ? "Reading …" : search === "" ? "Nothing in these dates." : "Nothing that contains this.");

interface DetailRowProps {
  /** By which the table tells rows apart; without it their places would, which search and order change. */
  id: string;
  row: ListRow;
  metrics: readonly Metric[];
  format: Format;
}

function DetailRow({ id, row, metrics, format }: DetailRowProps) {
  return (
    <Row id={id}>
      <Cell>
        <span className="row-name" title={row.name}>
          {row.name}
        </span>
      </Cell>
      {metrics.map((metric, index) => {
        const value = row.numbers[index] ?? null;
        return <Cell key={metric}>{value === null ? "–" : format.value(METRICS[metric].kind, value)}</Cell>;
      })}
    </Row>
  );
}

function Pages({ page, total, onTurn }: { page: number; total: number; onTurn: (page: number) => void }) {
  const last = Math.max(0, Math.ceil(total / PAGE_ROWS) - 1);
  if (last === 0) return null;
  return (
    <nav className="detail-pages" aria-label="Pages of the list">
      <Button className="button button-small" isDisabled={page === 0} onPress={() => onTurn(page - 1)}>
        Before
      </Button>
      <span>
        {page * PAGE_ROWS + 1}–{Math.min(total, (page + 1) * PAGE_ROWS)} of {total}
      </span>
      <Button className="button button-small" isDisabled={page === last} onPress={() => onTurn(page + 1)}>
        Next
      </Button>
    </nav>
  );
}
