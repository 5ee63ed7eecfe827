"""The import rule: arrows point inwards, and what decides never acts.

Imports under `TYPE_CHECKING` count like all others, because a layer that knows a name
knows its meaning. A module that no layer holds is a finding: whoever adds a layer says
here what it may know.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import Module, modules

# No clock, no chance, no world: what decides is told of them as values.
WORLDLY = frozenset(
    {"time", "random", "os", "io", "socket", "ssl", "threading", "asyncio", "anyio"}
    | {"logging", "sqlite3", "secrets", "uuid", "subprocess"}
)
WORLDLY_CALLS = frozenset({"open", "print"})
CLOCK_CALLS = frozenset({"now", "utcnow", "today"})

# Loaded when used: nobody pays for a database, a server or a terminal he did not ask for.
LAZY = (
    "freetier.stores.sqlite",
    "freetier.stores.redis",
    "freetier.stores.postgres",
    "freetier.testing",
    "freetier.display",
    "freetier.observe",
    "freetier.plots",
    "freetier.cli",
    "freetier.demo",
    "freetier.local",
    "freetier.__main__",
)

ADAPTERS = ("freetier_langchain", "freetier_llamaindex")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer may import.

    Attributes:
        ours: Our own modules by prefix, besides the layer's own.
        outside: Top-level names besides the standard library.
        never: Names of the standard library that are forbidden.
        acts: Whether it may call what reaches the world: `open`, `print`, a clock.
    """

    ours: tuple[str, ...] = ()
    outside: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    acts: bool = True


def _pure(ours: str = "") -> Layer:
    return Layer(_ours(ours), never=WORLDLY, acts=False)


def _layer(ours: str = "", outside: str = "", *, never: str = "") -> Layer:
    return Layer(_ours(ours), frozenset(outside.split()), frozenset(never.split()))


def _ours(names: str) -> tuple[str, ...]:
    return tuple(f"freetier.{name}" for name in names.split())


EVERYTHING = ("freetier",)

