"""The sample: a synthetic table of customers, of any size, that behaves as the published one does.

Customers are drawn from four latent types of shopper (savers, families, connoisseurs, affluent
households). Within a type, a Gaussian-like factor model ties income, age, spending by category,
orders by channel, visits, children, campaigns and tenure together; one monotone scale per column
turns the latent value into a plausible figure. The parameters below were fitted to the published
'Customer Personality Analysis' table and hold only aggregates of it; no row of it is stored or
reproduced. Faults of the published table (nulls, an absurd income, births before 1901, repeated
rows, odd categories, constant columns) are planted at its own rates.

The draw is exact arithmetic on the raw bits of a PCG64 generator: parameters are whole numbers
of 1/256 and normal deviates are sums of four 16-bit integers, so that every product and sum is
exact in double precision. The same rows and seed therefore give the same bytes on every
platform, whatever the order in which a BLAS adds.

Command line: ``python -m maintenance.sample --rows 2240 --seed 2025 data/sample.csv``
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv
from pyarrow import parquet as arrow_parquet

from helpers.errors import SegmentationError, TableError

COLUMNS: Final = (
    *("ID", "Year_Birth", "Education", "Marital_Status", "Income", "Kidhome", "Teenhome"),
    *("Dt_Customer", "Recency", "MntWines", "MntFruits", "MntMeatProducts", "MntFishProducts"),
    *("MntSweetProducts", "MntGoldProds", "NumDealsPurchases", "NumWebPurchases"),
    *("NumCatalogPurchases", "NumStorePurchases", "NumWebVisitsMonth", "AcceptedCmp3"),
    *("AcceptedCmp4", "AcceptedCmp5", "AcceptedCmp1", "AcceptedCmp2", "Complain"),
    *("Z_CostContact", "Z_Revenue", "Response"),
)
"""The 29 columns of the published table, in its order."""

BLOCK: Final = 2240
"""Rows drawn from one seed sequence: one published table's worth, with one helping of faults."""

DEFAULT_SEED: Final = 2025

REPEATED: Final = 182
"""Rows of a block that repeat another row of it apart from the ID."""

NULL_INCOMES: Final = 24
IDLE: Final = 9
"""Rows of a block with almost no orders and very many visits."""

ABSURD_INCOMES: Final = (666_666, 555_555, 777_777, 444_444)
IMPOSSIBLE_BIRTHS: Final = (1893, 1899, 1900)
ODD_STATUSES: Final = ("Absurd", "Absurd", "YOLO", "YOLO", "Alone", "Alone", "Alone")

EDUCATION: Final = ("Basic", "2n Cycle", "Graduation", "Master", "PhD")
STATUSES: Final = ("Widow", "Divorced", "Single", "Together", "Married", "Absurd", "YOLO", "Alone")
FIRST_DAY: Final = dt.date(2012, 7, 30)
DAYS: Final = 700
"""Join dates run over this many days: to 2014-06-29."""

IDS_PER_BLOCK: Final = 5 * BLOCK
"""IDs of block b lie in [b * IDS_PER_BLOCK, (b + 1) * IDS_PER_BLOCK), out of order, with gaps."""

SHARES: Final = (18_910, 44_662, 51_272, 65_536)
"""Cumulative shares of the four types, in 1/65536: 29 % savers, 39 % families, 10 % connoisseurs,
22 % affluent households."""

FACTORS: Final = 6
"""Common factors of a type."""

