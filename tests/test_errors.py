"""A message shows what a file holds, and does not do what it says."""

from helpers.errors import RunError, SegmentationError, TableError


def test_control_characters_are_shown_by_their_codes() -> None:
    assert str(TableError("`\x1b[31m\r\x85\u2028\u200b` of ü 客 😀")) == (
        "`\\x1b[31m\\r\\x85\\u2028\\u200b` of ü 客 😀"
    )


def test_a_long_name_is_cut() -> None:
    assert str(TableError(f"`{'x' * 500}` is there; `y` is not")) == (
        f"`{'x' * 120}...` is there; `y` is not"
    )


def test_a_message_may_have_lines() -> None:
    assert str(RunError("one\n  two")) == "one\n  two"
    assert issubclass(RunError, SegmentationError)


def test_what_stands_between_two_names_is_not_cut():
    said = f"`one` {'and so on ' * 30} `two`"
    assert str(SegmentationError(said)) == said


def test_a_notebook_shows_the_message_in_place_of_a_traceback():
    assert TableError("the table is empty")._render_traceback_() == [
        "TableError: the table is empty"
    ]
