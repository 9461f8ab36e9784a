"""A draft for order lines: seen by a customer who repeats, a date, and an amount."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import words
from helpers.engines.base import Facts, Table
from helpers.engines.sql import column_sql, parse_steps, text_sql
from helpers.params.column_names import is_person_key
from helpers.params.column_types import Column
from helpers.params.vocabulary import fold, says, words_of
from helpers.preparation.grouping import LAST
from helpers.preparation.loading import LineRecipe, LoadedCustomers, group_lines
from helpers.scaffold.measures import Measures, measure, measure_columns
from helpers.scaffold.proposal import Draft, read_raw
from helpers.tables.column_profiles import TableProfile
from helpers.tables.dialects import find_dialect

LEAST_REPEATED = 0.1
"""Share of the lines that name a customer who has another line already."""
LEAST_HELD = 0.3
"""Share of the lines that name a customer at all."""
MOST_GOODS = 20
TOP_GOODS = 5
MOST_CHANNELS = 6
MOST_PLACES = 60
MOST_STATES = 12
LEDGER = 0.5
"""Share of the lines below 0 from which amounts are money out and in, not sales and returns."""
ONE_PLACE = 1.2
"""Different values that a customer has on average, at most, of a category that is his own."""

ORDER = """order invoice transaction receipt bill basket ticket booking purchase reservation stay
    folio rental rechnung* bestell* auftrag* beleg* buchung* bon reservierung* aufenthalt* facture
    commande sejour factura pedido reserva estancia fattura ordine scontrino prenotazione factuur
    bestelling reservering fatura siparis fis rezervasyon 注文 予約 订单"""
QUANTITY = """quantity qty quant units pieces pcs items cds count menge anzahl stuck* stueck*
    quantite qte cantidad unidades quantidade qtd quantita pezzi aantal stuks adet miktar 数量"""
PRICE = "price unitprice preis* *preis prix precio preco prezzo prijs* fiyat* 単価 价格"
AMOUNT = """amount total value revenue sales spend spending turnover net gross subtotal paid sum
    betrag* *betrag umsatz* summe* *summe wert* montant chiffre importe total valor ventas gasto
    importo totale valore bedrag* totaal omzet* tutar* toplam ciro 金額 金额"""
NOT_AMOUNT = """balance limit tax taxes discount shipping freight cost costs income salary score
    points rate percent saldo steuer* rabatt* solde impot remise iva mwst"""
PRODUCT = """stock sku article product item isbn ean asin plu drug medicine medication artikel*
    *artikel produkt* produit articulo producto produto articolo prodotto urun* arzneimittel*
    medikament* medicament medicamento medicinale ilac pzn 商品 薬品"""
CHANNEL = """channel platform device vertriebsweg kanal* *kanal canal canaux canale kanaal 渠道
    チャネル"""
GOODS = """category department class group genre brand kategorie* *kategorie warengruppe* gruppe*
    categorie categoria reparto kategori* grup famille familia famiglia rayon rubro 分類 类别"""
CANCELLED = "cancel* storn* annul* anulad* anulac* cancelad* geannul* iptal* キャンセル 取消"
STATUS = "status state statut estado stato durum zustand 状態 状态"
YES = "yes y true 1 ja oui si sí sim evet はい 是"


@dataclass(frozen=True)
class Parts:
    """
    Which columns of order lines say what.

    `amount` is Spark SQL over a line. The others are names of columns, empty where there is
    none; `places` are categories of which a customer has one, `goods` and `channel` such of which
    a customer has several. `cancelled` is Spark SQL, true of a line that stands. In a ledger most
    amounts are below 0: money out, with money in beside it.
    """

    key: str
    date: str
    amount: str
    amount_column: str
    quantity: str
    price: str
    order: str
    product: str
    places: tuple[str, ...]
    goods: str
    channel: str
    cancelled: str = ""
    is_ledger: bool = False

    @property
    def line_amount(self) -> str:
        """SQL name of the amount that customers are told apart by: a column, or a line step."""
        made = self.is_ledger or not self.amount_column
        return ("spent" if self.is_ledger else "amount") if made else column_sql(self.amount_column)

    @property
    def amount_name(self) -> str:
        """The same as a plain name."""
        return self.line_amount if self.is_ledger or not self.amount_column else self.amount_column


def propose_lines(path: Path, *, sheet: str = "") -> Draft | None:
    """
    Propose a segmentation of the customers of order lines.

    Parameters
    ----------
    path : Path
        A table.

    Returns
    -------
    Draft or None
        Values that run as they are; none where the table does not look like order lines.

    Raises
    ------
    TableError
        Where the table cannot be read.
    """
    if not may_hold_lines(find_dialect(path, sheet=sheet).header):
        return None
    table, facts, profile, notes = read_raw(path, sheet=sheet)
    measures = measure(table, facts)
    parts = find_parts(table, facts, measures)
    if parts is None:
        return None
    declared = {name: _declared(profile, facts, parts, name) for name in facts.columns}
    recipe = _recipe(table, parts, measures)
    # Dates are held as ISO text here, whatever the file writes, so that the greatest is the last.
    engine_facts = _as_declared(facts, declared)
    loaded = group_lines(_iso_dates(table, facts), engine_facts, recipe=recipe, as_of=LAST)
    # Numbers with a letter among them are as they should be for orders and articles.
    about = tuple(f"`{name}` " for name in (parts.order, parts.product) if name)
    kept = [note for note in notes if not (about and str(note).startswith(about))]
    return _drafted(path.name, parts, declared, recipe, loaded, kept)


def may_hold_lines(header: Sequence[str]) -> bool:
    """
    Whether column names alone leave it open that a table holds order lines.

    Examples
    --------
    >>> may_hold_lines(["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"])
    True
    >>> may_hold_lines(["CustomerID", "Age", "Income"])
    False
    """
    amounts = any(_told(name, AMOUNT) or says(name, "earned") for name in header)
    priced = any(_told(name, PRICE) for name in header)
    counted = any(_told(name, QUANTITY) for name in header)
    return any(is_person_key(name) for name in header) and (amounts or (priced and counted))


def _told(name: str, stems: str) -> bool:
    """Whether a name has one of some words; a star stands for any letters."""
    told = words_of(name)
    for stem in fold(stems).split():
        bare = stem.strip("*")
        for word in told:
            if stem.startswith("*") and stem.endswith("*"):
                hit = bare in word
            elif stem.startswith("*"):
                hit = word.endswith(bare)
            elif stem.endswith("*"):
                hit = word.startswith(bare)
            else:
                hit = word == bare or (not bare.isascii() and bare in word)
            if hit:
                return True
    return False


def find_parts(table: Table, facts: Facts, measures: Mapping[str, Measures]) -> Parts | None:
    """
    Find out which columns of order lines say what.

    Parameters
    ----------
    table : Table
        The table as it lies.
    facts : Facts
        Types of its columns.
    measures : mapping of str to Measures
        Figures of its columns.

    Returns
    -------
    Parts or None
        None where the table is one of customers: no customer repeats, one column names every row
        by a customer of its own, or there is no date or no amount.
    """
    people = [name for name in facts.columns if is_person_key(name)]
    if any(measures[name].is_unique for name in people):
        return None
    keys = [name for name in people if _repeats(measures[name])]
    dates = [name for name in facts.of_type("date") if measures[name].missing_share < LEAST_HELD]
    if not keys or not dates:
        return None
    key = max(keys, key=lambda name: measures[name].distinct)
    names = [name for name in facts.columns if name != key]
    numbers = [name for name in names if facts.columns[name].type in ("integer", "number")]
    price = _first(numbers, PRICE)
    quantity = _first([name for name in numbers if name != price], QUANTITY)
    amount = _amount_column(numbers, price, quantity)
    if not amount and not (price and quantity):
        return None
    varying = _varying(table, key, names)
    date = _date(dates, varying)
    if not date:
        return None
    taken = {key, date, amount, price, quantity}
    # A number of few values, such as the nights of a stay, names no order.
    naming = [
        name
        for name in names
        if name not in taken
        and facts.columns[name].type != "date"
        and (name not in numbers or measures[name].distinct >= measures[key].distinct)
    ]
    order = _first(naming, ORDER)
    rest = [name for name in names if name not in (*taken, order)]
    texts = [name for name in rest if facts.columns[name].type == "category"]
    product = _first(
        [name for name in rest if name not in numbers or _told(name, "code id no")], PRODUCT
    )
    channel = next(
        (
            name
            for name in texts
            if _told(name, CHANNEL) and 2 <= measures[name].distinct <= MOST_CHANNELS
        ),
        "",
    )
    goods = next(
        (
            name
            for name in texts
            if name not in (channel, product)
            and _told(name, GOODS)
            and 2 <= measures[name].distinct <= MOST_GOODS
            and varying[name] > ONE_PLACE
        ),
        "",
    )
    places = tuple(
        name
        for name in texts
        if name not in (product, goods, channel)
        and 2 <= measures[name].distinct <= MOST_PLACES
        and varying[name] <= ONE_PLACE
    )
    sql = column_sql(amount) if amount else f"{column_sql(quantity)} * {column_sql(price)}"
    stands, states = _standing(table, measures, [one for one in rest if one != product])
    places = tuple(name for name in places if name != states)
    ledger = bool(amount) and _share_below(table, sql) > LEDGER
    return Parts(
        *(key, date, sql, amount, quantity, price, order, product, places[:3], goods, channel),
        *(stands, ledger),
    )


def _standing(
    table: Table, measures: Mapping[str, Measures], names: Sequence[str]
) -> tuple[str, str]:
    """A test that a line passes unless it was cancelled, and the column that says so."""
    for name in names:
        is_told = _told(name, CANCELLED)
        if not (is_told or _told(name, STATUS)) or not 2 <= measures[name].distinct <= MOST_STATES:
            continue
        found = table.query(
            f"SELECT DISTINCT CAST({column_sql(name)} AS STRING) AS value FROM customers "
            f"WHERE {column_sql(name)} IS NOT NULL ORDER BY value"
        )
        values = [str(one) for one in found["value"]]
        off = [one for one in values if _told(one, CANCELLED)]
        if is_told and not off and measures[name].distinct == 2:
            off = [one for one in values if _told(one, YES)]
        if off and len(off) < len(values):
            number = measures[name].is_number
            listed = ", ".join(one if number else text_sql(one) for one in off)
            sql = column_sql(name)
            return f"{sql} IS NULL OR {sql} NOT IN ({listed})", name
    return "", ""


def _share_below(table: Table, amount: str) -> float:
    """Share of the amounts that are below 0."""
    found = table.query(
        f"SELECT avg(CASE WHEN {amount} < 0 THEN 1.0 WHEN {amount} > 0 THEN 0.0 END) AS share "
        "FROM customers"
    )["share"].iloc[0]
    return 0.0 if found is None or found != found else float(found)


def _repeats(one: Measures) -> bool:
    repeated = one.held - one.distinct
    return (
        one.held >= LEAST_HELD * one.rows
        and repeated >= LEAST_REPEATED * one.held
        and one.distinct >= 2
    )


def _first(names: Sequence[str], stems: str) -> str:
    return next((name for name in names if _told(name, stems)), "")


def _amount_column(numbers: Sequence[str], price: str, quantity: str) -> str:
    """The column of a line's amount: not its price by the piece, not what is no amount."""
    named = [
        name
        for name in numbers
        if (_told(name, AMOUNT) or says(name, "earned"))
        and name != quantity
        and not _told(name, NOT_AMOUNT)
        and not (_told(name, PRICE) and not _told(name, "total gesamt* line ext extended"))
        and not (quantity and _told(name, "unit per each einzel*"))
    ]
    if named:
        return named[0]
    # A price without a quantity is what was paid.
    return price if price and not quantity else ""


