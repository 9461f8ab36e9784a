"""A picture's text is the same each time, refers to nothing outside, and knows the dark."""

import base64
import io
import re
from urllib.parse import unquote
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from helpers.figures import palette
from helpers.figures.style import house_style
from helpers.report.svg import FONTS, to_data_uri, to_svg


def drawing(*, shift: float = 0.0, rasterized: bool = False, label: str = "$5 to $6") -> Figure:
    with house_style():
        figure, axes = plt.subplots()
        points = np.linspace(0, 1, 300)
        axes.plot(points + shift, points**2, color=palette.segment_colour(1))
        axes.scatter(points, points, color=palette.segment_colour(2), rasterized=rasterized)
        axes.bar([0.2], [0.5], width=0.1, hatch=palette.segment_hatch(7))
        axes.set_xlabel(label)
    plt.close(figure)
    return figure


def test_two_drawings_of_the_same_data_are_the_same_text() -> None:
    assert to_svg(drawing()) == to_svg(drawing())


def test_a_change_of_the_data_changes_the_text() -> None:
    assert to_svg(drawing()) != to_svg(drawing(shift=0.01))


def test_noise_far_below_a_pixel_changes_nothing() -> None:
    assert to_svg(drawing()) == to_svg(drawing(shift=1e-12))


@pytest.mark.parametrize("setting", [{"svg.hashsalt": "other"}, {"svg.fonttype": "path"}])
def test_settings_of_the_session_change_nothing(setting: dict[str, str]) -> None:
    expected = to_svg(drawing())
    with mpl.rc_context(setting):
        assert to_svg(drawing()) == expected


LABELS = [
    "<script>alert(1)</script> & --> ]]>",
    'a \' id="axes_1" x="0.123456" url(#i1) &amp; &#35; #i2',
    "font-family: 'DejaVu Sans'; 100% → 1 − 2",
]


@pytest.mark.parametrize("label", LABELS)
def test_it_is_one_element_of_well_formed_xml_whose_texts_are_texts(label: str) -> None:
    text = to_svg(drawing(label=label))
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert label in [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    assert root.find(".//{http://www.w3.org/2000/svg}text[@id]") is None
    names = re.findall(r' id="([^"]*)"', text)
    assert set(re.findall(r'url\(#([^)]*)\)"', text)) <= set(names)
    outside = re.sub(r'xmlns(:xlink)?="[^"]*"', "", text)
    assert "http" not in outside


def test_every_identifier_is_unique_and_every_reference_leads_somewhere() -> None:
    text = to_svg(drawing())
    names = re.findall(r' id="([^"]*)"', text)
    assert names
    assert len(names) == len(set(names))
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(names)
    assert set(re.findall(r'href="#([^"]*)"', text)) <= set(names)


def test_a_rasterized_scatter_is_a_bitmap_within() -> None:
    text = to_svg(drawing(rasterized=True))
    assert "data:image/png;base64," in text
    assert "data:image/png;base64," not in to_svg(drawing())


def test_every_neutral_tone_is_exchanged_in_the_dark() -> None:
    text = to_svg(drawing())
    dark = text.split("prefers-color-scheme:dark", 1)[1].split("</style>")[0]
    for light, tone in palette.DARK.items():
        assert f'[style*="fill:{light}"]{{fill:{tone}!important}}' in dark
    assert palette.segment_colour(1) not in dark


def test_the_selectors_match_what_matplotlib_writes() -> None:
    body = to_svg(drawing()).split("</style>", 1)[1]
    assert f"fill:{palette.PAPER}" in body
    assert f"stroke:{palette.GRID}" in body
    assert f"fill:{palette.INK}" in body


def test_a_dollar_in_a_category_is_a_character() -> None:
    with house_style():
        figure, axes = plt.subplots()
        axes.bar(["$a$", "b"], [1, 2])
    plt.close(figure)
    assert ">$a$</text>" in to_svg(figure)


def test_ticks_have_the_style_wherever_the_figure_is_written() -> None:
    figure = drawing()
    with mpl.rc_context({"xtick.labelcolor": "#ff0000", "text.color": "#ff0000"}):
        assert "#ff0000" not in to_svg(figure)


def test_the_font_is_named_once_and_is_as_wide_as_what_was_measured() -> None:
    text = to_svg(drawing())
    assert text.count("font-family") == 1
    assert f"text{{font-family:{FONTS}}}" in text
    assert FONTS.startswith("'DejaVu Sans',Verdana,")
    assert "rotate(0 " not in text
    assert "rotate(-0 " not in text


def test_a_path_needs_no_white_space_beside_its_letters() -> None:
    paths = re.findall(r' d="([^"]*)"', to_svg(drawing()))
    assert paths
    assert not [path for path in paths if re.search(r"\s[A-Za-z]|[A-Za-z]\s|\n", path)]


def test_a_bitmap_keeps_its_points_and_its_clear_ground() -> None:
    text = to_svg(drawing(rasterized=True))
    data = base64.b64decode(re.findall(r'data:image/png;base64,([^"]*)"', text)[0])
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    colours = [colour for _, colour in image.getcolors(1 << 24)]
    orange = (194, 87, 12, 255)  # colour of segment 2
    assert min(max(abs(a - b) for a, b in zip(c, orange, strict=True)) for c in colours) <= 8
    assert min(colour[3] for colour in colours) == 0


def test_the_data_uri_holds_the_text() -> None:
    packed = to_data_uri('<svg id="a" fill="#fff"/>\n')

    assert packed == "data:image/svg+xml,%3Csvg id='a' fill='%23fff'/%3E"
    assert unquote(packed.partition(",")[2]) == "<svg id='a' fill='#fff'/>"
