"""A PostgreSQL server of one's own, from the system's package, for as long as a test needs it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PACKAGES = Path("/usr/lib/postgresql")


def find_programs() -> Path | None:
    """Folder of the newest installed server's programs."""
    found = [one.parent for one in PACKAGES.glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda one: int(one.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


class Server:
    """A running server that listens on a socket in its own folder only."""

    def __init__(self, programs: Path, folder: Path, user: str) -> None:
        self.programs = programs
        self.folder = folder
        self.user = user

    def psql(self, sql: str, *, given: str | None = None) -> str:
        """What `psql` answers to a command; `given` is its input for `COPY ... FROM STDIN`."""
        done = self.call(
            "psql",
            *("-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-d", "postgres"),
            *("-c", sql),
            given=given,
        )
        return done

    def call(self, program: str, *arguments: str, given: str | None = None) -> str:
        """Run one of the server's programs as its user."""
        done = subprocess.run(
            [*as_user(self.user), str(self.programs / program), *arguments],
            input=given,
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            timeout=300,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGTZ": "America/Lima"},
        )
        if done.returncode:
            raise AssertionError(f"{program}: {done.stderr.strip()[:2000]}")
        return done.stdout


def as_user(user: str) -> Sequence[str]:
    """Start of a command that runs as another user, which the server asks for under root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]


def _account() -> str:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def running_server(programs: Path) -> Iterator[Server]:
    """Start a server on a new database in a temporary folder; stop it and clear up at the end."""
    user = _account()
    # A socket's path must be short, which the folders of pytest are not.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = Server(programs, folder, user)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        data = str(folder / "data")
        server.call("initdb", "-D", data, "-U", user, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        log = str(folder / "log")
        server.call("pg_ctl", "-D", data, "-w", "-t", "60", "-o", options, "-l", log, "start")
        try:
            yield server
        finally:
            server.call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
