"""Three ways to one `Setup`; precedence: argument, file, environment, catalog."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from freetier.config.known import Providers
from freetier.config.outcome import setup_of
from freetier.config.sources import Sources
from freetier.config.variables import found_accounts

if TYPE_CHECKING:
    import os

    from freetier.config.port import Catalog
    from freetier.values.setup import Setup

FILE_VARIABLE = "FREETIER_CONFIG"


def load_env(
    environ: Mapping[str, str],
    *,
    arguments: Mapping[str, Any] | None = None,
    catalog: Catalog | None = None,
    dialects: Collection[str] | None = None,
    embedders: Collection[str] = (),
) -> Setup:
    """Return the configuration that the environment holds.

    Every provider of the catalog whose key variable is set joins with one account, and the
    shipped aliases are there. If `FREETIER_CONFIG` names a file, that file is read instead.

    Args:
        environ: The variables; see `environment`.
        arguments: Fields that win over the file's.
        catalog: Stands in for the shipped one.
        dialects: Names of the wire languages that can be spoken; `None` means all.
        embedders: Models that functions of the user's own stand for.

    Raises:
        ConfigError: No key is there, or the file cannot be used.
    """
    said: Any = {"catalog": catalog, "dialects": dialects, "embedders": embedders}
    path = environ.get(FILE_VARIABLE, "").strip()
    if path:
        return load_file(path, environ, arguments=arguments, **said)
    if arguments:
        return load_mapping(arguments, environ, **said)
    sources = Sources(environ=environ, **{**said, "catalog": _chosen(catalog)})
    providers = Providers(sources.catalog, dialects)
    joined, warnings = found_accounts(sources, providers)
    aliases = {alias.name: alias for alias in sources.catalog.shipped_aliases()}
    return setup_of(joined, aliases, {}, warnings, "environment")


def load_file(
    path: str | os.PathLike[str],
    environ: Mapping[str, str],
    *,
    arguments: Mapping[str, Any] | None = None,
    catalog: Catalog | None = None,
    dialects: Collection[str] | None = None,
    embedders: Collection[str] = (),
) -> Setup:
    """Return the configuration of a YAML or JSON file.

    Args:
        path: In our own shape or in that of either earlier system; at most 1 MiB.
        environ: Variables for `${NAME}`, and for keys that the file leaves out.
        arguments: Fields that win over the file's.
        catalog: Stands in for the shipped one.
        dialects: Names of the wire languages that can be spoken; `None` means all.
        embedders: Models that functions of the user's own stand for.

    Raises:
        ConfigError: The first thing that is wrong: file, key path, nearest right name.
    """
    from freetier.config.assembly import assemble  # noqa: PLC0415 - loads pydantic
    from freetier.config.hiding import Hiding  # noqa: PLC0415
    from freetier.config.layers import read_layer  # noqa: PLC0415
    from freetier.config.reading import home_path, read_tree  # noqa: PLC0415

    file = home_path(path)
    tree = read_tree(file)
    sources = Sources(
        environ=environ,
        catalog=_chosen(catalog),
        dialects=dialects,
        file=file,
        embedders=embedders,
    )
    with Hiding((arguments, tree), environ) as hiding:
        layers = [read_layer(arguments, "arguments", environ)] if arguments else []
        layers.append(read_layer(tree, str(file), environ))
        return hiding.setup(assemble(layers, sources, str(file)))


def load_mapping(  # noqa: PLR0913 - each says one thing
    mapping: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    where: str = "arguments",
    arguments: Mapping[str, Any] | None = None,
    catalog: Catalog | None = None,
    dialects: Collection[str] | None = None,
    embedders: Collection[str] = (),
) -> Setup:
    """Return the configuration that a mapping with the fields of a file holds.

    Args:
        mapping: As a file would say it.
        environ: Variables for `${NAME}`, and for keys that the mapping leaves out.
        where: What errors call the mapping.
        arguments: Fields that win over the mapping's.
        catalog: Stands in for the shipped one.
        dialects: Names of the wire languages that can be spoken; `None` means all.
        embedders: Models that functions of the user's own stand for.

    Raises:
        ConfigError: The first thing that is wrong: key path, nearest right name.
    """
    from freetier.config.assembly import assemble  # noqa: PLC0415 - loads pydantic
    from freetier.config.hiding import Hiding  # noqa: PLC0415
    from freetier.config.layers import read_layer  # noqa: PLC0415

    sources = Sources(
        environ=environ, catalog=_chosen(catalog), dialects=dialects, embedders=embedders
    )
    with Hiding((arguments, mapping), environ) as hiding:
        layers = [read_layer(arguments, "arguments", environ)] if arguments else []
        layers.append(read_layer(mapping, where, environ))
        return hiding.setup(assemble(layers, sources, where))


def _chosen(catalog: Catalog | None) -> Catalog:
    if catalog is not None:
        return catalog
    from freetier import catalog as shipped  # noqa: PLC0415 - not wanted with another catalog

    return shipped
