"""Colours keep their contrast on both papers, and segments stay distinguishable."""

import pytest
from matplotlib.colors import to_hex

from helpers.figures import palette


@pytest.mark.parametrize("colour", palette.SEGMENT_COLOURS)
def test_a_segment_colour_has_a_contrast_of_three_on_both_papers(colour: str) -> None:
    assert palette.contrast(colour, palette.PAPER) >= 3
    assert palette.contrast(colour, palette.DARK[palette.PAPER]) >= 3


@pytest.mark.parametrize("tone", [palette.INK, palette.MUTED])
def test_text_tones_have_a_contrast_of_four_and_a_half_on_their_paper(tone: str) -> None:
    assert palette.contrast(tone, palette.PAPER) >= 4.5
    assert palette.contrast(palette.DARK[tone], palette.DARK[palette.PAPER]) >= 4.5


def test_segments_differ_by_colour_and_marker_and_by_colour_and_hatch() -> None:
    numbers = range(1, 73)
    marked = {(palette.segment_colour(i), palette.segment_marker(i)) for i in numbers}
    assert len(marked) == 72
    hatched = {(palette.segment_colour(i), palette.segment_hatch(i)) for i in range(1, 37)}
    assert len(hatched) == 36


def test_the_first_twelve_segments_differ_by_marker_alone() -> None:
    assert len({palette.segment_marker(i) for i in range(1, 13)}) == 12


def test_segments_are_numbered_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        palette.segment_colour(0)


@pytest.mark.parametrize("colours", [palette.SEQUENTIAL, palette.DIVERGING])
def test_colour_maps_hold_no_tone_that_dark_mode_exchanges(colours) -> None:
    used = {to_hex(colours(i)) for i in range(colours.N)}
    assert not used & set(palette.DARK)


@pytest.mark.parametrize("colours", [palette.SEQUENTIAL, palette.DIVERGING])
def test_text_on_a_colour_map_is_readable(colours) -> None:
    for i in range(colours.N):
        ground = colours(i)
        assert palette.contrast(palette.text_on(ground), ground) >= 4.5
