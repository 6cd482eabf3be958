#!/usr/bin/env python3
"""What data/retail-2010-12.csv.gz holds, worked out from the file alone: no code of the product is used.

    python3 e2e/retail-figures.py > e2e/retail-figures.json

Money is exact: Decimal, in GBP. A sale is a line without a leading C, with quantity and price above 0.
"""

import collections
import csv
import decimal
import gzip
import json
import os

FILE = os.path.join(os.path.dirname(__file__), "..", "data", "retail-2010-12.csv.gz")
CENT = decimal.Decimal("0.01")


def main():
    sales, cancellations, neither = [], [], 0
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            line["quantity"] = int(line["Quantity"])
            line["amount"] = line["quantity"] * decimal.Decimal(line["UnitPrice"])
            if line["InvoiceNo"].startswith("C"):
                cancellations.append(line)
            elif line["quantity"] > 0 and line["amount"] > 0:
                sales.append(line)
            else:
                neither += 1
    gross = sum(line["amount"] for line in sales)
    refunds = -sum(line["amount"] for line in cancellations)
    orders = {line["InvoiceNo"] for line in sales}
    print(
        json.dumps(
            {
                "lines": len(sales) + len(cancellations) + neither,
                "skipped": neither,
                "orders": len(orders),
                "gross": money(gross),
                "refund_invoices": len({line["InvoiceNo"] for line in cancellations}),
                "refunds": money(refunds),
                "average_order_value": str(((gross - refunds) / len(orders)).quantize(CENT, decimal.ROUND_HALF_UP)),
                "units": sum(line["quantity"] for line in sales),
                "days": by(lambda line: line["InvoiceDate"][:10], sales, cancellations, 31),
                "products": by(lambda line: line["StockCode"], sales, cancellations, 50),
            },
            indent=2,
        )
    )


def by(key, sales, cancellations, n):
    """The n largest by gross; the same gross by value."""
    rows = collections.defaultdict(lambda: [set(), decimal.Decimal(0), decimal.Decimal(0), 0])
    for line in sales:
        row = rows[key(line)]
        row[0].add(line["InvoiceNo"])
        row[1] += line["amount"]
        row[3] += line["quantity"]
    for line in cancellations:
        rows[key(line)][2] -= line["amount"]
    largest = sorted(rows.items(), key=lambda row: (-row[1][1], row[0]))[:n]
    return [
        {"value": name, "orders": len(orders), "gross": money(gross), "refunds": money(refunds), "units": units}
        for name, (orders, gross, refunds, units) in largest
    ]


def money(amount):
    return str(amount.quantize(CENT))


main()
