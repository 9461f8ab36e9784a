"""A params file: one flat YAML for one segmentation, checked against what the notebooks declare."""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from helpers.errors import ParamsError
from helpers.params.declarations import Declaration

# A params file is written by hand; one that is larger than this is something else.
MAX_BYTES = 100_000
# The time to read YAML grows with the square of its depth.
MAX_DEPTH = 30
# No number that a run can use is longer; Python itself refuses to read very long ones.
MAX_DIGITS = 300
NUMBER_TAGS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


@dataclass(frozen=True)
class Params:
    """
    Values of a params file, with the line on which each key stands.

    `inner` has the lines of the keys below a key, those of an SQL step for instance.
    """

    name: str
    values: dict[str, Any]
    lines: dict[str, int]
    inner: dict[tuple[str, str], int] = field(default_factory=dict)

    def where(self, key: str) -> str:
        """File and line of a key, for messages."""
        line = self.lines.get(key)
        return f"{self.name}, line {line}" if line else self.name


def nearest(name: str, known: Iterable[str]) -> str:
    """
    Hint at the nearest known name, or return an empty text.

    Examples
    --------
    >>> nearest("k_mx", ["k_max", "seed"])
    ' Did you mean `k_max`?'
    >>> nearest("zzz", ["k_max", "seed"])
    ''
    """
    by_folded = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return f" Did you mean `{by_folded[close[0]]}`?" if close else ""