# For each column and type: its mean, its own deviation and its loadings on the factors,
# all in 1/256 of the latent unit.
LATENT: Final = """
Income              -272  106   76   97  -19  -28  -20   11| -17   57  103   14   10  -49   11   37
                     183   85   99   -7  -17  -28  -11  -30| 305  102  117  -18  -16  -14   17  -18
MntWines            -291   59   91   81  -18   35    5   22|   7   22  105   40   44    1   26  -29
                     332   76  102   97  -23    0    9   38| 219   84  111   68  -26   -6   -8   -4
MntFruits           -163   86   69  -81  -25   -9   -2   -5| -36  116  129  -99  -32   13  -21   11
                     118  155  110 -150   -4   28   28   -5| 226  160   58  -69   33  -23  -20  -14
MntMeatProducts     -280   80   99  -26  -19   14   18   48| -11   52   96  -26   -5   23   -1    2
                     168   56   73  -43    1   11    9  -17| 313  109   83  -25   -4    9  -39  -26
MntFishProducts     -171   98   69  -81  -25  -20    0   -6| -32  102  121  -96  -34   21  -14    9
                      47  210  130 -140  -12   31   44  -11| 263  131   42  -57   36  -46  -12  -11
MntSweetProducts    -161   93   76  -80  -26  -16   -2   -5| -39  116  125  -93  -39   13    8   31
                      95  146  123 -147  -12   29   33   11| 239  170   65  -52   34  -45   -7  -26
MntGoldProds        -197   84   84  -82    1   35  -52  -35|  15  151  117  -44   21   62  -11  -47
                     161  152   42  -11   11   56   -2   49| 160  174   61  -47   98  -49   17   72
NumDealsPurchases    -57  163  -10  -33  -67  137   10    6| 124  102  -14  -28  190  131   63   90
                     105  226 -114   43  -61   94   42   55|-198  173  -79   87   29  -63    3   45
NumWebPurchases     -258   97   92  -34  -46   80   21   46|  79  152  136   -5   86   56   24   -2
                     209  219   78   -5  -51   53  -16   37| 103   94   53   70   49  -52  -31  -37
NumCatalogPurchases -261  117   93  -11   17    4  -52  -16| -17   85  121   -2   15    8  -10   -8
                     191   88   84    0  -14   33  -23   14| 288  101   87   -2   14  -17  -28   59
NumStorePurchases   -267  110   74    8  -77   -9   24   15|  39  113  157  -46   52  -24   39    7
                     224  132   64  -11  -55  -34   29  101| 179  134   67  -10  -37  -58   -6   -5
NumWebVisitsMonth    138  136  -55  -57   45  119   68   -5|  48  139  -97   35   58  132    7  -51
                      65  132  -99   61   31   72   72   -8|-299   32  -61  124   88    0  -21  -69
Year_Birth            89  171    2  -86   54  -15   60   34| -39  133  -20  -27  -86   74  117    3
                     -62   36   -2  -36  146  -71   57  108| -20  260   -1  -34   36   73   23  -41
Joined                38  231  -29   71   -7  -75  -25   45|  -7  197  -33   30  -54 -138   42   79
                    -135  166    0   -7   13 -131 -129    4|  24  250  -13  -55  -52   25   59   39
Recency               -9  267   -6   -7  -32   -8    2  -19|   4  248   -7  -31   13  -27   49  -85
                      -3  262   -4  -21  -27    0    1    6|   6  276  -11   -5  -35  -16   11   13
Kidhome              155  165 -175  -18   75   57   61   32|   9   76 -241   19  -30  114   97  100
                    -105  139 -156   10  102  -25   28  -55|-173  104 -130   23   21   94   45  -13
Teenhome             -51   47  -59  137 -137  119 -104  -67|  90  113   -9   11  213  -68  -30   59
                      88  186  -83   56 -147   58  -36   26|-135  113  -59   99   -4 -130   28   71
Education            -72  171   -8  159    2   41   -5  129|  30  206   -8   69   32  -31  -28    5
                      59  215   -8   87  -38   -4  -51   -8|  14   39   18   87 -131   59 -142   38
AcceptedCmp3           3  103   40  -24  172   76 -137   40|  -7  228   19   51  -37   80  -24    4
                      14   47   42   44  158  138 -147   56|   2  134   51   22  154  107  -32  115
AcceptedCmp4         -40   57  120  108   11   24  117 -100|  -7  173   99  164   31  -24   48  -15
                      99  127  139  218  -42  -81  111  -31|  20  106  170  139  -72  -12  127  -34
AcceptedCmp5         -35  129  192   62   62  -54    9   12| -38  131  163   96  -82   -9   32   -6
                      44  142  283   75   60  -48    6  -39|  94  145  321   -5  -20   85   34  -42
AcceptedCmp1         -30  156  163   40   52  -29    6   25| -30  148  146   86  -66    1   23   59
                      33  179  242   43   48  -29  -27  -47|  80  189  251    1   54   26   23  -20
AcceptedCmp2          -7  121  129   95   91   24   31  -87|  -7  137   97  157  -24    9   17  -38
                      34  153  153  188   38   -9   29   32|   7  117  158   83   -9   56  105   59
Complain               3  228  -33  -12    7   11    0  -20|  -1  225  -29  -15    6   18  -15   -3
                      -5  221  -30   -7    7   22   16  -34|   0  223  -33    3   29    6   11  -21
Response             -30  199  143    3  144   86    7    5| -24   53  103  149  -64  173 -122   91
                      49  186  167  110  117  145   46  -96|  60  228  187   79  108  128  -52    7
Household             -1  243   -9   -9   -7  -15   12   33|   9  231  -11  -11    1  -20   68    5
                     -11  253   -7    3    8  -49   -9   26|  -9  246  -13    6    5  -19    8  -36
"""

