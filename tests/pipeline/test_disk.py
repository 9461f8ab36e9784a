"""A disk that takes no more is said with the folder's name and what to do."""

import errno
import tempfile
from pathlib import Path
from typing import Any

import pytest

from helpers.errors import DiskError
from helpers.pipeline.disk import disk_fault, full_disk
from helpers.pipeline.jupyter_kernels import Kernels
from helpers.pipeline.publish import Placing


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "(No space left on device): free space on its disk, then run"),
        (errno.EFBIG, "(File too large): raise the limit of a file's size (`ulimit -f`), then run"),
        (errno.EROFS, "(Read-only file system): make it writable, then run"),
        (errno.ENAMETOOLONG, "(File name too long): see that it can be written, then run"),
    ],
)
def test_the_message_names_folder_cause_and_mend(number: int, message: str) -> None:
    said = str(disk_fault(OSError(number, "in other words"), Path("/home/me/reports")))

    assert said.startswith(f"`reports/` cannot be written {message}")
    assert "/home/me" not in said


def test_a_full_disk_is_recognised_in_words_of_libraries() -> None:
    arrow = "[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"
    found = full_disk(arrow)
    assert found is not None
    assert found.errno == errno.ENOSPC
    assert full_disk("[Errno 2] No such file or directory: 'a.csv'") is None


def test_no_room_for_temporary_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(**_: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)

    with pytest.raises(DiskError, match="or name another folder as TMPDIR=, then run"):
        Kernels(environment={}, cwd=tmp_path)


def test_a_leftover_that_cannot_be_removed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    where = Placing(tmp_path / "run")
    where.making.mkdir()

    with (
        pytest.raises(DiskError, match=r"`\.run\.making/`, which an earlier run has left"),
        where.locked(),
        where.aside(),
    ):
        pass


def test_a_place_that_is_a_file_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    where = Placing(tmp_path / "run")

    with (
        pytest.raises(DiskError, match=r"`.*/run` is a file, not a folder"),
        where.locked(),
        where.aside(),
    ):
        pass

    assert (tmp_path / "run").read_text() == "mine"
