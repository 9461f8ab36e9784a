"""What a cell shows: escaped, described, captioned, aligned, and readable as text."""

import re
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import RunError
from helpers.figures import palette
from helpers.figures.style import house_style
from helpers.report import components

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> $x$ **b** \" ' & `c`"
ALT = "Bar chart of spending by segment: 60 and 40 per cent."


class Tags(HTMLParser):
    """Collect the tags and the text of a piece of HTML, and check that it is balanced."""

    VOID = frozenset({"img", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def axes():
    with house_style():
        _, axes = plt.subplots()
        axes.bar([1, 2], [0.6, 0.4])
    return axes


def quick(text: str) -> list[components.Shown]:
    """Every function of the kit but `figure`, with one text in every place that takes one."""
    frame = pd.DataFrame({text: [text, "b"], "n": [1, 2]}, index=pd.Index([text, "i"], name=text))
    return [
        components.say(f".{text}", text),
        components.answer(f".{text}"),
        components.note(f".{text}", kind="warning"),
        components.points(f".{text}", text),
        components.facts({f".{text}": text}),
        components.key_figures({f".{text}": text}),
        components.table(
            frame, caption=f".{text}", formats={"n": lambda _: text}, label=f".{text}"
        ),
        components.cards([{"title": f".{text}", "persona": text, "lead": text, "trust": text,
                    "action": text, f".{text}": text}]),
    ]  # fmt: skip


def everything(text: str) -> list[components.Shown]:
    """Every function of the kit."""
    frame = pd.DataFrame({text: [text, "b"]})
    drawn = components.figure(axes(), caption=f".{text}", alt=f"{ALT} {text}", numbers=frame)
    return [*quick(text), drawn]


def test_hostile_text_is_text_everywhere() -> None:
    for shown in everything(HOSTILE):
        tags = Tags(shown.html)
        assert not {"script", "b"} & set(tags.tags)
        assert tags.tags.count("img") == (1 if "<figure" in shown.html else 0)
        assert "<script>alert(1)</script>" in tags.text
        assert "onerror=alert(1)> $x$" in tags.text


USUAL = [set(Tags(shown.html).tags) for shown in quick("usual")]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_leaves_the_tags_as_they_are(text: str) -> None:
    for shown, usual in zip(quick(text), USUAL, strict=True):
        assert set(Tags(shown.html).tags) <= usual


def test_what_cannot_be_printed_is_replaced() -> None:
    assert (
        components.say("a\x00b\ud800c\u202ed").html == '<p class="say">a\ufffdb\ufffdc\ufffdd</p>'
    )


def test_nothing_shown_carries_a_style_or_a_handler() -> None:
    for shown in everything("usual"):
        around = re.sub(r'src="data:[^"]*"', "", shown.html)
        assert not re.search(r"\s(style|on\w+|id)=", around)


def test_a_figure_has_its_parts_and_is_closed() -> None:
    drawn = axes()
    number = drawn.figure.number
    shown = components.figure(
        drawn,
        caption="Segment 1 spends most.",
        alt=ALT,
        numbers=pd.DataFrame({"segment": [1, 2], "share": [0.6, 0.4]}),
        formats={"share": lambda x: f"{x:.0%}"},
    )
    assert Tags(shown.html).tags[:6] == [
        "figure", "img", "figcaption", "details", "summary", "div",
    ]  # fmt: skip
    assert 'src="data:image/svg+xml,' in shown.html
    assert 'width="736" height="402"' in shown.html
    assert '<td class="n">60%</td>' in shown.html
    assert not plt.fignum_exists(number)
    assert shown.text.startswith("Figure: Segment 1 spends most.\nBar chart")


@pytest.mark.parametrize(
    "alt",
    ["", "  ", "plot", "Figure 3", "A bar chart", "Image of the elbow plot",
     "No description has been provided for this image", "<Figure size 640x480 with 1 Axes>"],
)  # fmt: skip
def test_a_figure_without_a_real_description_is_refused_and_still_closed(alt: str) -> None:
    drawn = axes()
    number = drawn.figure.number
    with pytest.raises(RunError, match="`alt` of a figure"):
        components.figure(drawn, caption="c", alt=alt, numbers=pd.DataFrame({"a": [1]}))
    assert not plt.fignum_exists(number)


def test_empty_texts_are_refused() -> None:
    frame = pd.DataFrame({"a": [1]})
    with pytest.raises(RunError, match="caption of a table is empty"):
        components.table(frame, caption=" ")
    with pytest.raises(RunError, match="caption of a figure is empty"):
        components.figure(axes(), caption="", alt=ALT, numbers=frame)
    with pytest.raises(RunError, match="answer is empty"):
        components.answer("")


def test_a_table_written_out() -> None:
    frame = pd.DataFrame(
        {
            "income": [52_000.4, np.nan],
            "web": [3, 11_000],
            "top": [True, False],
            "name": ["a", None],
        },
        index=pd.Index([1, 2], name="segment"),
    )
    shown = components.table(frame, caption="Profile", formats={"income": lambda x: f"{x:,.0f}"})
    assert shown.html == (
        '<div class="scroll" role="region" tabindex="0" aria-label="Profile"><table>'
        "<caption>Profile</caption><thead><tr>"
        '<th scope="col" class="n">segment</th><th scope="col" class="n">income</th>'
        '<th scope="col" class="n">web</th><th scope="col">top</th><th scope="col">name</th>'
        "</tr></thead><tbody>"
        '<tr><th scope="row" class="n">1</th><td class="n">52,000</td><td class="n">3</td>'
        '<td class="w">yes</td><td class="w">a</td></tr>'
        '<tr><th scope="row" class="n">2</th><td class="n">–</td><td class="n">11,000</td>'
        '<td class="w">no</td><td class="w">–</td></tr></tbody></table></div>'
    )
    assert repr(shown).splitlines()[0] == "Profile"


def test_the_header_column_comes_first() -> None:
    frame = pd.DataFrame({"n": [1], "name": ["a"]})
    shown = components.table(frame, caption="c", header_column="name")
    assert '<th scope="row" class="w">a</th><td class="n">1</td>' in shown.html


def test_floats_of_a_column_share_their_decimals() -> None:
    shown = components.table(pd.DataFrame({"k": [2, 3, 4], "x": [0.25, -1.5, 0.0]}), caption="c")
    assert re.findall(r'<td class="n">(.*?)</td>', shown.html) == ["0.25", "−1.50", "0.00"]


def test_columns_of_one_name_stay_two() -> None:
    shown = components.table(pd.DataFrame([[1, 2]], columns=["x", "x"]), caption="c")
    assert shown.html.count(">x</th>") == 2
    assert ">1</th>" in shown.html
    assert ">2</td>" in shown.html


def test_a_long_table_says_what_it_leaves_out() -> None:
    shown = components.table(pd.DataFrame({"a": range(1200)}), caption="c", max_rows=10)
    assert "<caption>c (first 10 of 1,200 rows)</caption>" in shown.html
    assert shown.html.count('scope="row"') == 10


def test_the_frame_is_left_alone() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=pd.Index([5, 6], name="b"))
    before = frame.copy()
    components.table(frame, caption="c")
    pd.testing.assert_frame_equal(frame, before)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(RunError, match="`formats` of table “c” names `b`: there is `a`"):
        components.table(pd.DataFrame({"a": [1]}), caption="c", formats={"b": str})


def test_segments_carry_their_sign() -> None:
    frame = pd.DataFrame({"segment": [1, 8], "n": [3, 4]})
    shown = components.table(frame, caption="c", segment_column="segment")
    assert '<span class="sign marker-8 colour-2" aria-hidden="true"></span>8</th>' in shown.html


def test_a_card_written_out() -> None:
    shown = components.cards(
        [{"segment": 2, "persona": "Loyalists", "size": "328", "trust": "Stable", "tone": "good",
          "next_step": "Retain", "value": None, "action": "Invite them."}]
    )  # fmt: skip
    assert shown.html == (
        '<ul class="cards"><li class="card colour-2"><p class="card-title">'
        '<span class="sign marker-2 colour-2" aria-hidden="true"></span>Segment 2</p>'
        '<p class="card-persona">Loyalists</p>'
        '<p class="card-trust"><span class="badge badge-good">Stable</span></p>'
        '<dl class="card-facts"><div><dt>Size</dt><dd>328</dd></div>'
        "<div><dt>Next step</dt><dd>Retain</dd></div></dl>"
        '<p class="card-action"><span class="card-label">Action</span> Invite them.</p></li></ul>'
    )
    assert repr(shown) == (
        "Segment 2: Loyalists\n  Stable\n  Size: 328\n  Next step: Retain\n  Action: Invite them."
    )


def test_a_card_takes_a_colour_of_the_palette_only() -> None:
    assert (
        "colour-3" in components.cards([{"title": "t", "colour": palette.segment_colour(3)}]).html
    )
    with pytest.raises(RunError, match="`colour` of a card is 'red'"):
        components.cards([{"title": "t", "colour": "red"}])
    with pytest.raises(RunError, match="no `title`"):
        components.cards([{"persona": "p"}])
    with pytest.raises(RunError, match="`tone` of card “t” is 'fine'"):
        components.cards([{"title": "t", "tone": "fine"}])


def test_jupyter_gets_the_same_html_and_the_text() -> None:
    shown = components.say("a < b")
    bundle = shown._repr_mimebundle_()
    assert shown.html in bundle["text/html"]
    assert "mathjax_ignore" in bundle["text/html"]
    assert bundle["text/plain"] == repr(shown) == "a < b"