def _varying(table: Table, key: str, names: Sequence[str]) -> dict[str, float]:
    """Mean number of different values of a column that a customer has."""
    asked = ", ".join(
        f"count(DISTINCT {column_sql(name)}) AS n{at}" for at, name in enumerate(names)
    )
    means = ", ".join(f"avg(CAST(n{at} AS DOUBLE)) AS m{at}" for at, _ in enumerate(names))
    found = table.query(
        f"SELECT {means} FROM (SELECT {column_sql(key)} AS k, {asked} FROM customers "
        f"WHERE {column_sql(key)} IS NOT NULL GROUP BY 1) AS each"
    ).iloc[0]
    return {name: float(found[f"m{at}"]) for at, name in enumerate(names)}


def _date(dates: Sequence[str], varying: Mapping[str, float]) -> str:
    """The date of the line: of several, one that says so; it differs between lines."""
    moving = [name for name in dates if varying[name] > 1.05]
    for name in moving:
        if _told(name, ORDER) or _told(name, "date datum fecha data tarih day tag jour"):
            return name
    return moving[0] if moving else ""


def _declared(profile: TableProfile, facts: Facts, parts: Parts, name: str) -> dict[str, Any]:
    type_ = facts.columns[name].type
    if name == parts.key:
        return {"type": "id"}
    if name in (parts.order, parts.product, parts.goods, parts.channel, *parts.places):
        return {"type": "category"}
    declared: dict[str, Any] = profile.columns[name].declaration() | {"type": type_}
    found = facts.date_formats.get(name, "")
    if type_ == "date" and found not in ("yyyy-MM-dd", "a date type", ""):
        declared.setdefault("read_as", found)
    return declared