# For each column its value in sixteenths (income: in whole units) at the latent values -3, -2.75,
# and so on to 3; linear between them, then rounded down.
SCALES: Final = """
Income                7500   7937  10641  14521  17254  20182  23317  26905  30790  34991  39688
                     45274  51553  57970  63786  68677  72957  77194  80546  83402  86860  90585
                     93638  97290 102115
MntWines                 1      5     13     23     37     61     97    151    239    391    669
                      1443   2791   4471   6377   8317  10101  12141  14396  16011  17790  19689
                     20982  23351  23889
MntFruits                1      1      1      1      1      3      5      9     15     31     59
                       101    167    273    409    577    831   1161   1489   1853   2219   2579
                      2763   2971   3193
MntMeatProducts         15     19     27     38     53     75    101    133    179    247    355
                       613   1103   1759   2699   4053   5711   7153   8861  11029  12584  13593
                     14867  15380  15745
MntFishProducts          1      1      1      1      1      3      5     11     15     51     77
                       139    221    347    555    866   1213   1655   2185   2691   3093   3500
                      3716   3962   4145
MntSweetProducts         1      1      1      1      1      3      5      9     15     29     58
                       105    171    267    420    611    859   1189   1537   1895   2232   2562
                      2771   3007   3169
MntGoldProds             1      1      3      5     11     23     41     65     99    153    215
                       303    429    561    709    938   1299   1705   2109   2475   2915   3170
                      3571   3736   3985
NumDealsPurchases        1     11     17     17     17     19     19     21     23     25     29
                        31     37     41     47     55     61     69     77     87     97    109
                       119    129    241
NumWebPurchases          1      5      9     17     17     21     25     29     35     41     47
                        55     65     75     87    101    113    125    139    151    161    173
                       181    185    191
NumCatalogPurchases      1      1      1      1      1      3      5      7     11     15     21
                        27     35     45     61     75     93    109    127    147    165    175
                       183    189    191
NumStorePurchases       33     33     33     35     37     41     47     51     55     61     67
                        75     85     99    115    135    155    173    191    203    211    217
                       221    223    223
NumWebVisitsMonth        3     17     19     21     25     33     39     47     55     67     77
                        87     97    107    115    121    127    133    139    141    145    151
                       155    159    171
Year_Birth           31055  31111  31133  31151  31175  31201  31231  31263  31301  31351  31413
                     31473  31529  31571  31613  31653  31697  31743  31781  31813  31839  31863
                     31883  31907  31945
Joined                  15    133    209    335    513    719   1163   1633   2311   2995   3743
                      4575   5499   6443   7211   8057   8835   9453   9929  10299  10583  10788
                     10983  11077  11193
Recency                  1     13     25     43     69    119    175    243    339    439    543
                       673    801    909   1039   1153   1253   1337   1407   1473   1511   1543
                      1563   1579   1599
"""

# Latent values, in 1/256, above which the next level begins.
CUTS: Final = {
    "Kidhome": (54, 705),
    "Teenhome": (9, 628),
    "Education": (-482, -338, 91, 226),
    "AcceptedCmp3": (437,),
    "AcceptedCmp4": (450,),
    "AcceptedCmp5": (494,),
    "AcceptedCmp1": (481,),
    "AcceptedCmp2": (631,),
    "Complain": (604,),
    "Response": (431,),
}

AGE_BANDS: Final = (1956, 1966, 1976, 1986)
"""First birth years of the second to the fifth band of ages."""

# Cuts of `Household` between Widow, Divorced, Single, Together and Married, one row a band of ages.
STATUS_CUTS: Final = (
    (-422, -277, -140, 70),
    (-489, -291, -118, 94),
    (-528, -293, -112, 67),
    (-743, -386, -129, 84),
    (-768, -457, -9, 133),
)

