"""Rows of a file, as `freetier map` reads and writes them: JSONL, CSV, or lines of text."""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import IO, Any, Self

from freetier.errors import ConfigError

Row = dict[str, Any]

SHAPES = (".jsonl", ".csv", ".txt")
USUAL = ("prompt", "text", "question", "input")
"""Columns that are taken for the prompt where nobody names one."""

LINE = "text"
"""The column of a file that has only lines."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
"""What makes a spreadsheet take a cell for a formula; the last four are the wide forms."""


def shape_of(path: Path) -> str:
    """Return how a file is written, by the end of its name.

    Raises:
        ConfigError: It is none of ours.
    """
    shape = {".ndjson": ".jsonl"}.get(path.suffix.lower(), path.suffix.lower())
    if shape not in SHAPES:
        known = ", ".join(SHAPES)
        raise ConfigError(
            f"cannot tell its format; the name should end in {known}", where=str(path)
        )
    return shape


def read(path: Path) -> Iterator[Row]:
    """Yield the rows of a file, one after another.

    Raises:
        ConfigError: A line cannot be read; its number is named.
        OSError: The file cannot be opened.
    """
    shape = shape_of(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            if shape == ".csv":
                yield from csv.DictReader(file)
            elif shape == ".txt":
                yield from ({LINE: line.rstrip("\r\n")} for line in file if line.strip())
            else:
                yield from _objects(file, path)
        except UnicodeDecodeError as error:
            raise ConfigError(f"is not UTF-8: {error.reason}", where=str(path)) from None
        except csv.Error as error:
            raise ConfigError(f"is no CSV: {error}", where=str(path)) from None


def _objects(file: Iterable[str], path: Path) -> Iterator[Row]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ConfigError(f"line {number} is no JSON: {error}", where=str(path)) from None
        except RecursionError:
            raise ConfigError(f"line {number} is too deep", where=str(path)) from None
        if isinstance(row, str):
            row = {LINE: row}
        if not isinstance(row, dict):
            raise ConfigError(f"line {number} is neither an object nor a text", where=str(path))
        yield row


def prompt_of(row: Mapping[str, Any], column: str | None, template: str | None) -> Any:  # noqa: ANN401
    """Return what is asked for a row.

    Args:
        row: Of the file.
        column: The column that holds the prompt.
        template: The prompt with columns in braces: `Translate: {text}`.

    Raises:
        ConfigError: The row has no such column, or nothing says which one it is.
    """
    if template is not None:
        return _filled(template, row)
    if column is not None:
        if column not in row:
            raise _missing(column, row)
        return row[column]
    if "messages" in row:
        return row["messages"]
    if len(row) == 1:
        return next(iter(row.values()))
    for name in USUAL:
        if name in row:
            return row[name]
    raise ConfigError(
        f"say which column holds the prompt with --column, or write --prompt; there are "
        f"{', '.join(map(str, row))}"
    )


def _filled(template: str, row: Mapping[str, Any]) -> str:
    """Fill columns into a template; nothing but a column's name may stand in its braces."""
    parts = []
    try:
        for literal, name, spec, conversion in Formatter().parse(template):
            parts.append(literal)
            if name is None:
                continue
            if spec or conversion or name not in row:
                raise _missing(name, row)
            value = row[name]
            parts.append(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    except ValueError as error:
        raise ConfigError(
            f"cannot be read: {error}; write {{{{ for a brace", where="--prompt"
        ) from None
    return "".join(parts)


def _missing(column: str, row: Mapping[str, Any]) -> ConfigError:
    return ConfigError(f"there is no column {column!r}; there are {', '.join(map(str, row))}")


class Written:
    """A file that is whole or not there: rows go beside it, and take its place at the end.

    Args:
        path: The file.
        added: Columns that every row has beside its own.
    """

    def __init__(self, path: Path, added: tuple[str, ...]) -> None:
        self._path = path
        self._beside = path.with_name(f"{path.name}.part")
        self._shape = shape_of(path)
        self._added = added
        self._file: IO[str] = self._beside.open("w", encoding="utf-8", newline="")
        self._csv: csv.DictWriter[str] | None = None

    def write(self, row: Mapping[str, Any]) -> None:
        """Write one row."""
        if self._shape == ".jsonl":
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        elif self._shape == ".txt":
            self._file.write(" ".join(str(row["answer"] or "").splitlines()) + "\n")
        else:
            self._comma_separated(row)

    def _comma_separated(self, row: Mapping[str, Any]) -> None:
        if self._csv is None:
            self._csv = csv.DictWriter(self._file, list(row), extrasaction="ignore")
            self._csv.writeheader()
        told = {name: _harmless(row[name]) for name in self._added if name in row}
        self._csv.writerow({**row, **told})

    def finish(self) -> None:
        """Put the file in its place."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._beside.replace(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            self._beside.unlink()


def _harmless(cell: Any) -> Any:  # noqa: ANN401 - whatever a cell holds
    """Return a cell that no spreadsheet takes for a formula: a model may write anything."""
    if not isinstance(cell, str) or not cell.startswith(FORMULA):
        return cell
    with contextlib.suppress(ValueError):
        float(cell)
        return cell
    return f"'{cell}"
