"""What is said of a file that is no plain CSV."""

import pytest

from helpers.narrative.reading_notes import column_remark, remark, sentences
from helpers.tables.column_profiles import ColumnProfile, Found
from helpers.tables.notes import KINDS, Note


@pytest.mark.parametrize("kind", KINDS)
def test_every_note_is_one_line_that_names_the_file(kind):
    said = remark(Note(kind, "a\nb.csv", text="UTF-16", line=3))
    assert "`a b.csv`" in said
    assert "\r" not in said
    assert "\n" not in said
    assert not said.endswith(".")


def test_sheets_are_counted():
    assert remark(Note("sheet", "a.xlsx", "Kunden", 1)) == "`a.xlsx` has 1 sheet: `Kunden` was read"
    assert remark(Note("sheet", "a.xlsx", "Kunden", 3)).endswith("; `sheet` names another")


def test_columns_are_told_with_their_counts():
    words = (Found("NA", 2, "line 3"), Found("?", 1, "line 9"))
    number = ColumnProfile("pay", "integer", "$1,234", missing_words=words)
    assert column_remark(number) == (
        "`pay` writes 1234 as `$1,234` and has 'NA' in 2 rows (first: line 3) and '?' in 1 row "
        "(line 9): taken for missing values"
    )
    strange = ColumnProfile(
        "pay", "category", looks_like="number", misfits=(Found("x", 1, "line 2"),), n_misfits=8
    )
    assert column_remark(strange) == (
        "`pay` has numbers but for 'x' in 1 row (line 2), and 7 rows more: until they are "
        "mended, or declared in its `null_values`, it is text"
    )
    rivals = ColumnProfile("d", "category", looks_like="date", rivals=("dd/MM/yy", "MM/dd/yy"))
    assert "in two ways, `dd/MM/yy` or `MM/dd/yy`" in column_remark(rivals)
    assert column_remark(ColumnProfile("plain", "number")) == ""


def test_sentences_leave_out_what_is_plain():
    notes = (Note("encoding", "a.csv", "UTF-16"),)
    profiles = {"x": ColumnProfile("x", "number"), "d": ColumnProfile("d", "date", "dd/MM/yy")}
    assert sentences(notes, profiles) == [
        "`a.csv` is written in UTF-16 and was read as such.",
        "`d` writes dates as `dd/MM/yy`.",
    ]