def _as_declared(facts: Facts, declared: Mapping[str, Mapping[str, Any]]) -> Facts:
    """Facts with dates as ISO text; the key keeps the type that it was read in."""
    columns = {
        name: Column(
            name, column.type if declared[name]["type"] == "id" else declared[name]["type"]
        )
        for name, column in facts.columns.items()
    }
    return Facts(facts.rows, columns, (), facts.date_formats)


def _iso_dates(table: Table, facts: Facts) -> Table:
    shown = {}
    for name, column in facts.columns.items():
        sql = column_sql(name)
        if column.type == "date" and column.format != "yyyy-MM-dd":
            sql = f"CAST(to_date({sql}, {text_sql(column.format)}) AS STRING)"
        shown[name] = sql
    return table.select(shown)


def _recipe(table: Table, parts: Parts, measures: Mapping[str, Measures]) -> LineRecipe:
    key, date = column_sql(parts.key), column_sql(parts.date)
    steps = [] if parts.amount_column else [{"amount": parts.amount}]
    if parts.is_ledger:
        steps = [
            {"spent": f"greatest(-({parts.amount}), 0)"},
            {"received": f"greatest({parts.amount}, 0)"},
        ]
    amount = parts.line_amount
    filters = [{"cancelled": parts.cancelled}] if parts.cancelled else []
    if measures[parts.key].held < measures[parts.key].rows:
        filters.append({"no customer": f"{key} IS NOT NULL"})
    orders = (
        f"net_orders({column_sql(parts.order)}, {amount})"
        if parts.order
        else f"purchase_days({date}, {amount})"
    )
    aggregates = [
        {"Recency": f"recency({date}, {amount})"},
        {"Frequency": orders},
        {"Spent": f"sum({amount})"},
        {"Tenure": f"tenure({date}, {amount})"},
    ]
    if parts.product:
        aggregates.append({"Articles": f"count(DISTINCT {column_sql(parts.product)})"})
    if parts.is_ledger:
        aggregates.append({"Received": "sum(received)"})
    elif _has_returns(table, parts):
        aggregates.append({"Returned": f"return_share({amount})"})
    aggregates += _goods(table, parts, amount)
    aggregates += _channels(table, parts, amount)
    taken = {name.casefold() for entry in aggregates for name in entry}
    for name in parts.places:
        if name.casefold() not in taken:
            aggregates.append({name: f"max({column_sql(name)})"})
    roles = {"date": parts.date, "amount": parts.amount_name}
    if parts.order:
        roles["order"] = parts.order
    return LineRecipe(parts.key, steps, filters, aggregates, roles, "net")


