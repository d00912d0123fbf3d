"""JSON pointers (RFC 6901), read strictly: what a pointer names is what will be shown, nothing else."""

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from boundary import limits
from boundary.strict_json import Json, JsonValue
from problems import LimitError, ProofGenerationError
from proofs.suite import Pointer

Paths: TypeAlias = tuple[str, ...]

_POINTER: Final = re.compile(r"(/([^/~]|~[01])*)+")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")
_SHOWN: Final = 80


def parse_pointers(pointers: Sequence[Pointer]) -> tuple[Paths, ...]:
    """Return the paths of each pointer; raise LimitError, or ProofGenerationError for a bad one."""
    if len(pointers) > limits.POINTERS:
        raise LimitError("pointer.too_many", limit=limits.POINTERS)
    return tuple(json_pointer_to_paths(pointer) for pointer in pointers)


def json_pointer_to_paths(pointer: Pointer) -> Paths:
    """jsonPointerToPaths (vc-di-ecdsa §3.4.10).

    The empty pointer, which names the whole document, is refused: where someone chooses what to show
    it is a slip of the hand that would show everything.
    """
    if not _POINTER.fullmatch(pointer):
        raise ProofGenerationError("pointer.syntax", pointer=pointer[:_SHOWN])
    return tuple(_unescaped(token) for token in pointer[1:].split("/"))


def value_at(document: Json, paths: Paths) -> JsonValue:
    """Return what the paths lead to; raise ProofGenerationError when there is nothing."""
    value: JsonValue = document
    for path in paths:
        if isinstance(value, dict) and path in value:
            value = value[path]
        elif isinstance(value, list) and _INDEX.fullmatch(path) and int(path) < len(value):
            value = value[int(path)]
        else:
            raise ProofGenerationError("pointer.nothing_there", pointer=_written(paths)[:_SHOWN])
    return value


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def _written(paths: Paths) -> Pointer:
    return "".join("/" + path.replace("~", "~0").replace("/", "~1") for path in paths)
