"""Three small executed notebooks, built without a kernel: what the tests of the report render."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
from nbformat import NotebookNode

from helpers.figures import palette
from helpers.figures.style import house_style
from helpers.report import components

PERSONAS = (
    "VIP store loyalists",
    "Digital power users",
    "High-income lapsed spenders",
    "Low-spend occasional shoppers",
    "Mass active value seekers",
    "Heavy browsers, almost no orders",
)
SIZES = (328, 428, 356, 435, 660, 9)
FEATURES = ("Income", "Age", "Total_Spending", "NumWebPurchases", "NumStorePurchases", "Recency")

MANIFEST = {
    "title": "Customers",
    "data_sha256": "9b0d6b1c3f".ljust(64, "e"),
    "engine": "local",
    "k": 6,
    "features": list(FEATURES),
    "parameters": {"seed": 1234, "k_min": 2, "k_max": 12, "as_of": "2025-09-12", "labels": None},
    "versions": {"python": "3.11", "scikit-learn": "1.9.1", "pandas": "3.1.1"},
}


def markdown(source: str, *, tags: Sequence[str] = ()) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def result(shown: components.Shown) -> NotebookNode:
    return nbformat.v4.new_output(
        "execute_result", data=shown._repr_mimebundle_(), execution_count=7
    )


def bundle(metadata: dict[str, Any] | None = None, **data: str) -> NotebookNode:
    """Output of any kind: `image_png` stands for `image/png`."""
    return nbformat.v4.new_output(
        "display_data",
        data={name.replace("_", "/", 1): value for name, value in data.items()},
        metadata=metadata or {},
    )


def code(
    source: str,
    *shown: components.Shown | NotebookNode,
    tags: Sequence[str] = (),
    count: int | None = 7,
) -> NotebookNode:
    outputs = [result(item) if isinstance(item, components.Shown) else item for item in shown]
    return nbformat.v4.new_code_cell(
        source, outputs=outputs, execution_count=count, metadata={"tags": list(tags)}
    )


def write(path: Path, *cells: NotebookNode) -> Path:
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return path


def profile(extra: str = "") -> pd.DataFrame:
    """Minimum, mean and maximum of each feature by segment, six rows and many columns."""
    random = np.random.default_rng(0)
    columns = {"segment": list(range(1, 7)), f"persona{extra}": [p + extra for p in PERSONAS]}
    for feature in FEATURES:
        middle = random.uniform(10, 80_000, 6).round(2)
        columns |= {
            f"min {feature}{extra}": middle / 5,
            f"mean {feature}{extra}": middle,
            f"max {feature}{extra}": middle * 3,
        }
    return pd.DataFrame(columns)


def elbow(extra: str = "") -> components.Shown:
    tuning = pd.DataFrame({"k": range(2, 13), "inertia": 15_000 / np.sqrt(np.arange(2, 13))})
    with house_style():
        _, axes = plt.subplots()
        axes.plot(tuning["k"], tuning["inertia"], marker="o", color=palette.ACCENT)
        axes.set(xlabel=f"Number of segments K{extra}", ylabel="Inertia")
        axes.set_title(f"Elbow{extra}")
    return components.figure(
        axes,
        caption=f"Inertia falls ever more slowly; no K stands out as an elbow.{extra}",
        alt=f"Line of inertia over K from 2 to 12, falling from 10,607 to 4,330.{extra}",
        numbers=tuning.rename(columns={"inertia": f"inertia{extra}"}),
        formats={f"inertia{extra}": lambda x: f"{x:,.0f}"},
    )


def plane(extra: str = "") -> components.Shown:
    random = np.random.default_rng(1)
    with house_style({"figure.figsize": (6.4, 4.4)}):
        _, axes = plt.subplots()
        for number, name in enumerate(PERSONAS, start=1):
            x, y = random.normal(number % 3 * 2, 0.5, 350), random.normal(number // 3 * 2, 0.5, 350)
            colour, marker = palette.segment_colour(number), palette.segment_marker(number)
            axes.scatter(x, y, s=9, color=colour, marker=marker, alpha=0.6, rasterized=True, lw=0)
            axes.annotate(
                f"{number} {name}{extra}", (x.mean(), y.mean()), ha="center", weight="bold"
            )
        axes.set(xlabel="First component", ylabel="Second component")
    return components.figure(
        axes,
        caption=f"Segments 1 and 2 lie apart; 4 and 5 touch.{extra}",
        alt=f"Scatter of 2,100 customers in two components, six clouds in two rows.{extra}",
        numbers=pd.DataFrame({"segment": range(1, 7), f"customers{extra}": SIZES}),
    )


def heatmap(extra: str = "") -> components.Shown:
    scores = np.random.default_rng(2).normal(0, 1, (6, len(FEATURES))).round(2)
    with house_style({"axes.grid": False}):
        _, axes = plt.subplots()
        axes.pcolormesh(scores[::-1], cmap=palette.DIVERGING, vmin=-2, vmax=2)
        for (row, column), score in np.ndenumerate(scores[::-1]):
            ground = palette.DIVERGING((score + 2) / 4)
            axes.text(column + 0.5, row + 0.5, f"{score:+.1f}", ha="center", va="center",
                      color=palette.text_on(ground))  # fmt: skip
        axes.set_xticks(np.arange(len(FEATURES)) + 0.5, [f + extra for f in FEATURES], rotation=20)
        axes.set_yticks(np.arange(6) + 0.5, [f"Segment {n}" for n in range(6, 0, -1)])
    frame = pd.DataFrame(scores, columns=[f + extra for f in FEATURES])
    frame.insert(0, "segment", range(1, 7))
    return components.figure(
        axes,
        caption=f"Income and spending set the segments apart; age hardly does.{extra}",
        alt=f"Heatmap of six segments by six features, mean z-scores from -2 to 2.{extra}",
        numbers=frame,
    )


def bars(extra: str = "") -> components.Shown:
    with house_style({"figure.figsize": (6.4, 3.0)}):
        _, axes = plt.subplots()
        for number in range(1, 10):
            size = SIZES[(number - 1) % 6] + 40 * (number // 7)
            axes.barh(str(number), size, color=palette.segment_colour(number),
                      hatch=palette.segment_hatch(number), edgecolor=palette.PAPER)  # fmt: skip
            axes.text(size + 6, number - 1, f"{size}", va="center", color=palette.MUTED)
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.set(xlabel=f"Customers{extra}", ylabel="Segment")
    return components.figure(
        axes,
        caption=f"The largest segment holds 30 % of the customers.{extra}",
        alt=f"Bars of the number of customers in nine segments, 9 to 660.{extra}",
        numbers=pd.DataFrame({"segment": range(1, 7), f"customers{extra}": SIZES}),
    )


def cards(extra: str = "") -> components.Shown:
    return components.cards(
        [
            {
                "segment": number,
                "persona": persona + extra,
                "trust": ("Stable" if size > 100 else "Unstable: do not act on it") + extra,
                "tone": "good" if size > 400 else "warning" if size > 100 else "bad",
                "lead": f"They spend 2.4 times the average and came 22 days ago.{extra}",
                "size": f"{size} customers ({size / 2216:.0%})",
                "value": f"{size * 1138:,} spent{extra}",
                "action": f"Invite them to early access, and hold the discounts.{extra}",
            }
            for number, (persona, size) in enumerate(zip(PERSONAS, SIZES, strict=True), start=1)
        ]
    )


def booklet(folder: Path, *, extra: str = "") -> list[Path]:
    """
    Write the three notebooks.

    Parameters
    ----------
    folder
        Where.
    extra
        Text put into every place that takes one from the data.
    """
    first = write(
        folder / "01_features.ipynb",
        code("k_max: int = 12  # largest K tried", tags=["parameters"]),
        code("k_max = 8\nsecret = 'injected'", tags=["injected-parameters"]),
        markdown("# Who are the customers?"),
        code(
            "components.answer(...)",
            components.answer(f"2,216 of 2,240 customers can be segmented.{extra}"),
        ),
        markdown(
            "The table is read as it is and **checked** against its schema, see "
            "[the data set](https://example.org/data). Nothing is dropped in silence.\n\n"
            "- an income of 666,666 is kept and clipped\n- births in 1893 are kept\n"
        ),
        markdown("## What is in the table?\n\nOne row for each customer, `29` columns."),
        code(
            "components.table(profile, caption=...)",
            components.table(
                profile(extra),
                caption=f"Six segments, seen from every feature.{extra}",
                segment_column="segment",
            ),
        ),
        markdown("### A smaller question\n\n| Column | Nulls |\n|---|--:|\n| Income | 24 |\n"),
        code(
            "components.note(...)",
            components.note(f"182 rows repeat another row apart from the ID.{extra}"),
        ),
        markdown("## Is anybody extreme?"),
        code(
            "# the extremes\nfor name in ['Income', 'Age']:\n    print(name, 3.5)",
            nbformat.v4.new_output("stream", name="stdout", text=f"Income 3.5 {extra}\nAge 3.5\n"),
            nbformat.v4.new_output("stream", name="stderr", text="/home/someone/x.py: warning"),
        ),
        code("frame", bundle(text_html=pd.DataFrame({f"x{extra}": [1, 2]}).to_html())),
        code(
            "components.facts(...)",
            components.facts(
                {f"Null incomes{extra}": 24, f"Births before 1905{extra}": f"3{extra}"}
            ),
        ),
    )
    second = write(
        folder / "02_tuning.ipynb",
        markdown("# How many segments does the data support?"),
        code(
            "components.answer(...)",
            components.answer(f"Four hold in nearly every resample; six do not.{extra}"),
        ),
        markdown("## Where is the elbow?\n\nThe inertia alone cannot say."),
        code("components.figure(elbow)", elbow(extra)),
        code(
            "components.say(...)",
            components.say(
                f"From K = 4 to 5 inertia falls by 11 %.{extra}", "At 12 it still falls."
            ),
        ),
        markdown("## Is it the seed talking?"),
        code(
            "components.note(...)",
            components.note(
                f"At K = 6 a quarter of the customers change segment.{extra}", "warning"
            ),
        ),
        code("components.figure(heatmap)", heatmap(extra)),
    )
    third = write(
        folder / "03_profiles.ipynb",
        markdown("# Who is in each segment, and what should we do?"),
        code(
            "components.answer(headline)",
            components.answer(
                "Two of six segments bring in half of the spending; one of nine customers is too "
                f"small to act on.{extra}"
            ),
            components.key_figures(
                {
                    f"Customers{extra}": "2,216",
                    "Segments": 6,
                    "Spending held by the two largest": "52 %",
                    "Customers at home in their segment": "81 %",
                }
            ),
            tags=["summary"],
        ),
        markdown("### The segments at a glance", tags=["summary"]),
        code("components.cards(segments)", cards(extra), tags=["summary"]),
        code("components.figure(bars)", bars(extra), tags=["summary"]),
        markdown("## How do they lie to each other?"),
        code("components.figure(plane)", plane(extra)),
        markdown("## What first?"),
        code(
            "components.points(...)",
            components.points(f"Retain segment 1.{extra}", "Look into segment 6.", ordered=True),
        ),
    )
    return [first, second, third]