def _has_returns(table: Table, parts: Parts) -> bool:
    found = table.query(
        f"SELECT count(CASE WHEN {parts.amount} < 0 THEN 1 END) AS n FROM customers"
    )
    return int(found["n"].iloc[0]) > 0


def _top(table: Table, parts: Parts, column: str, most: int) -> list[str]:
    """Values of a category that most was spent on."""
    name = column_sql(column)
    spent = f"greatest(-({parts.amount}), 0)" if parts.is_ledger else parts.amount
    found = table.query(
        f"SELECT CAST({name} AS STRING) AS value, "
        f"sum(CAST({spent} AS DECIMAL(38, 6))) AS spent FROM customers "
        f"WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY spent DESC, value LIMIT {most}"
    )
    return [str(value) for value in found["value"]]


def _goods(table: Table, parts: Parts, amount: str) -> list[dict[str, str]]:
    """Spending on each of the goods that most is spent on, and on the rest together."""
    if not parts.goods:
        return []
    top = _top(table, parts, parts.goods, TOP_GOODS + 1)
    is_whole = len(top) <= TOP_GOODS
    top = top[:TOP_GOODS]
    column = column_sql(parts.goods)
    made = [
        {
            f"Spent_{_word(value)}": f"coalesce(sum({amount}) FILTER (WHERE {amount} > 0 AND "
            f"{column} = {text_sql(value)}), 0)"
        }
        for value in top
    ]
    listed = ", ".join(text_sql(value) for value in top)
    if is_whole:
        return _unlike(made)
    made.append(
        {
            "Spent_Rest": f"coalesce(sum({amount}) FILTER (WHERE {amount} > 0 AND "
            f"({column} IS NULL OR {column} NOT IN ({listed}))), 0)"
        }
    )
    return _unlike(made)


