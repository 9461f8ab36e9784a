"""Whether a table fits into memory, judged before it is read."""

import gzip
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import TableError

# Measured: the first notebook holds a table four times over, raw, typed, treated and complete.
BYTES_A_CELL = 55
TIMES_TEXT = 4
HEAD_BYTES = 1 << 20
# How many times as large a gzipped table is when unpacked, where its head does not tell.
UNPACKED = 6
MEMORY_VARIABLE = "SEGMENTS_MEMORY"
LIMITS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


@dataclass(frozen=True)
class Extent:
    """About how large a table is: rows, columns, and bytes when unpacked."""

    rows: int
    columns: int
    size: int

    @property
    def cells(self) -> int:
        """Rows times columns."""
        return self.rows * self.columns

    @property
    def memory(self) -> int:
        """
        Bytes of memory that reading and treating it takes, about.

        Examples
        --------
        >>> Extent(rows=1_000_000, columns=29, size=100_000_000).memory
        1595000000
        """
        return max(BYTES_A_CELL * self.cells, TIMES_TEXT * self.size)


def extent(path: Path) -> Extent:
    """
    Judge how large a table is by its size on disk and its first lines, or by Parquet's footer.

    Parameters
    ----------
    path : Path
        A file, or a folder of parts. One that cannot be read counts as empty: what is wrong with
        it is said by whoever reads it.

    Returns
    -------
    Extent
        Estimates; those of Parquet are exact.
    """
    try:
        if path.is_dir():
            files = sorted(one for one in path.iterdir() if not one.name.startswith((".", "_")))
            parts = [extent(one) for one in files if one.is_file()]
            return Extent(
                rows=sum(one.rows for one in parts),
                columns=max((one.columns for one in parts), default=0),
                size=sum(one.size for one in parts),
            )
        return _file_extent(path) if path.is_file() else Extent(0, 0, 0)
    except (OSError, EOFError, zlib.error):
        return Extent(0, 0, 0)


def _file_extent(path: Path) -> Extent:
    on_disk = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"PAR1"):
        return _parquet_extent(path)
    if head.startswith(b"PK\x03\x04"):
        return _workbook_extent(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        # An old workbook takes about 14 bytes for a cell.
        return Extent(rows=on_disk // 140, columns=10, size=on_disk)
    size = on_disk
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as unpacked:
            head = unpacked.read(HEAD_BYTES)
        size = len(head) if len(head) < HEAD_BYTES else UNPACKED * on_disk
    lines = max(1, head.count(b"\n") or head.count(b"\r"))
    first = head.splitlines()[0] if head.strip() else b""
    columns = 1 + max(first.count(one) for one in (b",", b";", b"\t", b"|"))
    return Extent(rows=round(size * lines / max(1, len(head))), columns=columns, size=size)


def _workbook_extent(path: Path) -> Extent:
    """Judge by the first cells of the largest sheet, which are packed."""
    try:
        with zipfile.ZipFile(path) as packed:
            sheets = [one for one in packed.infolist() if one.filename.startswith("xl/worksheets/")]
            sheet = max(sheets, key=lambda one: one.file_size)
            with packed.open(sheet) as file:
                head = file.read(HEAD_BYTES)
    except (zipfile.BadZipFile, ValueError, OSError):
        return Extent(0, 0, 0)
    rows, cells = max(1, head.count(b"<row")), head.count(b"<c ")
    scale = sheet.file_size / max(1, len(head))
    return Extent(rows=round(rows * scale), columns=-(-cells // rows), size=sheet.file_size)


def _parquet_extent(path: Path) -> Extent:
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            footer = pq.ParquetFile(file).metadata
    except Exception:  # pyarrow raises what it likes on a damaged file
        return Extent(0, 0, 0)
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    size = sum(one.total_byte_size for one in groups)
    return Extent(rows=footer.num_rows, columns=footer.num_columns, size=size)


def available() -> int | None:
    """
    Bytes of memory that are free for this process.

    The least of what the system calls available and what a container leaves; the environment
    variable `SEGMENTS_MEMORY` (bytes) stands in for both.

    Returns
    -------
    int or None
        None where the system does not tell.
    """
    given = os.environ.get(MEMORY_VARIABLE, "")
    if given.isdigit():
        return int(given)
    found = [
        one for one in (_system(), *(_container(*files) for files in LIMITS)) if one is not None
    ]
    return min(found, default=None)


def _system() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return None
    except (OSError, ValueError):
        return _physical()


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _container(limit: str, used: str) -> int | None:
    try:
        return int(Path(limit).read_text()) - int(Path(used).read_text())
    except (OSError, ValueError):
        # No container, or one without a limit, which is written `max`.
        return None


def require_memory(path: Path) -> Extent:
    """
    Refuse a table that does not fit into memory, before it is read.

    Parameters
    ----------
    path : Path
        A file or folder of parts.

    Returns
    -------
    Extent
        How large it is, about.

    Raises
    ------
    TableError
        With both figures and what may be done.
    """
    found, free = extent(path), available()
    if free is not None and found.memory > free:
        raise TableError(
            f"`{path.name}` has about {found.rows:,} rows of {found.columns:,} columns and would "
            f"take about {_shown(found.memory)} of memory, but {_shown(free)} are free: give it "
            "fewer columns or rows (as Parquet, which holds them apart), run it on a larger "
            "machine, or with `engine: spark`."
        )
    return found


def _shown(size: int) -> str:
    """
    Write a number of bytes for reading.

    Examples
    --------
    >>> _shown(1_595_000_000), _shown(20_000)
    ('1.6 GB', '0.02 MB')
    """
    if size >= 1e9:
        return f"{size / 1e9:,.1f} GB"
    return f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{size / 1e6:,.2g} MB"
