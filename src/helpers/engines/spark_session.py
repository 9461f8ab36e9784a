"""The Spark session: started once, quiet, and alike on every machine."""

import atexit
import importlib.util
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import EngineError
from helpers.scratch import own_folder
from helpers.workspace import SCRATCH_VARIABLE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA = 17
"""Oldest Java that this Spark runs on."""

SETTINGS = {
    "spark.app.name": "customer-segments",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    # As the local engine has it: a bad date and a division by zero are missing values.
    "spark.sql.ansi.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # A row that is not as wide as the header is a fault also where not all columns are asked for.
    "spark.sql.csv.parser.columnPruning.enabled": "false",
}
SMALL_ROWS = 200_000
"""Up to this many rows a query runs sooner as it is than compiled."""

LOCAL_MEMORY = "4g"
"""Memory of Spark where it runs on this machine alone; on a cluster its own settings hold."""

SHUFFLED = 16
"""Pieces into which the rows of a large table are cut when they are put in order."""

SCRATCH = "segments-spark-"
LOG = Path(__file__).with_name("log4j2.properties")


def spark_session(master: str) -> "SparkSession":
    """
    Start Spark, or return the session that is running on the same master.

    Parameters
    ----------
    master : str
        `local[*]` for this machine, `spark://host:port` for a standalone cluster, `yarn` or
        `k8s://...` where the environment is set up for it.

    Returns
    -------
    SparkSession
        Without a web page and without messages below an error.

    Raises
    ------
    EngineError
        Where PySpark or a Java runtime is missing, or the master does not answer.
    """
    require_spark()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        if running.sparkContext.master == master:
            return running
        running.stop()
    # PySpark says so at every exchange of a table; the tests here hold what is used of it.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    builder: Any = SparkSession.builder.master(master)
    for name, value in (SETTINGS | _places(master)).items():
        builder = builder.config(name, value)
    try:
        session: SparkSession = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        # A master that does not answer is noticed by the first work that it should do.
        session.sparkContext.parallelize([1], 1).count()
    except Exception as error:
        raise EngineError(
            f"Spark does not start on `{master}` ({reason(error)}): check `spark_master`, and that "
            "the cluster is up and runs the same version of Spark."
        ) from None
    return session


def require_spark() -> None:
    """
    Check that Spark can be started here, without starting it.

    Raises
    ------
    EngineError
        Where PySpark or a Java runtime is missing.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise EngineError(
            "`engine: spark` needs PySpark, which is not installed: say `make report "
            "ENGINE=spark`, which installs it, or install the extra `spark` of this package."
        )
    _check_java()


def _places(master: str) -> dict[str, str]:
    """Where Spark keeps its scratch files, and how it is reached; all of it goes with it."""
    within = os.environ.get(SCRATCH_VARIABLE)
    if within:
        scratch = tempfile.mkdtemp(prefix=SCRATCH, dir=within)
        atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    else:
        scratch = str(own_folder(SCRATCH))
    options = f"-Dlog4j2.configurationFile={LOG.as_uri()} -Dderby.system.home={scratch}"
    places = {
        "spark.sql.warehouse.dir": f"{scratch}/warehouse",
        "spark.driver.extraJavaOptions": options,
    }
    if master.startswith("local"):
        places |= {
            "spark.local.dir": scratch,
            # Here the driver does the work as well, for which Spark's own 1 GB is little.
            "spark.driver.memory": LOCAL_MEMORY,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
        }
    return places


def suit_queries(session: "SparkSession", *, rows: int) -> None:
    """
    Suit Spark to the size of a table.

    Queries over a large table are compiled and cut into pieces; over a small one either takes
    longer than the query. The number of pieces hangs on the table alone, so that sums are added
    in the same groups on every cluster.
    """
    is_large = rows > SMALL_ROWS
    for name, value in {
        "spark.sql.codegen.wholeStage": str(is_large).lower(),
        "spark.sql.codegen.factoryMode": "FALLBACK" if is_large else "NO_CODEGEN",
        "spark.sql.adaptive.enabled": str(is_large).lower(),
        "spark.sql.shuffle.partitions": str(SHUFFLED if is_large else 1),
    }.items():
        session.conf.set(name, value)


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    wanted = f"`engine: spark` needs a Java runtime, version {JAVA} or later"
    if java is None:
        where = "JAVA_HOME holds none" if home else "none was found"
        raise EngineError(
            f"{wanted}, and {where}: install one (Debian: default-jre-headless), "
            "or let JAVA_HOME name it."
        )
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    if found is None or int(found.group(1)) < JAVA:
        version = found.group(1) if found else "of an unknown version"
        raise EngineError(
            f"{wanted}, and the one that was found is {version}: install a later one."
        )


def reason(error: Exception) -> str:
    r"""
    What went wrong, in one line without Java's own words around it.

    Examples
    --------
    >>> reason(ValueError("[DIVIDE] by zero. SQLSTATE: 22012\n at line 1"))
    'by zero'
    """
    text = str(error)
    caused = re.findall(r"Caused by: [\w.$]+: (.+)", text)
    line = (caused[-1] if caused else text).strip().splitlines()
    first = re.sub(r"^(\[[\w.]+\] ?|[\w.$]+(Exception|Error): )+", "", line[0]) if line else ""
    return first.split(" SQLSTATE")[0].rstrip(". ")[:300] or type(error).__name__
