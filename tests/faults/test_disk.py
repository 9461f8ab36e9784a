"""A disk that fills up, and folders that cannot be written: said in one message, nothing lost."""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.faults.house import Checkout, contents, make_checkout, names

pytestmark = pytest.mark.slow

NOBODY = 65534
Shut = Callable[[Path], AbstractContextManager[list[str]]]


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount over a folder; the test is skipped where that is not allowed."""
    asked = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    if asked.returncode:
        pytest.skip(f"nothing can be mounted here: {asked.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def checkout(root: Path) -> Iterator[Checkout]:
    # Open to other users, as the folders of pytest are not.
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    folder.chmod(0o755)
    yield make_checkout(root, folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def bare(checkout: Checkout) -> Checkout:
    """Beside it, one whose run is but a folder."""
    top = checkout.root.with_name("bare")
    shutil.copytree(checkout.root, top, ignore=shutil.ignore_patterns("reports"))
    (top / "reports/run/notebooks").mkdir(parents=True)
    (top / "reports/run/report.html").write_text("the last good one")
    (top / "reports/run/notebooks/01_features.ipynb").write_text("{}")
    return Checkout(top, checkout.inputs)


@pytest.fixture(scope="module")
def standing(checkout: Checkout) -> Path:
    """A whole run."""
    code, said = checkout.run()
    assert code == 0, said
    return checkout.reports / "run"


def assert_refused(code: int, said: str, message: str, checkout: Checkout) -> None:
    """One message, and nothing but the last good run."""
    assert code == 2, said
    assert message in said
    assert "Traceback" not in said
    assert names(checkout.reports) == {"run"}
    assert checkout.temporary() == set()


def at_most(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_disk_that_fills_up_anywhere(checkout: Checkout, standing: Path) -> None:
    before = contents(standing)
    with mounted(checkout.reports, "-t", "tmpfs", "-o", "size=64m", "none"):
        place = checkout.reports / "run"
        for name, held in before.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(held)
        disk = os.statvfs(place)
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize

        def left(size: float) -> None:
            options = f"remount,size={used + int(size)}"
            subprocess.run(["mount", "-o", options, str(checkout.reports)], check=True)

        stopped = []
        for size, settings in (
            (60_000, "personas-only.yml"),
            (60_000, "second.yml"),
            (used * 0.70, "personas-only.yml"),
            (used - 8192, "personas-only.yml"),
        ):
            left(size)
            code, said = checkout.run(PARAMS=settings)
            assert_refused(
                code,
                said,
                "report: `reports/` cannot be written (No space left on device): free space on "
                "its disk, then run the same command again. What was there before is untouched.",
                checkout,
            )
            assert contents(place) == before
            stopped.append(
                [line for line in said.splitlines() if line.endswith("...")][-1].split()[0]
                if "..." in said
                else "nothing"
            )
        assert stopped == ["nothing", "01_features", "report", "report"]
        left(4 * used)
        code, said = checkout.run(PARAMS="personas-only.yml")
        assert code == 0, said
        assert contents(place).keys() == before.keys()


@pytest.mark.parametrize(
    ("settings", "last"), [("second.yml", "01_features"), ("personas-only.yml", "report")]
)
def test_a_limit_of_the_size_of_files(
    checkout: Checkout, standing: Path, settings: str, last: str
) -> None:
    before = contents(standing)
    sizes = sorted(one.stat().st_size for one in standing.rglob("*") if one.is_file())
    assert (standing / "report.html").stat().st_size == sizes[-1]
    size = sum(sizes[-2:]) // 2 if last == "report" else 20_000

    code, said = checkout.run(PARAMS=settings, before=at_most(size))

    assert_refused(
        code, said, "`reports/` cannot be written (File too large): raise the limit", checkout
    )
    assert [line for line in said.splitlines() if line.endswith("...")][-1].startswith(last)
    assert contents(standing) == before


@contextmanager
def shut_by_mount(folder: Path) -> Iterator[list[str]]:
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield []


@contextmanager
def shut_by_mode(folder: Path) -> Iterator[list[str]]:
    """For whom modes bind: root runs the command as another user."""
    prefix = []
    if os.getuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and there is no setpriv to be somebody else")
        prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        for one in (folder.parent, *folder.parent.rglob("*")):
            os.chown(one, NOBODY, NOBODY)
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    yield prefix
    folder.chmod(mode)


@contextmanager
def shut_by_attribute(folder: Path) -> Iterator[list[str]]:
    asked = subprocess.run(["chattr", "+i", str(folder)], capture_output=True, text=True)
    if asked.returncode:
        pytest.skip(f"nothing can be made immutable here: {asked.stderr.strip()}")
    try:
        yield []
    finally:
        subprocess.run(["chattr", "-i", str(folder)], check=True)


@pytest.mark.parametrize("shut", [shut_by_mount, shut_by_mode, shut_by_attribute])
@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("reports", "`reports/` cannot be written"),
        ("reports/run", "`run/` cannot be written|`reports/run` is the mount of a file system"),
        ("reports/run/notebooks", "`notebooks/` cannot be written"),
    ],
)
def test_a_folder_that_cannot_be_written_is_said_before_anything_runs(
    bare: Checkout, shut: Shut, where: str, message: str
) -> None:
    before = contents(bare.reports)
    with shut(bare.root / where) as prefix:
        code, said = bare.run(PARAMS="second.yml", prefix=prefix)
        assert code == 2, said
        assert any(one in said for one in message.split("|")), said
        assert "writable" in said or "RUN=" in said
        assert "running" not in said
        assert "Traceback" not in said
        assert names(bare.reports) == {"run"}
        assert contents(bare.reports) == before
