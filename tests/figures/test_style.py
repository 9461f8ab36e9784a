"""The house style is the same whatever was set before, and leaves no trace."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from helpers.figures.style import WIDTH, house_style


def test_settings_are_back_when_the_context_ends() -> None:
    before = dict(mpl.rcParams)
    with house_style():
        assert mpl.rcParams["figure.figsize"] == [WIDTH, 3.5]
    assert dict(mpl.rcParams) == before


def test_foreign_settings_do_not_reach_a_picture() -> None:
    with mpl.rc_context({"axes.xmargin": 0.4, "font.size": 30}), house_style():
        assert mpl.rcParams["axes.xmargin"] == mpl.rcParamsDefault["axes.xmargin"]
        assert mpl.rcParams["font.size"] == 9.5


def test_the_backend_stays() -> None:
    plt.switch_backend("agg")
    with house_style():
        assert mpl.get_backend() == "agg"
    assert mpl.get_backend() == "agg"


def test_a_picture_may_change_a_setting() -> None:
    with house_style({"axes.grid": False}):
        assert mpl.rcParams["axes.grid"] is False


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(KeyError), house_style({"axes.grit": False}):
        pass
