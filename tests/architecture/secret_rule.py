"""The secret rule: a field that may hold a key never shows in a `repr`.

A field whose name suggests a secret and whose type may hold text is of a secret type
(`Secret`, `SecretStr`) or declared with `repr=False`. The classes that print all their
fields are dataclasses, named tuples, pydantic models and what derives from those.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.architecture.sources import Module, modules

SUGGESTIVE = frozenset(
    {"key", "keys", "secret", "secrets", "token", "password", "credential", "credentials"}
    | {"authorization", "auth", "bearer", "cookie", "cookies", "headers"}
)
PRINTING_BASES = frozenset(
    {"BaseModel", "NamedTuple", "BaseChatModel", "CustomLLM", "FunctionCallingLLM"}
    | {"BaseEmbedding"}
)
MONEY = frozenset({"cost", "price"})  # `cost_per_input_token`
HOLDS_NO_TEXT = frozenset({"int", "float", "bool", "None", "Decimal", "Callable"})

# `Class.field` -> what it holds instead of a secret.
HARMLESS: Mapping[str, str] = {
    "Account.secret_env": "the name of an environment variable",
    "AccountCheck.key": "whether it is good",
    "BlockState.key": "where the store keeps a block",
    "Block.key": "where the store keeps a block",
    "Candidate.key": "a candidate's name: account and model",
    "Answering.headers": "what the fake fleet answers",
    "Charge.key": "where the store counts",
    "ErrorBody.headers": "what the fake fleet answers",
    "ErrorForm.headers": "what the fake fleet answers",
    "Forget.keys": "where the store counts",
    "Gain.key_page": "where to get a key",
    "Index.keys": "names of environment variables",
    "Lease.key": "where the store keeps a lease",
    "Line.told_key": "where the store keeps a told limit",
    "Provider.headers": "what the names of response headers mean",
    "Provider.key_env": "names of environment variables",
    "Provider.key_page": "where to get a key",
    "ProviderRow.headers": "what the names of response headers mean",
    "ProviderRow.key_env": "names of environment variables",
    "ProviderRow.key_page": "where to get a key",
    "Quirks.auth_header": "the name of the header that carries the key",
    "Quirks.auth_scheme": "the word before the key",
    "Quirks.key_path": "what is asked whether a key is good",
    "Release.key": "where the store keeps a lease",
    "Reply.headers": "what the fake fleet answers",
    "Leave.key": "where the store keeps a block",
    "Row.key": "where the store counts",
    "Source.key": "a candidate's name: account and model",
    "Status.headers": "what the fake fleet answers",
    "Strike.key": "where the store counts faults",
    "Tally.key": "where the store counts",
    "Unused.key_page": "where to get a key",
}


def shown_secrets(root: Path, harmless: Mapping[str, str] = HARMLESS) -> list[str]:
    """Find fields that would print a secret, and exceptions nobody needs."""
    found = dict(_shown(list(modules(root))))
    shown = [complaint for field, complaint in found.items() if field not in harmless]
    stale = [f"{field}: an exception it does not need" for field in harmless if field not in found]
    return [*shown, *stale]


def _shown(found: Iterable[Module]) -> Iterator[tuple[str, str]]:
    classes = [
        (module, node)
        for module in found
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    ]
    printing = _printing([node for _, node in classes])
    for module, owner in classes:
        for node in owner.body if owner.name in printing else ():
            if isinstance(node, ast.AnnAssign) and _shows_secret(node):
                field = f"{owner.name}.{ast.unparse(node.target)}"
                yield field, module.at(node, f"{field} shows in repr")


def _printing(classes: list[ast.ClassDef]) -> frozenset[str]:
    """Return the names of classes that print their fields, with all that derive from them."""
    names = frozenset(node.name for node in classes if _is_dataclass(node)) | PRINTING_BASES
    while heirs := {
        node.name for node in classes if node.name not in names and names & _base_names(node)
    }:
        names |= heirs
    return names


def _is_dataclass(node: ast.ClassDef) -> bool:
    return any(
        "dataclass" in ast.unparse(decorator) and not _hides(decorator)
        for decorator in node.decorator_list
    )


def _base_names(node: ast.ClassDef) -> frozenset[str]:
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return frozenset(ast.unparse(base).rpartition(".")[2] for base in bases)


def _shows_secret(node: ast.AnnAssign) -> bool:
    words = frozenset(ast.unparse(node.target).lower().split("_"))
    types = {part.id for part in ast.walk(node.annotation) if isinstance(part, ast.Name)}
    return (
        bool(words & SUGGESTIVE)
        and not words & MONEY
        and not types <= HOLDS_NO_TEXT
        and not any("Secret" in name for name in types)
        and not _hides(node)
    )


def _hides(node: ast.AST) -> bool:
    """Tell whether `repr=False` is written somewhere in it."""
    return any(
        isinstance(part, ast.keyword)
        and part.arg == "repr"
        and isinstance(part.value, ast.Constant)
        and part.value.value is False
        for part in ast.walk(node)
    )