# A module belongs to the layer with the longest prefix that fits its name.
LAYERS = {
    # A value that prints well asks `display` how, in the moment somebody looks.
    "freetier.values": _pure("display"),
    "freetier.windows": _pure("values"),
    "freetier.routing": _pure("values windows errors"),
    "freetier.planning": _pure("values"),
    # A dialect fits the port that the flow has for it, says who it is to the provider, and
    # reads JSON with the `fast` extra's reader when that is there.
    "freetier.dialects": Layer(
        _ours("values routing.ports _version"), frozenset({"orjson"}), WORLDLY, acts=False
    ),
    "freetier.shapes": _pure("values errors"),
    "freetier.errors": _pure("values"),
    "freetier._version": _pure(),
    "freetier.clock": _layer(),
    "freetier.hooks": _layer("values"),
    "freetier.history": _layer("values display"),
    "freetier.catalog": _layer("values errors", "pydantic pydantic_core yaml", never="os"),
    "freetier.config": _layer("values errors catalog", "pydantic pydantic_core yaml"),
    # A store takes instants from its clock or its server, and raises `StoreUnavailable`.
    "freetier.stores": _layer("values windows clock errors"),
    "freetier.stores.redis": _layer("values windows clock errors stores", "redis"),
    "freetier.stores.postgres": _layer(
        "values windows clock errors stores", "psycopg psycopg_pool"
    ),
    # A driver knows the protocol of the stores, not the stores.
    # It tells listeners, whose protocol is `hooks`.
    "freetier.drivers": _layer("values routing.effects stores.base clock errors hooks"),
    # A package, because it now keeps its own connections (`httpcore` walks all of a pool's for
    # every request); what it imports from outside reads HTTP, and knows certificates and proxies.
    "freetier.drivers.http": _layer("values clock errors drivers", "h11 httptools httpx httpcore"),
    # Looks are made of values; the reader's time zone is the machine's.
    "freetier.display": _layer("values history"),
    "freetier.display.terminal": _layer("values display", "rich"),
    # Pictures are made of what a router or a simulation tells.
    "freetier.plots": _layer("values history display overview testing.simulation", "matplotlib"),
    # What watches a router speaks to the SDK it is named after, and to nothing else.
    "freetier.observe": _layer("values hooks overview"),
    "freetier.observe.otel": _layer("values hooks overview observe", "opentelemetry"),
    "freetier.observe.prometheus": _layer("values hooks overview observe", "prometheus_client"),
    # Media go over connections of their own, whose hosts are judged as they are connected to.
    "freetier.drivers.fetch": _layer("values routing.effects drivers _version", "httpcore httpx"),
    # The fleet keeps its own books: it shares the wire with the router and nothing else.
    "freetier.testing": _layer("values.wire clock", "aiohttp"),
    # Runs the router against the fleet, so it knows both; nothing of the fleet knows it.
    "freetier.testing.simulation": Layer(EVERYTHING, frozenset({"pydantic", "matplotlib"})),
    # What a router is made of.
    "freetier.overrides": _pure("values errors"),
    # What a router is made of before it is asked, and what stands for the rest until then.
    "freetier.late": _layer(),
    "freetier.parts": _layer("values clock hooks stores routing.ports"),
    "freetier.saying": _layer(),
    "freetier.batches": Layer(EVERYTHING),
    "freetier.recipes": _layer("values errors config dialects engine"),
    "freetier.engine": Layer(EVERYTHING),
    "freetier.runs": _layer("values drivers routing"),
    "freetier.streams": _layer("values drivers errors"),
    "freetier.embedding": Layer(EVERYTHING),
    "freetier.embedders": _layer("values errors drivers routing.effects"),
    "freetier.status": Layer(EVERYTHING),
    # What a router tells of itself, beside the router as the embeddings are.
    "freetier.overview": Layer(EVERYTHING),
    "freetier.checkup": Layer(EVERYTHING),
    "freetier.compared": Layer(EVERYTHING),
    "freetier.foresight": Layer(EVERYTHING),
    # Restores answers from a file, and shows a bar if there is one.
    "freetier.jobs": Layer(EVERYTHING, frozenset({"pydantic", "tqdm"})),
    "freetier.discreet": _layer("errors"),
    "freetier.shared": _layer("router config"),
    # What the models of both adapters have in common; loaded by them alone.
    "freetier.fields": _layer("values router", "pydantic"),
    "freetier.shapes.chat": _layer("values errors shapes overrides streams router"),
    "freetier.router": Layer(EVERYTHING),
    "freetier.cli": Layer(EVERYTHING, frozenset({"typer", "rich", "pydantic_core"})),
    "freetier.demo": Layer(
        (*EVERYTHING, *ADAPTERS), frozenset({"langchain_core", "llama_index", "rich"})
    ),
    "freetier.local": Layer(EVERYTHING, frozenset({"xllamacpp", "onnxruntime", "numpy", "yaml"})),
    "freetier.__main__": _layer("cli"),
    "freetier": Layer(EVERYTHING),
    # An adapter sees what every user sees: the public names, the errors and the nouns, of
    # which there are too many for the top level, and what adapters have in common.
    "freetier_langchain": Layer(
        EVERYTHING,
        # LangChain's own retries, and bars for those who have what draws them.
        frozenset({"langchain_core", "pydantic", "tenacity", "tqdm", "rich"}),
    ),
    "freetier_llamaindex": Layer(EVERYTHING, frozenset({"llama_index", "pydantic"})),
}
PUBLIC_MODULES = ("freetier.values", "freetier.errors", "freetier.fields")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name, the node for its place, and whether loading the module runs it."""

    name: str
    node: ast.AST
    at_load: bool


def broken_imports(root: Path) -> list[str]:
    """Find everything below a root that the table of layers does not allow."""
    found = list(modules(root))
    public = public_names(found)
    return [complaint for module in found for complaint in _complaints(module, public)]


def public_names(found: Collection[Module]) -> frozenset[str]:
    """Return `__all__` of the core package, or nothing if there is none yet."""
    assignments = (
        node
        for module in found
        if module.name == "freetier"
        for node in module.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
    )
    for node in assignments:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return frozenset(ast.literal_eval(node.value))  # type: ignore[arg-type]
    return frozenset()


def imports(module: Module) -> Iterator[Import]:
    """Yield every name a module imports, also those named as text in `import_module`."""
    yield from _imports(module.tree, at_load=True)


def _imports(node: ast.AST, *, at_load: bool) -> Iterator[Import]:
    for name in _names(node):
        yield Import(name, node, at_load)
    deferred = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, at_load=at_load and not deferred and not typing_only)


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom():
            origin = "." * node.level + (node.module or "")
            return [f"{origin}.{alias.name}" for alias in node.names]
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return [name]
    return []


def _complaints(module: Module, public: frozenset[str]) -> Iterator[str]:
    home = _home(module.name)
    if home is None:
        yield f"{module.place}:1: no layer of the import rule holds {module.name}"
        return
    layer = LAYERS[home]
    for found in imports(module):
        if fault := _fault(home, layer, found, public):
            yield module.at(found.node, f"{home} {fault}")
    if not layer.acts:
        yield from _acts(module, home)


def _home(name: str) -> str | None:
    if name in LAYERS:
        return name
    fitting = [home for home in LAYERS if home != "freetier" and _within(name, home)]
    return max(fitting, key=len, default=None)


def _within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}.")


def _fault(home: str, layer: Layer, found: Import, public: frozenset[str]) -> str:
    name, package = found.name, found.name.partition(".")[0]
    if package in {"", "freetier", *ADAPTERS}:
        return _fault_within(home, layer, found, public)
    if package in sys.stdlib_module_names | {"_typeshed"}:
        return f"may not know {package}" if package in layer.never else ""
    return "" if package in layer.outside else f"may not import {name}"


def _fault_within(home: str, layer: Layer, found: Import, public: frozenset[str]) -> str:
    name = found.name
    if name.startswith("."):
        return f"imports relatively: {name}"
    if not any(_within(name, prefix) for prefix in (home, *layer.ours)):
        return f"may not import {name}"
    if home in ADAPTERS and not _within(name, home) and not _is_public(name, public):
        return f"imports {name}, which is no public name of freetier"
    if found.at_load and _is_lazy(name) and not _is_lazy(home):
        return f"loads {name} before it is used"
    return ""


def _is_lazy(name: str) -> bool:
    return any(_within(name, prefix) for prefix in LAZY)


def _is_public(name: str, public: frozenset[str]) -> bool:
    if name.removeprefix("freetier").removeprefix(".") in {"", *public}:
        return True
    is_private = any(part.startswith("_") for part in name.split("."))
    return not is_private and any(_within(name, module) for module in PUBLIC_MODULES)


def _acts(module: Module, home: str) -> Iterator[str]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in WORLDLY_CALLS:
                yield module.at(node, f"{home} calls {name}")
            case ast.Call(func=ast.Attribute(value=owner, attr=name)) if (
                name in CLOCK_CALLS and "date" in ast.unparse(owner)
            ):
                yield module.at(node, f"{home} asks the clock: {name}")
