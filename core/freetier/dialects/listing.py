"""A provider's list of its own models: how to ask for it, and what it says.

The same for every language: lists differ in the members that hold them, and the quirks say
which member of an entry names the model.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from freetier.dialects import jsontext
from freetier.dialects.jsontext import as_count, as_dict, as_text
from freetier.dialects.outgoing import get
from freetier.values.accounts import Candidate
from freetier.values.checkup import Listed
from freetier.values.quirks import Quirks
from freetier.values.wire import HttpRequest

_HOLDERS = ("data", "models", "result")
"""Members that hold the list: OpenAI's, Google's and Cohere's, Cloudflare's."""

_CONTEXTS = ("context_window", "context_length", "max_context_length", "inputTokenLimit")
"""Members that tell a model's context in tokens, where anybody tells it."""

_NEXT = ("nextPageToken", "next_page_token")


def ask_for_models(candidate: Candidate, page: str = "") -> HttpRequest | None:
    """Return the request for a list of models; `None` if the provider has none.

    Args:
        candidate: Whose host and key.
        page: The token of the page before.

    Raises:
        ValueError: The provider has no address, or the key cannot stand in a header.
    """
    quirks = candidate.quirks
    path = quirks.models_path
    if path is None:
        return None
    if page and quirks.models_page:
        path += f"{'&' if '?' in path else '?'}{quirks.models_page}={quote(page, safe='')}"
    return get(candidate, path)


def ask_about_key(candidate: Candidate) -> HttpRequest | None:
    """Return the request that tells whether a key is good; `None` if there is none such.

    Raises:
        ValueError: As `ask_for_models`.
    """
    path = candidate.quirks.key_path
    return None if path is None else get(candidate, path)


def listed(body: bytes, quirks: Quirks) -> tuple[tuple[Listed, ...], str]:
    """Return the models of one page, and the token of the next, empty if there is none.

    Raises:
        ValueError: It is no list of models.
    """
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        raise ValueError(f"the list of models is {error}") from None
    entries = value
    if isinstance(value, dict):
        entries = next(
            (value[name] for name in _HOLDERS if isinstance(value.get(name), list)), None
        )
    if not isinstance(entries, list):
        raise ValueError("the answer holds no list of models")  # noqa: TRY004 - what was read
    found = [_one(as_dict(entry), quirks) for entry in entries]
    token = next(
        (as_text(as_dict(value).get(name)) for name in _NEXT if as_dict(value).get(name)), ""
    )
    return tuple(one for one in found if one is not None), token if quirks.models_page else ""


def _one(entry: dict[str, Any], quirks: Quirks) -> Listed | None:
    name = as_text(entry.get(quirks.models_field)) or as_text(entry.get("id"))
    if not name:
        return None
    sizes = [as_count(entry.get(member)) for member in _CONTEXTS]
    # OpenRouter tells the context of whoever answers first beside that of the model.
    sizes.append(as_count(as_dict(entry.get("top_provider")).get("context_length")))
    told = [size for size in sizes if size]
    return Listed(id=name.removeprefix("models/"), context=min(told, default=None))
