"""The text of a first `freetier.yaml`: accounts of the keys that are there, the others as comments.

A key never stands in it, only the name of its variable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from textwrap import wrap

from freetier.values.providers import Provider

COMMENT = 92
HEAD = """\
# freetier.yaml: which accounts there are, and how to use them.
#
#   freetier status -c {name}     what is left of each account's quota
#   freetier ask -c {name} "Hello"
#   Router.from_file("{name}")    in Python; or name the file in FREETIER_CONFIG
#
# Keys stay in the environment: ${{NAME}} stands for the variable NAME.
"""
TAIL = """
# Names of your own. Shipped are best, best-xl, best-large, best-medium, best-small, fast,
# reasoning, vision, tools and long.
# models:
#   - alias: quick
#     models:
#       - { provider: groq, model: gpt-oss-20b }
#       - { provider: openrouter, model: gpt-oss-20b }
# default_model: best

# Where the quota is counted. Processes know of each other only if they share it:
# sqlite:///quota.db, redis://host:6379/0 or postgresql://user@host/database
store: memory

# free-first, priority, declared, least-used, round-robin, weighted, least-busy, fastest,
# cost-first or harvest
strategy: free-first

# Money is spent only if this is true and the account says `paid_enabled: true`.
allow_paid: false

# False leaves out providers that may train on what you send.
allow_training: true

# Whether pictures, sound and files that a request names by address are got from there for
# providers that take their content only; never from private networks.
fetch_media: false

# Seconds to wait for quota to come back; 0 never waits.
max_wait: 61
"""
OWN = """
  # Any OpenAI-compatible server of your own:
  # - provider: mine
  #   base_url: http://127.0.0.1:8080/v1
  #   models: [my-model]
  #   limits: { rpm: 30, tpd: 500000 }
"""
FREE = {"free": 0, "keyless": 0, "free_uncertain": 1, "trial_credit": 1}
"""Which providers are offered to somebody without their key, and in which order."""

STATUS = {
    "free": "a free tier",
    "keyless": "usable without a key",
    "free_uncertain": "said to have a free tier",
    "trial_credit": "trial or monthly credit",
}


def first_file(
    name: str,
    found: Mapping[str, str],
    providers: Iterable[Provider],
    variables: Mapping[str, tuple[str, ...]],
) -> str:
    """Return the text of the file.

    Args:
        name: Of the file, for the comments.
        found: The variable that holds a key, by provider.
        providers: All that may be offered.
        variables: The names that a provider's key may have.
    """
    providers = list(providers)
    mine = [p for p in providers if p.name in found]
    rest = offered(providers, found)
    lines = [HEAD.format(name=name), "accounts:" if mine else "accounts: []"]
    for provider in mine:
        lines += _about(provider, "  # ")
        lines.append(f"  - provider: {provider.name}")
        lines += [f"    {line}" for line in _key(found[provider.name])]
    if mine:
        lines.append(OWN.rstrip("\n"))
    lines += ["", *_others(rest, variables, first=not mine)]
    return "\n".join(lines) + "\n" + TAIL


def offered(providers: Iterable[Provider], found: Collection[str]) -> list[Provider]:
    """Return the providers that give something away and whose key is not there, best first."""
    free = [p for p in providers if p.status in FREE and p.name not in found]
    return sorted(free, key=lambda p: FREE[p.status])


def _others(
    rest: list[Provider], variables: Mapping[str, tuple[str, ...]], *, first: bool
) -> Iterator[str]:
    if not rest:
        return
    yield "  # Others that give something away. Get a key, set its variable, take out the marks" + (
        "," if first else "."
    )
    if first:
        yield "  # and write `accounts:` instead of `accounts: []` above."
    for provider in rest:
        names = variables.get(provider.name, ())
        if not names and not provider.keyless:
            continue
        yield "  #"
        yield from _about(provider, "  # # ")
        yield f"  # - provider: {provider.name}"
        if names and not provider.keyless:
            yield from (f"  #   {line}" for line in _key(names[0]))


def _key(variable: str) -> list[str]:
    return [f'auth: {{ api_key: "${{{variable}}}" }}']


def _about(provider: Provider, mark: str) -> Iterator[str]:
    where = f" Keys: {provider.key_page}" if provider.key_page else ""
    dated = f" (as of {provider.as_of})" if provider.as_of else ""
    status = STATUS.get(provider.status, provider.status.replace("_", " "))
    said = f"{provider.title}: {status}{dated}. {provider.note}".strip()
    yield from (mark + line for line in wrap(said, COMMENT - len(mark)))
    if where:
        yield mark + where.strip()
    if provider.several_accounts.startswith("forbidden"):
        yield mark + "Its terms forbid several accounts of one person."
    if provider.trains:
        yield mark + "It may train on what you send for nothing."
