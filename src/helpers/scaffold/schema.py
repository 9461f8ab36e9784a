"""The JSON schema of params files, for completion and checks in editors."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from helpers.model.fitted import NULLS
from helpers.params.column_types import KEYS, TYPES
from helpers.params.declarations import Declaration
from helpers.pipeline.checking import LIMITS
from helpers.pipeline.stages import GIVEN_BY_RUN, all_declarations, stages
from helpers.preparation.profiling import TREATMENTS


def params_schema(
    declarations: Mapping[str, Declaration], *, given_by_run: Sequence[str] = ()
) -> dict[str, Any]:
    """
    JSON schema of a params file, for completion and checks in editors.

    Parameters
    ----------
    declarations : mapping of str to Declaration
        Those of all notebooks together.
    given_by_run : sequence of str
        Parameters that the command line sets, which do not belong in the file.

    Returns
    -------
    dict
        Draft 2020-12, ready for JSON.
    """
    known = _known_schemas()
    properties = {}
    for name, declared in sorted(declarations.items()):
        if name in given_by_run:
            continue
        types: list[str] = [JSON_TYPES[one] for one in declared.types]
        schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
        schema |= known.get(name, {})
        properties[name] = {"description": declared.help} | schema | {"default": declared.default}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Params file of a segmentation",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


SCHEMA = "params/schema.json"
"""Where the schema stands, from the top of the checkout."""


def schema_text() -> str:
    """Text of the JSON schema of the notebooks as they are."""
    found = params_schema(all_declarations(stages()), given_by_run=GIVEN_BY_RUN)
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


JSON_TYPES = {
    "int": "integer",
    "float": "number",
    "str": "string",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
NAMES = {"items": {"type": "string"}}
QUANTILE = {"type": "number", "minimum": 0, "maximum": 1}


def _known_schemas() -> dict[str, dict[str, Any]]:
    """What is known of single parameters beyond their type."""
    column = {
        "type": "object",
        "required": ["type"],
        "additionalProperties": False,
        "properties": {
            **{key: {} for key in KEYS},
            "type": {"enum": list(TYPES)},
            "min": {"type": "number"},
            "max": {"type": "number"},
            "required": {"type": "boolean"},
            "format": {"type": "string"},
            "read_as": {"type": "string"},
            "values": {"type": "array"},
            "null_values": {"type": "array"},
            "true": {"type": ["string", "boolean", "number"]},
            "false": {"type": ["string", "boolean", "number"]},
        },
    }
    step = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}
    treatments = {name: {"enum": list(values)} for name, values in TREATMENTS.items()}
    return {
        **treatments,
        **{name: {"minimum": low, "maximum": high} for name, (low, high) in LIMITS.items()},
        "nulls": {"enum": list(NULLS)},
        "engine": {"enum": ["local", "spark"]},
        "spark_starts": {"enum": ["search", "k-means||"]},
        "columns": {"additionalProperties": {"anyOf": [{"enum": list(TYPES)}, column]}},
        "sql_steps": {"items": step | {"minProperties": 1, "maxProperties": 1}},
        "k": {"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 2}]},
        "as_of": {"format": "date"},
        "clip_quantiles": {"items": QUANTILE, "maxItems": 2},
        "fence_quantiles": {"items": QUANTILE, "minItems": 2, "maxItems": 2},
        **dict.fromkeys(
            ("null_values", "features", "outcomes", "histograms", "correlation_columns"), NAMES
        ),
        **dict.fromkeys(("channels", "category_columns", "spend_columns"), NAMES),
        "names": {"additionalProperties": {"type": "string"}},
        "units": {"additionalProperties": {"type": "string"}},
    }