DIRECT: Final = {"Recency": -72, "Joined": -48, "Household": -36}
"""What `Response` owes to other latent values directly, in 1/256: those who bought lately, joined
early and live alone respond."""

BASIC_INCOME: Final = 34_000
"""Incomes from here on do not go with a basic education."""


class _Model(NamedTuple):
    """The parameters as arrays: the tables above, parsed once."""

    names: tuple[str, ...]
    means: NDArray[np.float64]  # (types, columns)
    own: NDArray[np.float64]  # (types, columns)
    loadings: NDArray[np.float64]  # (types, columns, FACTORS)
    scaled: tuple[str, ...]
    scales: NDArray[np.float64]  # (scaled columns, knots)


@lru_cache(maxsize=1)
def _model() -> _Model:
    latent = _parse(LATENT)
    names = tuple(latent)
    table = np.array(list(latent.values()), dtype=np.float64)
    table = table.reshape(len(names), len(SHARES), 2 + FACTORS).transpose(1, 0, 2) / 256
    scales = _parse(SCALES)
    return _Model(
        names=names,
        means=np.ascontiguousarray(table[:, :, 0]),
        own=np.ascontiguousarray(table[:, :, 1]),
        loadings=np.ascontiguousarray(table[:, :, 2:]),
        scaled=tuple(scales),
        scales=np.array(list(scales.values()), dtype=np.float64),
    )


def _parse(text: str) -> dict[str, list[int]]:
    """Read a table of whole numbers whose rows begin with a name and may go on below."""
    rows: dict[str, list[int]] = {}
    for word in text.replace("|", " ").split():
        if word[0].isalpha():
            rows[word] = []
        else:
            rows[next(reversed(rows))].append(int(word))
    return rows


def make_customers(rows: int = BLOCK, *, seed: int = DEFAULT_SEED) -> pd.DataFrame:
    """
    Make a synthetic table of customers.

    Parameters
    ----------
    rows
        Number of customers, at least 1. The first rows of a longer table are those of a shorter
        one with the same seed.
    seed
        Whole number from 0; another seed gives other customers of the same kind.

    Returns
    -------
    DataFrame
        The columns of `COLUMNS` with the types that reading the written CSV gives: `Income` as
        float (null in about 1.1 % of the rows), `Education`, `Marital_Status` and `Dt_Customer`
        (dd-mm-yyyy) as text, all others as integers. IDs are unique. Every 2,240 rows hold one
        absurd income, three births before 1901, seven odd values of `Marital_Status`, nine
        customers with next to no orders and 182 rows that repeat another apart from `ID`.

    Raises
    ------
    TableError
        If `rows` is below 1 or `seed` below 0.

    Examples
    --------
    >>> customers = make_customers(2240, seed=7)
    >>> customers.shape, customers["ID"].is_unique, int(customers["Income"].isna().sum())
    ((2240, 29), True, 24)
    """
    _check(rows, seed)
    table = pa.Table.from_batches(_batches(rows, seed))
    frame: pd.DataFrame = table.to_pandas()
    return frame.astype({"Income": "float64"})


