"""A persona catalogue, and what is said of a broken one."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import ParamsError
from helpers.personas.catalogue import (
    OBJECTIVES,
    TEXTS,
    load_catalogue,
    parse_catalogue,
    static_faults,
)
from helpers.personas.matching import assign
from helpers.workspace import ROOT

GOOD = """\
measures:
  orders: {formula: web + store, label: orders}
  web_share: {formula: web / orders, label: web share, unit: percent}
phrases:
  spend: {high: Spenders, low: Savers}
personas:
  - name: Web Friends
    when:
      - totals(web_share) >= 50%
      - z(spend) >= 0
    objective: grow
    summary: They like the web.
    action: "{customers} to please."
    trigger: More than {quantile(rest, 75) | days} without an order.
    metric: Web share, now {totals(web_share)}.
"""


def test_a_good_catalogue():
    catalogue = parse_catalogue(GOOD)
    (persona,) = catalogue.personas
    assert persona.name == "Web Friends"
    assert persona.line == 7
    assert [predicate.text for predicate in persona.when] == [
        "totals(web_share) >= 50%",
        "z(spend) >= 0",
    ]
    assert persona.names == ("web_share", "spend", "rest")
    assert catalogue.columns(persona.names) == ("web", "store", "spend", "rest")
    assert catalogue.phrases["spend"].low == "Savers"
    assert static_faults(catalogue) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    objective: grow\n", "", "line 7: a persona lacks the key `objective`"),
        ("objective: grow", "objective: retian", "line 11: .* Did you mean `retain`"),
        ("    trigger:", "    triger:", "line 14: `triger` is no key .* Did you mean `trigger`"),
        ("z(spend) >= 0", "z(spend) => 0", "line 10: `when` of `Web Friends`: .*expected `>`"),
        ("z(spend) >= 0", "cluster is 3", "line 10: .*`cluster` is no measure"),
        ("- z(spend) >= 0", "- [z, 1]", "line 10: `when` must be a text"),
        ("{customers} to", "{customer} to", "line 13: `action` of `Web Friends`: .*customers"),
        ("personas:", "persona:", "line 6: `persona` is no key .* Did you mean `personas`"),
        ("formula: web + store", "formula: web +", "line 2: `formula` .* expected a column"),
        ("formula: web + store", "formula: web_share", "line 2: .* `web_share` of line 3"),
        ("  orders: {", "  value: {", "line 2: `value` is the value column"),
        ("{high: Spenders, low: Savers}", "{high: Spenders}", "line 5: .* lacks the key `low`"),
        ("  - name: Web Friends\n", "  - when: [share > 0]\n", "stands on line 7 already"),
        ("They like the web.", "''", "line 12: `summary` must be a text"),
        ("    when:\n", "    when: []\n    not:\n", "line 9: `not` is no key"),
    ],
)
def test_a_broken_catalogue_names_line_and_mend(old, new, message):
    assert old in GOOD
    with pytest.raises(ParamsError, match=message) as caught:
        parse_catalogue(GOOD.replace(old, new, 1), name="mine.yml")
    assert str(caught.value).startswith("mine.yml, line ")


def test_names_must_differ():
    entry = GOOD[GOOD.index("  - name") :]
    with pytest.raises(ParamsError, match="line 16: `Web Friends` stands on line 7 already"):
        parse_catalogue(GOOD + entry)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("personas: 3", "`personas` must be a list"),
        ("personas:\n  - 3", "line 2: a persona must be written as"),
        ("personas: []\nmeasures: 3", "line 2: `measures` must be"),
        ("personas: []\nphrases: []", "line 2: `phrases` must be"),
        ("measures: {}", "lacks the key `personas`"),
        ("personas: [", "mine.yml, line 1"),
    ],
)
def test_a_misshapen_catalogue(text, message):
    with pytest.raises(ParamsError, match=message):
        parse_catalogue(text, name="mine.yml")


def test_faults_that_need_no_table():
    entry = GOOD[GOOD.index("  - name") :]
    twice = entry.replace("Web Friends", "Web Fiends").replace("They like", "90 of them like")
    never = entry.replace("Web Friends", "Nobody").replace(
        "- z(spend) >= 0", "- z(spend) >= 0\n      - z(spend) < 0"
    )
    found = static_faults(parse_catalogue(GOOD + twice + never))
    assert [(kind, persona) for kind, persona, _ in found] == [
        ("same predicates", "Web Fiends"),
        ("typed figure", "Web Fiends"),
        ("contradiction", "Nobody"),
    ]


def test_the_catalogue_of_the_project_is_sound(root):
    catalogue = load_catalogue(root / "params" / "personas.yml")
    assert static_faults(catalogue) == []
    names = {persona.name for persona in catalogue.personas}
    assert names >= {
        "High-Income Lapsed Spenders",
        "VIP Store Loyalists",
        "Digital Power Users",
        "Mass Active Value Seekers",
        "Low-Spend Occasional Shoppers",
        "Heavy Browsers / Almost No Orders",
    }
    used = {persona.objective for persona in catalogue.personas}
    assert used == set(OBJECTIVES) - {"investigate"}


def test_a_catalogue_that_is_not_there(tmp_path):
    with pytest.raises(ParamsError, match=r"`none\.yml` is not there"):
        load_catalogue(tmp_path / "none.yml")


# What a word of a name claims, and the measures one of which must then be among the conditions.
CLAIMS = {
    "Majority": {"share >= 50%"},
    "Mass": {"share"},
    "High-Income|Affluent|Earners": {"Income"},
    "Lapsed|Lapsing|Cooling|VIP": {"Recency"},
    "Senior|Older|Younger": {"Age"},
    "Store": {"NumStorePurchases", "store_share"},
    "Catalogue": {"catalogue_share"},
    "Web|Digital": {"web_share"},
    "All-Channel": {"NumCatalogPurchases"},
    "Browsers|Window": {"NumWebVisitsMonth"},
    "Price-Conscious": {"deals_per_order"},
    "Spend|Spenders": {"Total_Spending"},
    "Occasional|Regulars|Almost No Orders": {"orders", "Frequency", "NumStorePurchases"},
    "Wine": {"Wine_Share"},
    "Gold": {"Gold_Share"},
    "Newer": {"Customer_Since"},
    "Champions": {"Total_Spending"},
    "Value": {"value", "Total_Spending"},
}


@pytest.mark.parametrize("name", ["personas.yml", "personas-rfm.yml"])
def test_a_name_claims_nothing_that_its_conditions_do_not_hold(root: Path, name: str) -> None:
    for persona in load_catalogue(root / "params" / name).personas:
        conditions = [predicate.text for predicate in persona.when]
        for words, measures in CLAIMS.items():
            if re.search(rf"\b({words})\b", persona.name):
                held = any(measure in text for measure in measures for text in conditions)
                assert held, f"{persona.name} claims {words}"
        said = " ".join(str(getattr(persona, key).text) for key in TEXTS)
        # The value column is what was ever spent: no campaign puts all of it at stake.
        assert "at stake" not in said
        assert not (persona.objective == "grow" and "at low cost" in said), persona.name


@pytest.mark.seed_data
def test_the_special_channel_in_a_name_is_that_of_the_table(root: Path, seed_data: Path) -> None:
    table = pd.read_csv(seed_data / "featured.csv")
    table = table[table["Income"].notna()].reset_index(drop=True)
    # Well-off customers who order by catalogue more than others do, and in the store less.
    rich = table["Income"] > table["Income"].quantile(0.75)
    orders = table[["NumWebPurchases", "NumCatalogPurchases", "NumStorePurchases"]].sum(axis=1)
    favours = table["NumCatalogPurchases"] / orders > 0.3
    named = assign(
        load_catalogue(root / "params/personas.yml"),
        table,
        np.where(rich & favours, 1, 2),
        ["Income"],
    )
    assert named["persona"][0] == "Affluent Catalogue Shoppers"
    # The same customers with the two channels exchanged.
    swapped = {
        "NumCatalogPurchases": "NumStorePurchases", "NumStorePurchases": "NumCatalogPurchases",
    }  # fmt: skip
    named = assign(
        load_catalogue(root / "params/personas.yml"),
        table.rename(columns=swapped),
        np.where(rich & favours, 1, 2),
        ["Income"],
    )
    assert "Catalogue" not in named["persona"][0]


def test_a_role_that_there_is_not_is_named():
    with pytest.raises(ParamsError, match=r"line 1: `tenur` is no role.*tenure"):
        parse_catalogue("roles: [tenur]\npersonas: []")


def test_the_catalogue_of_roles_is_sound():
    catalogue = load_catalogue(ROOT / "params" / "personas-roles.yml")
    assert static_faults(catalogue) == []
    for persona in catalogue.personas:
        claims = {p.measure.text for p in persona.when}
        for text in claims:
            if text.startswith("z("):
                near = f"ratio{text[1:]}"
                assert near in claims or text == "z(frequency)", (persona.name, text)
        if "value" not in persona.names:
            said = " ".join(getattr(persona, key).text for key in ("summary", "action", "metric"))
            assert not re.search(r"\b(value|hold|bring)", said), persona.name
