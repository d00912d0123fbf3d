"""The credential types as data: from one row of claims to the two bodies that are signed.

Each type is one TOML file beside this one: what it is called, which claims it takes, what is always
shown, what the holder may choose to show, and its two bodies. See ``notation`` for how a body is
written, ``claims`` for what a claim may be.
"""

from credentials.templates.claims import check_claims
from credentials.templates.codes import code_label
from credentials.templates.rendering import render_ld, render_sd
from credentials.templates.template import (
    ItemRule,
    OpenRule,
    SdPath,
    Step,
    Template,
    for_types,
    for_vct,
    load,
    names,
)

__all__ = [
    "ItemRule",
    "OpenRule",
    "SdPath",
    "Step",
    "Template",
    "check_claims",
    "code_label",
    "for_types",
    "for_vct",
    "load",
    "names",
    "render_ld",
    "render_sd",
]