def read_text(path: Path, *, role: str) -> str:
    """
    Text of a small file that a person wrote.

    Parameters
    ----------
    path : Path
        The file.
    role : str
        What the file is, for messages.

    Returns
    -------
    str
        Its text, without a byte order mark.

    Raises
    ------
    ParamsError
        Where it is missing, not a file, too large, or not UTF-8.
    """
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not there"
            raise ParamsError(f"{role} `{path.name}` {what}: check the name that was given.")
        if path.stat().st_size > MAX_BYTES:
            raise ParamsError(
                f"{role} `{path.name}` has more than {MAX_BYTES:,} bytes: is it really a {role}?"
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParamsError(
            f"{role} `{path.name}` is not UTF-8 (byte {error.start}): save it as UTF-8."
        ) from None
    except OSError as error:
        raise ParamsError(
            f"{role} `{path.name[:80]}` cannot be read ({error.strerror or error}): "
            "check its name and permissions."
        ) from None


def compose(text: str, *, name: str) -> yaml.MappingNode:
    """
    Parse YAML to nodes, which know their lines, and refuse what a params file has no use for.

    Anchors and aliases are refused, since a few lines of them can stand for more memory than
    there is; so are repeated keys, of which YAML would silently keep the last.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        Name of the file, for messages.

    Returns
    -------
    yaml.MappingNode
        The top-level mapping.

    Raises
    ------
    ParamsError
        Naming file and line.
    """
    try:
        depth = 0
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            line = token.start_mark.line + 1
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
                raise ParamsError(
                    f"{name}, line {line}: anchors, aliases and tags are not "
                    "used here: write the value out."
                )
            depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
            if depth > MAX_DEPTH:
                raise ParamsError(f"{name}, line {line}: nested too deeply to be read.")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        problem = str(error.problem).replace("character '\\t'", "a tab")
        mend = "indent by spaces" if "a tab" in problem else "mend the line, or the one before it"
        raise ParamsError(f"{name}{line}: not valid YAML ({problem}): {mend}.") from None
    except yaml.YAMLError as error:
        raise ParamsError(f"{name}: not valid YAML ({str(error).splitlines()[0]}).") from None
    if node is None:
        raise ParamsError(f"{name} is empty: expected lines like `key: value`.")
    if not isinstance(node, yaml.MappingNode):
        raise ParamsError(
            f"{name}, line {node.start_mark.line + 1}: expected lines like `key: value`."
        )
    _check_keys(node, name)
    return node


def _check_keys(node: yaml.Node, name: str) -> None:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _check_keys(child, name)
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ParamsError(
                    f"{name}, line {line}: a key must be a plain text, not braces or brackets: "
                    "write `key: value`, and put a value in quotes where it is a text."
                )
            if key.value in seen:
                raise ParamsError(
                    f"{name}, line {line}: `{key.value}` stands on line {seen[key.value]} "
                    "already: keep one of the two."
                )
            seen[key.value] = line
            # A key is the text as written: YAML would make a column `No` the value false.
            key.tag = "tag:yaml.org,2002:str"
            _check_keys(value, name)


def plain(value: object) -> Any:
    """
    Put a value into types that a notebook parameter can have: dates become ISO text.

    Examples
    --------
    >>> plain({"as_of": date(2025, 9, 12)})
    {'as_of': '2025-09-12'}
    """
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def parse(text: str, *, name: str) -> Params:
    """
    Read the text of a params file.

    Parameters
    ----------
    text : str
        YAML with one flat mapping.
    name : str
        Name of the file, for messages.

    Returns
    -------
    Params
        Plain values and their lines.

    Raises
    ------
    ParamsError
        Naming file and line.

    Examples
    --------
    >>> parse("seed: 7", name="mine.yml").values
    {'seed': 7}
    """
    node = compose(text, name=name)
    _check_scalars(node, name, key="")
    try:
        values = yaml.SafeLoader("").construct_document(node)
    except (ValueError, yaml.YAMLError) as error:
        raise ParamsError(f"{name}: a value cannot be read ({error}).") from None
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    inner = {
        (key.value, below.value): below.start_mark.line + 1
        for key, value in node.value
        for entry in (value.value if isinstance(value, yaml.SequenceNode) else [value])
        if isinstance(entry, yaml.MappingNode)
        for below, _ in entry.value
    }
    return Params(name=name, values=plain(values), lines=lines, inner=inner)


def _check_scalars(node: yaml.Node, name: str, *, key: str) -> None:
    """Refuse a value that YAML takes for a date or a number and cannot make one of."""
    if isinstance(node, yaml.MappingNode):
        for below, value in node.value:
            _check_scalars(value, name, key=key or below.value)
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            _check_scalars(one, name, key=key)
    else:
        where = f"{name}, line {node.start_mark.line + 1}: `{key}` holds"
        if len(node.value) > MAX_DIGITS and node.tag in NUMBER_TAGS:
            raise ParamsError(
                f"{where} a number of {len(node.value):,} characters: expected at most "
                f"{MAX_DIGITS}. Shorten it, or write it in quotes where it is a text."
            )
        try:
            yaml.SafeLoader("").construct_document(node)
        except (ValueError, OverflowError, yaml.YAMLError):
            noun = "date" if node.tag.endswith("timestamp") else "number"
            raise ParamsError(
                f"{where} {_brief(node.value)}, which looks like a {noun} and is none: write a "
                f"{noun} that there is{', like 2025-09-12' if noun == 'date' else ''}, or put it "
                "in quotes where it is a text."
            ) from None


def check(
    params: Params, declarations: Mapping[str, Declaration], *, given_by_run: Iterable[str] = ()
) -> None:
    """
    Refuse a key that no notebook declares, and a value of another type than declared.

    Parameters
    ----------
    params : Params
        A read params file.
    declarations : mapping of str to Declaration
        Those of all notebooks together.
    given_by_run : iterable of str
        Parameters that the command line sets, which therefore do not belong in the file.

    Raises
    ------
    ParamsError
        Naming file and line, what was expected and what came.
    """
    for key, value in params.values.items():
        where = params.where(key)
        if key in given_by_run:
            raise ParamsError(
                f"{where}: `{key}` is set by the command line "
                f"(`make report {key.upper()}=...`): remove it from the file."
            )
        if key not in declarations:
            raise ParamsError(
                f"{where}: `{key}` is no parameter of any notebook." + nearest(key, declarations)
            )
        if not _is_finite(value):
            raise ParamsError(f"{where}: `{key}` is {_brief(value)}: expected finite numbers.")
        declared = declarations[key]
        if not declared.accepts(value):
            raise ParamsError(
                f"{where}: `{key}` is {_brief(value)}: "
                f"expected {declared.wanted} ({declared.help})."
            )


def _brief(value: object, *, most: int = 60) -> str:
    shown = repr(value)
    return shown if len(shown) <= most else shown[:most] + "..."


def _is_finite(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_finite(one) for one in value.values())
    if isinstance(value, list):
        return all(_is_finite(one) for one in value)
    return not isinstance(value, float) or math.isfinite(value)


def load(path: Path) -> Params:
    """Read a params file; see `parse`."""
    return parse(read_text(path, role="params file"), name=path.name)
