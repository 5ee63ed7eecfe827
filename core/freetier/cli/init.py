"""`freetier init`."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from freetier.cli.first_file import first_file, offered
from freetier.cli.options import JsonOption
from freetier.cli.out import Out
from freetier.cli.running import command
from freetier.display.words import page
from freetier.errors import ConfigError
from freetier.values.providers import Provider
from freetier.values.sheets import Head, Mark, Sheet

File = Annotated[Path, typer.Argument(metavar="[FILE]", help="Where to write it.")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def init(
    file: File = Path("freetier.yaml"), *, force: Force = False, json: JsonOption = False
) -> None:
    """Write a commented freetier.yaml from the keys it finds.

    Providers whose key is not there stand in it as comments, with where to get one. A key
    itself is never written, only the name of its variable. Nothing is sent.
    """
    with command(json=json) as out:
        from freetier import catalog
        from freetier.config import environment

        variables = catalog.key_variables()
        found = keys_found(variables, environment())
        providers = list(catalog.load(catalog.provider_names()).values())
        write(file, first_file(file.name, found, providers, variables), force=force)
        rest = [p for p in offered(providers, found) if variables.get(p.name)]
        _tell(out, file, found, rest)


def keys_found(
    variables: Mapping[str, tuple[str, ...]], environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the variable that holds a key, by provider; empty ones do not count."""
    return {
        provider: next(name for name in names if environ.get(name, "").strip())
        for provider, names in variables.items()
        if any(environ.get(name, "").strip() for name in names)
    }


def write(file: Path, text: str, *, force: bool = False) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Raises:
        ConfigError: The file is there and may not be overwritten, or is a directory.
    """
    if file.is_dir():
        raise ConfigError("is a directory; name a file in it", where=str(file))
    if file.exists() and not force:
        raise ConfigError(
            "it is there already; --force overwrites it, another name leaves it", where=str(file)
        )
    half = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
        half.replace(file)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(file)) from None


def _tell(out: Out, file: Path, found: Mapping[str, str], rest: list[Provider]) -> None:
    title = f"{file} is written, with {len(found)} account{'' if len(found) == 1 else 's'}."
    mine = tuple((Mark(name, "good"), Mark(variable, "dim")) for name, variable in found.items())
    more = tuple((p.name, p.key_env[0], p.key_page or "") for p in rest)
    heads = (Head("account"), Head("variable"))
    sheets = [Sheet(title=title, heads=heads, rows=mine)] if found else [Sheet(title=title)]
    if more:
        lead = "These give something away as well; a key joins when its variable is set:"
        named = (Head("provider"), Head("variable"), Head("key from", fold=True))
        rows = tuple((name, variable, page(address)) for name, variable, address in more)
        sheets.append(Sheet(lead=(lead,), heads=named, rows=rows))
    name = shlex.quote(str(file))
    then = f"Now: freetier check -c {name}, then freetier chat -c {name}"
    other = "" if name == "freetier.yaml" else f"{name} "
    sheets.append(
        Sheet(notes=(then if found else f"Set a key, then: freetier init {other}--force",))
    )
    data = {
        "file": str(file),
        "accounts": dict(found),
        "others": [{"provider": n, "variable": v, "key_page": page} for n, v, page in more],
    }
    out.show(sheets, data)
