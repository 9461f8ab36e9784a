"""The face of the library: estimators that are imported when they are asked for."""

import subprocess
import sys

import pytest

import helpers


def test_the_face_is_what_tab_completion_shows_and_fits_a_pipeline() -> None:
    from sklearn.datasets import make_blobs
    from sklearn.pipeline import make_pipeline

    assert dir(helpers) == ["ClippingScaler", "KMeans", "__version__"]
    X, truth = make_blobs(60, centers=[[0, 0], [0, 9], [9, 0]], random_state=0)
    labels = make_pipeline(helpers.ClippingScaler(), helpers.KMeans(3)).fit_predict(X)
    assert len({*zip(truth.tolist(), labels.tolist(), strict=True)}) == 3


def test_importing_the_package_imports_nothing_heavy() -> None:
    script = "import helpers, sys; sys.exit('sklearn' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_another_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Kmeans'"):
        helpers.Kmeans  # noqa: B018
