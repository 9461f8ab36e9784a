"""A notebook in a real JupyterLab in Chromium: run, changed, looked at."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from helpers.workspace import REPORTS_VARIABLE

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# Everything is drawn at once: what is out of sight would not be there to be looked at.
SETTINGS: dict[str, dict[str, Any]] = {
    "notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
    "apputils-extension/notification": {"checkForUpdates": False, "fetchNews": "false"},
    "docmanager-extension/plugin": {"autosave": False},
}
# Rectangles of every piece of text in an output, and which of them lie over another.
_OVERLAPS = """() => {
    const found = [];
    const notebook = jupyterapp.shell.currentWidget.node;
    for (const output of notebook.querySelectorAll('.jp-OutputArea-output')) {
        const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
        const boxes = [];
        while (walker.nextNode()) {
            const node = walker.currentNode, parent = node.parentElement;
            if (!node.data.trim() || parent.closest('style, details:not([open]) > :not(summary)'))
                continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            for (const box of range.getClientRects())
                if (box.width > 1 && box.height > 1) boxes.push([node.data.trim(), box, node]);
        }
        for (let i = 0; i < boxes.length; i++)
            for (let j = i + 1; j < boxes.length; j++) {
                const [a, b] = [boxes[i][1], boxes[j][1]];
                const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (boxes[i][2] !== boxes[j][2] && across > 2 && down > 5)
                    found.push(boxes[i][0].slice(0, 40) + ' | ' + boxes[j][0].slice(0, 40));
            }
    }
    return found;
}"""
_CELLS = """() => jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code')
    .map(cell => ({source: cell.model.sharedModel.source,
                   count: cell.model.executionCount,
                   outputs: cell.model.outputs.toJSON()}))"""


@contextmanager
def jupyterlab(reports: Path, settings: Path) -> Iterator[str]:
    """Serve JupyterLab as `make lab` does; gives its address with `{}` for the path."""
    for name, values in SETTINGS.items():
        path = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = [
        *("--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
        *(f"--IdentityProvider.token={token}", "--expose-app-in-browser", "--allow-root"),
    ]
    log = settings / "jupyterlab.log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [sys.executable, "-P", "-m", "helpers", "lab", "--", *options],
            env=os.environ
            | {
                REPORTS_VARIABLE: str(reports),
                "JUPYTERLAB_SETTINGS_DIR": str(settings),
                "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
            },
            stdout=stream,
            stderr=stream,
        )
    try:
        _await_server(f"http://127.0.0.1:{port}/api?token={token}", server, log)
        yield f"http://127.0.0.1:{port}/lab/tree/{{}}?reset&token={token}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _await_server(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.5)
    raise AssertionError(log.read_text(encoding="utf-8"))


@contextmanager
def opened(chrome: Browser, address: str, *, theme: str = "light") -> Iterator[Page]:
    """Open a notebook, its kernel idle, in one of `THEMES`."""
    context = chrome.new_context(viewport={"width": 1400, "height": 1000}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(240_000)
    try:
        page.goto(address)
        page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length")
        page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready")
        page.evaluate(
            "jupyterapp.commands.execute('application:set-mode', {mode: 'single-document'})"
        )
        change_theme(page, theme)
        yield page
    finally:
        context.close()


def change_theme(page: Page, theme: str) -> None:
    page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", THEMES[theme]
    )
    page.wait_for_function(
        f"document.body.dataset.jpThemeLight === '{str(theme == 'light').lower()}'"
    )


def run_all(page: Page, *, restart: bool = False) -> list[dict[str, Any]]:
    """Run every cell from the top, in a new kernel if asked, and return what code cells show."""
    for _ in range(3):  # a kernel drops what is asked for right after an error, without a word
        page.evaluate(
            """async restart => {
                const panel = jupyterapp.shell.currentWidget;
                await new Promise(done => setTimeout(done, 2000));
                await panel.sessionContext.session.kernel.requestKernelInfo();
                if (restart) await panel.sessionContext.session.kernel.restart();
                await jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
                await jupyterapp.commands.execute('notebook:run-all-cells');
            }""",
            restart,
        )
        cells: list[dict[str, Any]] = page.evaluate(_CELLS)
        if errors(cells) or all(cell["count"] for cell in cells if cell["source"]):
            return cells
    raise AssertionError("a cell did not run")


def change(page: Page, before: str, after: str) -> None:
    """Change the text of the cell that holds it."""
    done = page.evaluate(
        """([before, after]) => {
            for (const cell of jupyterapp.shell.currentWidget.content.widgets) {
                const source = cell.model.sharedModel.source;
                if (!source.includes(before)) continue;
                cell.model.sharedModel.setSource(source.replace(before, after));
                return true;
            }
            return false;
        }""",
        [before, after],
    )
    assert done, before


def errors(cells: list[dict[str, Any]]) -> list[str]:
    """Errors that cells have ended in."""
    return [
        f"{output['ename']}: {output['evalue']}"
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]


def overlaps(page: Page) -> list[str]:
    """Pairs of texts that lie over one another."""
    found: list[str] = page.evaluate(_OVERLAPS)
    return found


def pictures(page: Page, folder: Path, name: str, *, height: int = 2600) -> list[Path]:
    """Write the whole notebook as pictures, from the top."""
    page.evaluate("jupyterapp.shell.collapseLeft()")
    page.set_viewport_size({"width": 1200, "height": height + 200})
    paths = []
    top = 0
    while True:
        # What lies above stays above: no cell is asked for to be active.
        reached, whole = page.evaluate(
            """top => {
                let outer = jupyterapp.shell.currentWidget.node.querySelector('.jp-Cell');
                while (!(/auto|scroll/.test(getComputedStyle(outer).overflowY)
                         && outer.scrollHeight > outer.clientHeight + 9)) {
                    if (!outer.parentElement) return [0, 0];
                    outer = outer.parentElement;
                }
                outer.scrollTop = top;
                return [outer.scrollTop + outer.clientHeight, outer.scrollHeight];
            }""",
            top,
        )
        page.wait_for_timeout(500)
        paths.append(folder / f"{name}-{len(paths)}.png")
        page.screenshot(path=str(paths[-1]))
        if reached >= whole - 1:
            page.set_viewport_size({"width": 1400, "height": 1000})
            return paths
        top += height