def write_customers(
    path: str | Path, rows: int = BLOCK, seed: int = DEFAULT_SEED, *, blocks_at_once: int = 32
) -> Path:
    """
    Write the table of `make_customers` block by block, in memory that does not grow with it.

    Parameters
    ----------
    path
        Target; its suffix gives the format: `.csv`, `.csv.gz` or `.parquet`. Written aside first
        and moved into place when whole. Missing folders are made.
    rows, seed
        As for `make_customers`.
    blocks_at_once
        Blocks of 2,240 rows held in memory at a time; for Parquet also the size of a row group.

    Returns
    -------
    Path
        The target.

    Raises
    ------
    TableError
        If the suffix is none of the three, or `rows` or `seed` is out of range.

    Notes
    -----
    CSV and Parquet come out the same to the byte for the same rows and seed (Parquet and the
    compressed form of CSV with the same versions of their libraries, which sign or shape them).

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> written = write_customers(Path(folder.name) / "sample.csv", rows=3, seed=7)
    >>> len(written.read_text().splitlines())
    4
    >>> folder.cleanup()
    """
    path = Path(path)
    _check(rows, seed)
    name = path.name.lower()
    if not name.endswith((".csv", ".csv.gz", ".parquet")):
        raise TableError(
            f"The sample cannot be written to `{path.name}`: expected a name that ends in"
            " `.csv`, `.csv.gz` or `.parquet`."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    batches = _batches(rows, seed, blocks_at_once=blocks_at_once)
    try:
        with aside.open("wb") as file:
            if name.endswith(".parquet"):
                _write_parquet(file, batches)
            elif name.endswith(".gz"):
                # Neither name nor time in the header: the same rows give the same bytes.
                with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                    _write_csv(packed, batches)
            else:
                _write_csv(file, batches)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _check(rows: int, seed: int) -> None:
    if rows < 1:
        raise TableError(f"`rows` is {rows}: a sample has at least 1 row.")
    if seed < 0:
        raise TableError(f"`seed` is {seed}: expected a whole number from 0.")


def _write_csv(file: BinaryIO | gzip.GzipFile, batches: Iterator[pa.RecordBatch]) -> None:
    file.write((",".join(COLUMNS) + "\n").encode())
    # No value holds a comma or a quote, so none is quoted, as in the published table.
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
    for batch in batches:
        arrow_csv.write_csv(batch, file, options)


def _write_parquet(file: BinaryIO, batches: Iterator[pa.RecordBatch]) -> None:
    first = next(batches)
    with arrow_parquet.ParquetWriter(file, first.schema) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)


