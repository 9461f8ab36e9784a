"""Params files: what is read, and what is refused with file, line and mend."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import ParamsError
from helpers.params.declarations import Declaration
from helpers.params.loader import MAX_BYTES, check, load, nearest, parse

DECLARED = {
    one.name: one
    for one in (
        Declaration("k", ("int", "str"), "auto", "number of segments, or auto"),
        Declaration("k_max", ("int",), 12, "largest K tried"),
        Declaration("share", ("float",), 0.1, "a share"),
        Declaration("as_of", ("str",), "2025-01-01", "today"),
        Declaration("clip", ("list",), [], "two quantiles"),
        Declaration("columns", ("dict",), {}, "declared columns"),
        Declaration("pictures", ("bool",), True, "draw them"),
    )
}


def refusal(text):
    begun = time.monotonic()
    with pytest.raises(ParamsError) as caught:
        check(parse(text, name="mine.yml"), DECLARED, given_by_run=("data", "run", "labels"))
    assert time.monotonic() - begun < 5
    said = str(caught.value)
    assert said.startswith("mine.yml")
    assert "\n" not in said
    assert len(said) < 400
    return said


def test_values_are_plain_and_know_their_lines():
    params = parse(
        "# a comment\nk: 6\nas_of: 2025-09-12\n\nclip: [0.005, 0.995]\n"
        "columns: {No: integer, 5: number, on: {type: date}}\n",
        name="mine.yml",
    )
    assert params.values == {
        "k": 6,
        "as_of": "2025-09-12",
        "clip": [0.005, 0.995],
        "columns": {"No": "integer", "5": "number", "on": {"type": "date"}},
    }
    assert params.lines == {"k": 2, "as_of": 3, "clip": 5, "columns": 6}
    assert params.where("clip") == "mine.yml, line 5"
    check(params, DECLARED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("- k\n- 6\n", "line 1: expected lines like `key: value`"),
        ("just words", "line 1: expected lines like `key: value`"),
        (
            "k: 6\nk_mx: 9\n",
            "line 2: `k_mx` is no parameter of any notebook. Did you mean `k_max`?",
        ),
        ("zzz: 9\n", "line 1: `zzz` is no parameter of any notebook."),
        ("k_max: twelve\n", "`k_max` is 'twelve': expected a whole number (largest K tried)"),
        ("k_max: 1.5\n", "expected a whole number"),
        ("k_max: true\n", "expected a whole number"),
        ("k_max:\n", "`k_max` is None: expected a whole number"),
        ("k: yes\n", "`k` is True: expected a whole number or a text"),
        ("pictures: 1\n", "expected true or false"),
        ("clip: 0.5\n", "expected a list"),
        ("columns: [a]\n", "expected a mapping"),
        ("share: .nan\n", "`share` is nan: expected finite numbers"),
        ("share: .inf\n", "expected finite numbers"),
        ("clip: [0.1, .inf]\n", "expected finite numbers"),
        ("columns: {a: {min: -.inf}}\n", "expected finite numbers"),
        ("k: 6\n\nk: 7\n", "line 3: `k` stands on line 1 already"),
        ("columns:\n  a: integer\n  a: number\n", "line 3: `a` stands on line 2 already"),
        ("clip: [{a: 1, a: 2}]\n", "`a` stands on line 1 already"),
        ("? [a, b]\n: 1\n", "line 1: a key must be a plain text"),
        ("k: &x 6\nk_max: *x\n", "line 1: anchors, aliases and tags are not used here"),
        ("k: !!python/object/apply:os.system ['true']\n", "anchors, aliases and tags"),
        ("k: !!python/name:os.system\n", "anchors, aliases and tags"),
        ("k: !mine 6\n", "anchors, aliases and tags"),
        ("<<: {k: 6}\n", "`<<` is no parameter"),
        ("k: 6\n  k_max: 7\n", "line 2: not valid YAML"),
        ("k: [1, 2\n", "not valid YAML"),
        ("k: 'open\n", "not valid YAML"),
        ("k:\t6\n\tx: 1\n", "not valid YAML"),
        ("k: \x00\n", "not valid YAML"),
        ("k: 6\n---\nk: 7\n", "not valid YAML"),
        ("as_of: 2025-13-45\n", "line 1: `as_of` holds '2025-13-45', which looks like a date"),
        ("k_max: " + "9" * 5000, "a number of 5,000 characters: expected at most 300"),
        ("k: " + "[" * 50_000, "nested too deeply"),
        ("k: " + "[" * 3_000 + "]" * 3_000, "nested too deeply"),
        ("data: mine.csv\n", "`data` is set by the command line (`make report DATA=...`)"),
        ("run: mine\n", "RUN=..."),
        ("labels: mine.csv\n", "LABELS=..."),
    ],
)
def test_each_fault_has_its_message(text, said):
    assert said in refusal(text)


def test_a_billion_laughs_are_not_told():
    text = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join('*' + old for _ in range(9))}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "line 1: anchors" in refusal(text)


def test_files(tmp_path):
    path = tmp_path / "mine.yml"
    path.write_bytes(b"\xef\xbb\xbfk: 6\n")
    assert load(path).values == {"k": 6}
    path.write_bytes("town: Köln\n".encode("latin-1"))
    with pytest.raises(ParamsError, match=r"`mine\.yml` is not UTF-8 \(byte 7\)"):
        load(path)
    path.write_bytes(b"k: 6\n" * MAX_BYTES)
    with pytest.raises(ParamsError, match="has more than"):
        load(path)
    with pytest.raises(ParamsError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(ParamsError, match="is not there"):
        load(tmp_path / "other.yml")
    with pytest.raises(ParamsError, match="cannot be read"):
        load(tmp_path / ("x" * 300))


def test_nearest_looks_past_capitals():
    assert nearest("K_MX", ["k_max", "seed"]) == " Did you mean `k_max`?"
    assert nearest("zzz", ["k_max"]) == ""


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    *"abk:-[]{}&*!?|>'\"#%@,. \n\t",
                    "k: ",
                    "\n  ",
                    "2025-01-01",
                    "yes",
                    "~",
                    "<<",
                    "1e9",
                ]
            ),
            max_size=30,
        ).map("".join),
    )
)
def test_any_text_is_parameters_or_a_clear_refusal(text):
    try:
        params = parse(text, name="mine.yml")
        check(params, DECLARED)
    except ParamsError as error:
        assert str(error).startswith("mine.yml")  # noqa: PT017
    else:
        assert set(params.values) <= set(DECLARED)
