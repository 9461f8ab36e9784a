"""The allow-list lets the report's own HTML through and nothing else."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.report import components
from helpers.report.sanitizing import clean_fragment, clean_page


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<script>x()</script>a", "a"),
        ("<style>*{}</style>a", "a"),
        ("<p onclick='x()' style='x' id='main'>a</p>", "<p>a</p>"),
        ("<img src=x onerror=x()>", "<img>"),
        ("<img src='data:text/html;base64,AAAA' alt='b'>", '<img alt="b">'),
        ("<img src='data:image/svg+xml,<svg onload=x()>'>", "<img>"),
        ("<a href='javascript:x()'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href='data:text/html,x'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href='//e.test'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<svg><script>x()</script></svg>", ""),
        ("<math><mtext></p><style><img src=x onerror=x()>", ""),
        ("<form action=x><input><button>a</button></form>", "a"),
        ("<iframe srcdoc='<script>'></iframe>", ""),
        ("<p class='answer evil'>a</p>", '<p class="answer">a</p>'),
        ("<div role='alert' tabindex='5' aria-label='b'>a</div>", '<div aria-label="b">a</div>'),
        ("</section></main><p>a", "<p>a</p>"),
        ("<!-- <p>a</p> -->b", "b"),
        ("<main id=main>a</main>", "a"),
        ("<td colspan='9999999'>", ""),
    ],
)
def test_what_is_not_the_reports_own_is_dropped(html: str, kept: str) -> None:
    assert clean_fragment(html) == kept


def test_everything_of_the_kit_passes_unchanged() -> None:
    frame = pd.DataFrame({"segment": [1, 2], "a < b": ["x & y", "a" * 40], "n": [1.5, np.nan]})
    for shown in (
        components.say("a < b & c"),
        components.answer("“b”"),
        components.note("c", "warning"),
        components.points("a", "b", ordered=True),
        components.facts({"a": 1}),
        components.key_figures({"a": 1}),
        components.table(frame, caption="c", segment_column="segment"),
        components.cards([{"segment": 8, "persona": "p", "trust": "t", "tone": "bad", "lead": "l",
                    "size": 3, "action": "a"}]),
    ):  # fmt: skip
        assert clean_fragment(shown.html) == shown.html.replace("&quot;", '"').replace(
            "&#x27;", "'"
        )


@settings(max_examples=200, deadline=None)
@given(st.text("<>/=\"' abipsx!-&;#:1\n"))
def test_cleaning_again_changes_nothing(html: str) -> None:
    cleaned = clean_fragment(html)
    assert clean_fragment(cleaned) == cleaned
    assert not re.search(r"<(script|style|svg|iframe|form)\b", clean_page(html))