def _channels(table: Table, parts: Parts, amount: str) -> list[dict[str, str]]:
    """Orders by channel."""
    if not parts.channel:
        return []
    what = column_sql(parts.order or parts.date)
    column = column_sql(parts.channel)
    return _unlike(
        [
            {
                f"Orders_{_word(value)}": f"count(DISTINCT {what}) FILTER (WHERE {amount} > 0 AND "
                f"{column} = {text_sql(value)})"
            }
            for value in _top(table, parts, parts.channel, MOST_CHANNELS)
        ]
    )


def _unlike(entries: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same with names that differ."""
    seen: set[str] = set()
    made = []
    for entry in entries:
        for name, sql in entry.items():
            free = name
            while free.casefold() in seen:
                free += "_"
            seen.add(free.casefold())
            made.append({free: sql})
    return made


def _word(value: str) -> str:
    kept = "".join(letter if letter.isalnum() else "_" for letter in value).strip("_")
    return (kept or "Other")[:40]


def _drafted(
    file: str,
    parts: Parts,
    declared: dict[str, dict[str, Any]],
    recipe: LineRecipe,
    loaded: LoadedCustomers,
    notes: list[Any],
) -> Draft:
    steps = [{"Monetary": "greatest(Spent, 0)"}, {"Basket": "Monetary / greatest(Frequency, 1)"}]
    derived = loaded.table.derive(parse_steps(steps, as_of=loaded.as_of))
    features = ["Recency", "Frequency", "Monetary"]
    measured = measure_columns(derived, {name: Column(name, "number") for name in features})
    features = [name for name in features if measured[name].distinct > 1]
    aggregates = [dict(one) for one in recipe.aggregates if isinstance(one, Mapping)]
    made = [name for entry in aggregates for name in entry]
    spent = [name for name in made if name.startswith("Spent_")]
    channels = [name for name in made if name.startswith("Orders_")]
    places = [name for name in parts.places if name in made]
    lines = loaded.lines
    assert lines is not None
    names = {
        "Recency": "days since the last order",
        "Frequency": "orders",
        "Monetary": "spending",
        "Spent": "spending less returns",
        "Tenure": "days since the first order",
        "Articles": "different articles",
        "Returned": "share returned",
        "Basket": "spending per order",
        **{name: f"spending on {name.removeprefix('Spent_')}" for name in spent},
        "Spent_Rest": "spending on the rest",
        **{name: f"{name.removeprefix('Orders_')} orders" for name in channels},
    }
    if parts.is_ledger:
        names |= {
            "Recency": "days since the last payment",
            "Frequency": "payments",
            "Spent": "money out",
            "Received": "money in",
            "Tenure": "days since the first payment",
            "Basket": "spending per payment",
        }
    units = {
        "Recency": "days",
        "Frequency": "orders",
        "Monetary": "money",
        "Spent": "money",
        "Tenure": "days",
        "Returned": "percent",
        "Received": "money",
        "Basket": "money",
        parts.amount_name: "money",
        **dict.fromkeys(spent, "money"),
        **dict.fromkeys(channels, "orders"),
    }
    known = {*made, "Monetary", "Basket", parts.amount_name}
    rfm = {"recency": "Recency", "frequency": "Frequency", "monetary": "Monetary"}
    values = {
        "title": "Customer segments",
        "null_values": [""],
        "columns": declared,
        "group_by": parts.key,
        "line_steps": [dict(one) for one in recipe.line_steps if isinstance(one, Mapping)],
        "line_filters": [dict(one) for one in recipe.line_filters if isinstance(one, Mapping)],
        "line_roles": dict(recipe.line_roles or {}),
        "returns": recipe.returns,
        "aggregates": aggregates,
        "repeats": "keep",
        "impossible": "keep",
        "outliers": "keep",
        "nulls": "drop",
        "as_of": LAST,
        "sql_steps": steps,
        "features": features,
        "value_column": "Monetary",
        "outcomes": [],
        "names": {name: text for name, text in names.items() if name in known},
        "units": {name: unit for name, unit in units.items() if name in known},
        "histograms": features,
        "box_plots": [{"number": "Monetary", "by": name} for name in places[:1]],
        "correlation_columns": [*features, "Tenure", "Basket"],
        "pivots": [],
        "clip_quantiles": [0.005, 0.995],
        "transforms": {
            name: "log" for name in features if name != "Recency" or measured[name].has_long_tail
        },
        "k": "auto",
        "k_min": 2,
        "k_max": max(2, min(12, loaded.table.rows // 10)),
        "personas": "params/personas-orders.yml",
        "channels": channels,
        "visits_column": "",
        "recency_column": "Recency",
        "rfm": rfm if len(features) == len(rfm) else {},
        "roles": {},
        "category_columns": places,
        "spend_columns": spent,
    }
    return Draft(
        file=file,
        rows=lines.rows,
        values=values,
        said=_said(declared, parts, aggregates),
        help={"as_of": "the day after the last order line; or a day, like 2025-12-31"},
        notes=(_note(parts, loaded), *notes),
    )


def _note(parts: Parts, loaded: LoadedCustomers) -> str:
    lines = loaded.lines
    assert lines is not None
    return (
        f"these look like order lines: {words.number(lines.rows)} of "
        f"{words.plural(lines.customers, 'customer')}, who have a date and an amount each; they "
        f"are grouped by `{parts.key}`"
        + (
            f"; most amounts of `{parts.amount_column}` are below 0, so that they are taken for "
            "money out, and those above 0 for money in, not for returns"
            if parts.is_ledger
            else ""
        )
    )


def _said(
    declared: Mapping[str, Any], parts: Parts, aggregates: Sequence[Mapping[str, str]]
) -> dict[str, str]:
    told = {
        parts.key: "the customer of a line, by whom lines are grouped",
        parts.date: "the date of a line",
        parts.order: "the order that a line belongs to",
        parts.quantity: "pieces: amounts are pieces times the price",
        parts.price: "the price of a piece",
        parts.product: "the article",
        parts.goods: "kind of goods, that spending is told apart by",
        parts.channel: "the channel of an order",
        **dict.fromkeys(parts.places, "a category of the customer"),
    }
    if parts.amount_column:
        told |= dict.fromkeys((parts.quantity, parts.price), "left out: the amount says it")
        told[parts.amount_column] = "the amount of a line"
    meanings = {
        "Recency": "days from the last line above 0 to `as_of`",
        "Frequency": "orders whose amounts add up to more than 0"
        if parts.order
        else "no column names an order: days whose amounts add up to more than 0 count as such",
        "Spent": "returns, amounts below 0, are subtracted",
        "Tenure": "days from the first line above 0 to `as_of`",
        "Articles": "different articles",
        "Returned": "what was returned as a share of what was bought",
        "Received": "amounts above 0",
        "Monetary": "nobody's value is below 0",
        "Basket": "what an order brings",
    }
    if parts.is_ledger:
        meanings["Spent"] = "amounts below 0, without their sign"
    said = {name: told.get(name, "left out: nothing is made of it") for name in declared}
    for name in declared:
        if name not in told and column_sql(name) in parts.cancelled:
            said[name] = "says which lines were cancelled: these are set aside"
    for entry in aggregates:
        for name in entry:
            said.setdefault(name, meanings.get(name, "of a customer's lines"))
    return said | {name: meanings[name] for name in ("Monetary", "Basket")}