def _batches(rows: int, seed: int, *, blocks_at_once: int = 32) -> Iterator[pa.RecordBatch]:
    """Yield the table in pieces of several blocks, the last one cut to length."""
    blocks = (_block(seed, number) for number in range(-(-rows // BLOCK)))
    left = rows
    while pieces := list(islice(blocks, blocks_at_once)):
        joined = {name: np.concatenate([p[name] for p in pieces])[:left] for name in pieces[0]}
        left -= len(joined["ID"])
        yield _to_arrow(joined)


def _to_arrow(block: dict[str, NDArray[np.int64]]) -> pa.RecordBatch:
    """Give codes their names, days their dates and the missing incomes their nulls."""
    words = {"Education": EDUCATION, "Marital_Status": STATUSES, "Dt_Customer": _dates()}
    columns = []
    for name in COLUMNS:
        values = block[name]
        if name in words:
            columns.append(pa.array(words[name], pa.string()).take(pa.array(values)))
        elif name == "Income":
            columns.append(pa.array(values, mask=values < 0))
        else:
            columns.append(pa.array(values))
    return pa.RecordBatch.from_arrays(columns, names=list(COLUMNS))


@lru_cache(maxsize=1)
def _dates() -> tuple[str, ...]:
    days = (FIRST_DAY + dt.timedelta(days=day) for day in range(DAYS))
    return tuple(f"{day.day:02d}-{day.month:02d}-{day.year}" for day in days)


def _block(seed: int, number: int) -> dict[str, NDArray[np.int64]]:
    """
    Draw block `number`: 2,240 rows as whole numbers, a null income as -1.

    The block is the child `number` that `SeedSequence(seed).spawn` would give, so that it depends
    on nothing but the seed and its own place. Only raw bits are drawn: unlike the methods of
    `Generator`, NumPy promises never to change them.
    """
    model = _model()
    sequence = np.random.SeedSequence(seed, spawn_key=(number,))
    width = 4 + FACTORS + len(model.names)
    raw = np.random.PCG64(sequence).random_raw(width * BLOCK).reshape(width, BLOCK)
    kind = np.searchsorted(SHARES, (raw[0] >> np.uint64(48)).astype(np.int64), side="right")
    place = np.argsort(raw[1], kind="stable")
    order = np.argsort(raw[2], kind="stable")
    spare = (raw[3] >> np.uint64(8)).astype(np.int64)

    deviates = _deviates(raw[4:])
    factors, own = deviates[:FACTORS], deviates[FACTORS:]
    latent = np.empty(own.shape)
    for t in range(len(SHARES)):
        at = np.flatnonzero(kind == t)
        common = model.loadings[t] @ factors[:, at]
        latent[:, at] = model.means[t][:, None] + common + model.own[t][:, None] * own[:, at]
    block = _read_scales(latent, model)

    block["ID"] = number * IDS_PER_BLOCK + 5 * order + spare % 5
    block["Z_CostContact"] = np.full(BLOCK, 3)
    block["Z_Revenue"] = np.full(BLOCK, 11)
    return _plant_faults(block, place, spare // 5)


def _deviates(raw: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Sum four 16-bit numbers: nearly normal, mean about 0, deviation 1.155, exact in 1/32768."""
    low = np.uint64(0xFFFF)
    total = raw & low
    for shift in (16, 32, 48):
        total += (raw >> np.uint64(shift)) & low
    return (total.astype(np.float64) - 131_070.0) / 32_768.0


def _read_scales(latent: NDArray[np.float64], model: _Model) -> dict[str, NDArray[np.int64]]:
    """Turn latent values into the figures of the table."""
    rows = dict(zip(model.names, latent, strict=True))
    # Just below 3, so that the last knot is never the left one.
    place = (np.clip(latent[: len(model.scaled)], -3.0, 3.0 - 2.0**-12) + 3.0) * 4.0
    left = place.astype(np.int64)
    at = left + model.scales.shape[1] * np.arange(len(left))[:, None]
    knots = model.scales.ravel()
    read = knots[at] + (knots[at + 1] - knots[at]) * (place - left)
    block = {
        name: (values if name == "Income" else values / 16.0).astype(np.int64)
        for name, values in zip(model.scaled, read, strict=True)
    }
    block["Dt_Customer"] = np.minimum(block.pop("Joined"), DAYS - 1)
    response = sum((share / 256 * rows[name] for name, share in DIRECT.items()), rows["Response"])
    rows["Response"] = response
    for name, cuts in CUTS.items():
        block[name] = sum((rows[name] > cut / 256 for cut in cuts), np.zeros(BLOCK, np.int64))
    block["Education"][(block["Education"] == 0) & (block["Income"] >= BASIC_INCOME)] = 1
    band = np.searchsorted(AGE_BANDS, block["Year_Birth"], side="right")
    cuts_of_row = np.array(STATUS_CUTS)[band] / 256
    block["Marital_Status"] = (rows["Household"][:, None] > cuts_of_row).sum(axis=1)
    return block


def _plant_faults(
    block: dict[str, NDArray[np.int64]], place: NDArray[np.int64], spare: NDArray[np.int64]
) -> dict[str, NDArray[np.int64]]:
    """Plant what is wrong with the published table; `place` says where, `spare` which."""
    places = iter(place)
    take = lambda count: np.fromiter(islice(places, count), np.int64, count)  # noqa: E731

    copies, originals = take(REPEATED), take(REPEATED)
    for name, values in block.items():
        if name != "ID":
            values[copies] = values[originals]
    block["Year_Birth"][take(len(IMPOSSIBLE_BIRTHS))] = IMPOSSIBLE_BIRTHS
    odd = [STATUSES.index(status) for status in ODD_STATUSES]
    block["Marital_Status"][take(len(odd))] = odd
    block["Income"][take(NULL_INCOMES)] = -1
    absurd = take(1)
    block["Income"][absurd] = np.array(ABSURD_INCOMES)[spare[absurd] % len(ABSURD_INCOMES)]

    idle = take(IDLE)
    digits = spare[idle]
    block["Income"][idle] = 1_800 + digits % 6_000
    block["NumWebVisitsMonth"][idle] = 13 + digits % 8
    for shift, name in enumerate(("NumWebPurchases", "NumStorePurchases", "NumDealsPurchases")):
        block[name][idle] = (digits >> shift) % 3 == 0
    block["NumCatalogPurchases"][idle] = 0
    for shift, name in enumerate(COLUMNS[9:15]):
        block[name][idle] = (digits >> (4 * shift)) % 16
    return block


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.sample",
        description="Write a synthetic table of customers; the same rows and seed, the same bytes.",
    )
    parser.add_argument("--rows", type=int, default=BLOCK, help="customers (default: %(default)s)")
    parser.add_argument(
        "--seed", type=int, default=DEFAULT_SEED, help="whole number from 0 (default: %(default)s)"
    )
    parser.add_argument("out", metavar="OUT", help="file: .csv, .csv.gz or .parquet")
    options = parser.parse_args(arguments)
    try:
        write_customers(options.out, options.rows, options.seed)
    except (SegmentationError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
