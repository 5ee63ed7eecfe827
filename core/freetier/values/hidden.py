"""What is secret is kept out of words: all of it, a part, and as a URL or a page quotes it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from string import ascii_lowercase, ascii_uppercase
from urllib.parse import quote

from freetier.values.accounts import Account

MARK = "***"

PART = 12
"""So many letters of a secret in a row are hidden wherever they stand, in capitals or not."""

_SHORTEST = 4  # what is shorter is no key, and hiding it would garble the words
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


def secrets_of(account: Account) -> list[str]:
    """Return what goes out with an account's requests and must not come back in words."""
    return [account.secret.reveal(), *(value for _, value in account.headers)]


def hidden(text: str, secrets: Iterable[str]) -> str:
    """Return a text without what is known to be secret and may have been echoed."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, MARK)
        if len(secret) >= PART:
            forms = (secret, quote(secret, safe=""), html.escape(secret))
            text = "".join(_without_parts(text, [form.translate(_SMALL) for form in forms]))
    return text


def _without_parts(text: str, forms: list[str]) -> Iterator[str]:
    """Yield what of a text shares no long part with a secret's forms, and marks for the rest."""
    parts = {form[n : n + PART] for form in forms for n in range(len(form) - PART + 1)}
    small = text.translate(_SMALL)
    told = 0  # as far as the text is yielded or hidden
    for n in range(len(text) - PART + 1):
        if small[n : n + PART] in parts:
            if n > told or not told:
                yield text[told:n]
                yield MARK
            told = n + PART
    yield text[told:]
