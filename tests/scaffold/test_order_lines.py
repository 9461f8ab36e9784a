"""A draft sees order lines by a customer who repeats, a date and an amount, and nothing else."""

from pathlib import Path

import pytest

from helpers.scaffold.draft import drafted
from helpers.scaffold.order_lines import may_hold_lines, propose_lines


def rows(head: str, make: "list[str]") -> str:
    return "\n".join([head, *make]) + "\n"


def shop(head: str, *, days: bool = True) -> str:
    """Ninety lines of twelve customers under other names."""
    made = []
    for number in range(90):
        customer, order = 100 + number * number % 23, 5000 + number // 2
        day = f"2024-{1 + number % 12:02}-{1 + number % 28:02}" if days else "x"
        made.append(f"{order},{customer},{day},{1 + number % 5},{2 + number % 9}.50")
    return rows(head, made)


HEADS = [
    "Invoice,Customer ID,InvoiceDate,Quantity,Price",
    "order_id,customer_id,order_date,qty,unit_price",
    "Belegnummer,Kundennummer,Belegdatum,Menge,Einzelpreis",
    "facture,client_id,date_facture,quantite,prix",
    "pedido,id_cliente,fecha,cantidad,precio",
]


@pytest.mark.parametrize("head", HEADS)
def test_lines_are_seen_in_many_words(head: str, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(shop(head), encoding="utf-8")
    draft = propose_lines(path)
    assert draft is not None
    order, customer, date, pieces, price = head.split(",")
    assert draft.values["group_by"] == customer
    assert draft.values["line_steps"] == [{"amount": f"`{pieces}` * `{price}`"}]
    assert draft.values["line_roles"] == {"date": date, "amount": "amount", "order": order}
    assert draft.values["features"] == ["Recency", "Frequency", "Monetary"]
    assert draft.values["rfm"] == {
        "recency": "Recency", "frequency": "Frequency", "monetary": "Monetary",
    }  # fmt: skip
    text, summary = drafted(path, folder=tmp_path)
    assert "these look like order lines: 90 of 12 customers" in summary[1]
    assert f"group_by: {customer}" in text


def test_an_amount_needs_no_price_and_days_no_order(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    made = [f"{number % 20:05},{20240101 + number % 28},{number % 7}.25" for number in range(120)]
    path.write_text(rows("customer_id,date,dollar_value", made), encoding="utf-8")
    draft = propose_lines(path)
    assert draft is not None
    assert draft.values["line_steps"] == []
    assert {"Frequency": "purchase_days(`date`, `dollar_value`)"} in draft.values["aggregates"]
    assert draft.values["columns"]["date"]["read_as"] == "yyyyMMdd"
    assert drafted(path, folder=tmp_path)[0]


def test_goods_channels_and_places_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    made = []
    for number in range(200):
        customer = number * 7 % 20
        land = ("UK", "FR")[customer % 2]
        kind, channel = ("tea", "pot", "mug")[number % 3], ("web", "store")[number % 5 // 3]
        day = f"2024-{1 + number % 12:02}-{1 + number % 28:02}"
        made.append(f"{customer},{day},{number % 9}.5,{kind},{channel},{land}")
    path.write_text(
        rows("customer_id,order_date,amount,category,channel,country", made), encoding="utf-8"
    )
    draft = propose_lines(path)
    assert draft is not None
    values = draft.values
    assert values["category_columns"] == ["country"]
    assert values["spend_columns"] == ["Spent_mug", "Spent_pot", "Spent_tea"]
    assert sorted(values["channels"]) == ["Orders_store", "Orders_web"]
    assert drafted(path, folder=tmp_path)[0]


@pytest.mark.parametrize(
    ("name", "values", "stands"),
    [
        ("Cancelled", ("no", "yes"), "`Cancelled` IS NULL OR `Cancelled` NOT IN ('yes')"),
        ("is_canceled", ("0", "1"), "`is_canceled` IS NULL OR `is_canceled` NOT IN (1)"),
        ("Estado", ("Pagado", "Anulado"), "`Estado` IS NULL OR `Estado` NOT IN ('Anulado')"),
        ("status", ("paid", "open"), ""),
    ],
)
def test_stays_have_an_order_and_cancelled_ones_a_reason(
    name: str, values: tuple[str, str], stands: str, tmp_path: Path
) -> None:
    path = tmp_path / "stays.csv"
    made = [
        f"{1 + number % 9},S{number},G{number % 17},2024-{1 + number % 12:02}-{1 + number % 28:02},"
        f"{80 + number % 9}.5,{values[number % 7 == 0]}"
        for number in range(90)
    ]
    path.write_text(
        rows(f"length_of_stay,StayID,GuestID,BookingDate,RoomRevenue,{name}", made),
        encoding="utf-8",
    )
    draft = propose_lines(path)
    assert draft is not None
    assert draft.values["line_roles"]["order"] == "StayID"
    assert draft.values["line_filters"] == ([{"cancelled": stands}] if stands else [])
    assert name not in draft.values["category_columns"]
    assert drafted(path, folder=tmp_path)[0]


def test_a_ledger_has_money_out_and_money_in_and_no_returns(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    made = [
        f"{number},{number % 15},2024-{1 + number % 12:02}-{1 + number % 28:02},"
        f"{2000 if number % 10 == 0 else -20 - number % 9}.5"
        for number in range(120)
    ]
    path.write_text(rows("transaction_id,customer_no,booking_date,amount", made), encoding="utf-8")
    draft = propose_lines(path)
    assert draft is not None
    values = draft.values
    assert values["line_steps"] == [
        {"spent": "greatest(-(`amount`), 0)"},
        {"received": "greatest(`amount`, 0)"},
    ]
    assert {"Spent": "sum(spent)"} in values["aggregates"]
    assert {"Received": "sum(received)"} in values["aggregates"]
    assert not any("Returned" in one for one in values["aggregates"])
    assert values["line_roles"]["amount"] == "spent"
    assert values["names"]["Frequency"] == "payments"
    text, summary = drafted(path, folder=tmp_path)
    assert "money out" in summary[1]
    assert "received" in text


NOT_LINES = {
    "customers": ("customer_id,signup_date,total_spend", "{n},2024-01-{d:02},{n}.5"),
    "no date": ("customer_id,amount,quantity", "{c},{n}.5,{d}"),
    "no amount": ("customer_id,visit_date,score", "{c},2024-01-{d:02},{d}"),
    "a balance each month": ("customer_id,month_date,balance", "{c},2024-01-{d:02},{n}"),
    "branches": ("branch_id,customer_id,opened_date,sales", "{c},{n},2024-01-{d:02},{n}"),
}


@pytest.mark.parametrize("kind", NOT_LINES)
def test_what_are_no_lines_stays_a_table_of_customers(kind: str, tmp_path: Path) -> None:
    head, row = NOT_LINES[kind]
    path = tmp_path / "table.csv"
    made = [row.format(n=number, c=number % 12, d=1 + number % 28) for number in range(60)]
    path.write_text(rows(head, made), encoding="utf-8")
    assert propose_lines(path) is None


def test_names_alone_rule_most_tables_out() -> None:
    assert not may_hold_lines(["ID", "Income", "Age"])
    assert not may_hold_lines(["customer_id", "price"])
