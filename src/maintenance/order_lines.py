"""Synthetic order lines of an online shop, so that the way from lines to customers can be tried.

Customers are of five kinds: those who buy once, occasional and regular ones, a few dealers who
order much, and those who left. Orders are more before Christmas and fewer in summer. Some articles
come back on invoices of their own, which begin with C. The faults of real exports are planted:
lines without a customer, customer numbers written as floats, articles that cost nothing, lines that
stand twice, a country written in another way, lines out of the order of their dates. No row of a
published table is stored or reproduced.

Every draw is a whole number, so that the same customers and seed give the same bytes everywhere.

Command line: ``python -m maintenance.order_lines [--customers N] [--seed N] data/order-lines.csv``
"""

import argparse
import csv
import datetime as dt
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COLUMNS: Final = (
    *("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price"),
    *("Customer ID", "Country"),
)
CUSTOMERS: Final = 1200
DEFAULT_SEED: Final = 2025
FIRST_DAY: Final = dt.date(2024, 1, 1)
DAYS: Final = 731
SEASON: Final = (70, 75, 90, 90, 95, 90, 60, 60, 100, 130, 190, 150)
"""Weight of a month, January first."""

ARTICLES: Final = (
    *("candle", "tea towel", "lunch box", "photo frame", "wall clock", "garden lantern"),
    *("gift bag", "cake stand", "doormat", "notebook", "mug", "paper chain"),
)
COLOURS: Final = ("red", "blue", "white", "green", "grey", "yellow", "striped", "dotted")
COUNTRIES: Final = (
    *(("United Kingdom",) * 40),
    *("Germany", "Germany", "France", "France", "Spain", "Netherlands", "Belgium", "Ireland"),
)


@dataclass(frozen=True)
class Kind:
    """
    One kind of customer.

    Attributes
    ----------
    share : int
        Of 100 customers.
    orders : tuple of (int, int)
        Fewest and most orders.
    lines : tuple of (int, int)
        Fewest and most lines of an order.
    pieces : tuple of (int, int)
        Fewest and most pieces of an article.
    window : tuple of (int, int)
        First and last day on which they order, in percent of all days.
    """

    share: int
    orders: tuple[int, int]
    lines: tuple[int, int]
    pieces: tuple[int, int]
    window: tuple[int, int]


KINDS: Final = (
    Kind(34, (1, 1), (1, 6), (1, 6), (0, 100)),
    Kind(28, (2, 5), (2, 8), (1, 8), (0, 100)),
    Kind(16, (8, 20), (3, 10), (2, 12), (0, 100)),
    Kind(4, (25, 50), (6, 14), (4, 30), (0, 100)),
    Kind(18, (2, 7), (2, 9), (1, 10), (0, 55)),
)


def make_lines(customers: int = CUSTOMERS, seed: int = DEFAULT_SEED) -> Iterator[tuple[str, ...]]:
    """
    Make order lines, the texts of a CSV file.

    Parameters
    ----------
    customers : int
        How many customers order, of 1 and more.
    seed : int
        Start of the draws.

    Yields
    ------
    tuple of str
        One line, by `COLUMNS`.

    Examples
    --------
    >>> len(next(make_lines(3)))
    8
    """
    draw = random.Random(seed)
    articles = [
        (f"{20000 + number}", f"{colour} {article}", draw.randrange(25, 1500))
        for number, (article, colour) in enumerate(
            (article, colour) for article in ARTICLES for colour in COLOURS
        )
    ]
    orders = [
        (_day(draw, kind), customer, kind)
        for customer in range(customers)
        for kind in [draw.choices(KINDS, weights=[one.share for one in KINDS])[0]]
        for _ in range(draw.randint(*kind.orders))
    ]
    orders.sort(key=lambda one: (one[0], one[1]))
    countries = [draw.choice(COUNTRIES) for _ in range(customers)]
    invoice = 500_000
    for day, customer, kind in orders:
        invoice += 1
        yield from _order(
            draw, invoice, day, kind, articles, 12_000 + customer, countries[customer]
        )


def _day(draw: random.Random, kind: Kind) -> int:
    low, high = (DAYS * percent // 100 for percent in kind.window)
    while True:
        day = draw.randrange(low, high)
        month = (FIRST_DAY + dt.timedelta(days=day)).month
        if draw.randrange(max(SEASON)) < SEASON[month - 1]:
            return day


def _order(
    draw: random.Random,
    invoice: int,
    day: int,
    kind: Kind,
    articles: Sequence[tuple[str, str, int]],
    customer: int,
    country: str,
) -> Iterator[tuple[str, ...]]:
    """Lines of an order, and of what is returned of it."""
    date = FIRST_DAY + dt.timedelta(days=day)
    time = f"{draw.randint(8, 18):02}:{draw.randrange(60):02}"
    known = f"{customer}.0" if draw.randrange(100) >= 6 else ""
    where = "UK" if country == "United Kingdom" and draw.randrange(300) == 0 else country
    for _ in range(draw.randint(*kind.lines)):
        code, name, cents = articles[draw.randrange(len(articles))]
        quantity = draw.randint(*kind.pieces)
        price = "0.00" if draw.randrange(400) == 0 else f"{cents // 100}.{cents % 100:02}"
        line = (code, name, str(quantity), f"{date} {time}", price, known, where)
        yield (str(invoice), *line)
        if draw.randrange(150) == 0:
            yield (str(invoice), *line)
        if draw.randrange(45) == 0:
            back = min(date + dt.timedelta(days=draw.randint(2, 21)), _last_day())
            returned = str(-draw.randint(1, quantity))
            yield (f"C{invoice}", code, name, returned, f"{back} 10:00", price, known, where)


def _last_day() -> dt.date:
    return FIRST_DAY + dt.timedelta(days=DAYS - 1)


def write_lines(path: Path, customers: int = CUSTOMERS, seed: int = DEFAULT_SEED) -> int:
    """Write order lines to a CSV file, and return how many there are."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for line in make_lines(customers, seed):
            writer.writerow(line)
            count += 1
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.order_lines",
        description="Write synthetic order lines; the same customers and seed, the same bytes.",
    )
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="(default: %(default)s)")
    parser.add_argument("out", metavar="OUT", type=Path, help="a CSV file")
    options = parser.parse_args(arguments)
    try:
        count = write_lines(options.out, options.customers, options.seed)
    except OSError as error:
        print(error.strerror or error, file=sys.stderr)
        return 1
    print(f"written: {options.out.name}, {count:,} lines of {options.customers:,} customers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
