"""One target in a process of its own, guided by the branches it reaches.

    python -m tests.fuzz.child TARGET INPUTS CORPUS

The corpus grows in its folder. The first input that breaks a promise ends the process, with
the input and the traceback printed.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(
    include=["freetier.dialects", "freetier.config", "freetier.catalog", "freetier.shapes"],
):
    from tests.fuzz.mutation import mutated
    from tests.fuzz.targets import targets

TOKENS = (
    b'{"', b'":', b"}", b"[", b"]", b'"choices"', b'"delta"', b'"content"', b'"error"',
    b'"message"', b'"code"', b'"usage"', b'"tool_calls"', b'"function"', b'"arguments"',
    b'"candidates"', b'"parts"', b'"text"', b'"finish_reason"', b"data: ", b"event: ", b"\n\n",
    b"\r\n", b"[DONE]", b"null", b"1e999", b"-1", b"true", b"\\ud800", b"accounts", b"provider",
    b"limits", b"models", b"${", b"&a", b"*a", b"!!", b"<<", b"rpm", b"alias",
)  # fmt: skip
"""Words that no chance would find in time."""


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """Change a value of an input that is JSON in every other turn; else some of its bytes."""
    made = mutated(data, seed) if seed % 2 else None
    if made is None or len(made) > most:
        return atheris.Mutate(data, most)  # type: ignore[no-any-return]
    return made


def main() -> None:
    """Fuzz one target for so many inputs."""
    name, inputs, corpus = sys.argv[1:4]
    target = targets()[name]
    escaped = ("".join(f"\\x{byte:02x}" for byte in token) for token in TOKENS)
    words = "".join(f'"{token}"\n' for token in escaped)
    dictionary = f"{corpus}.dict"
    with open(dictionary, "w", encoding="ascii") as file:  # noqa: PTH123 - a name in, a name out
        file.write(words)
    options = [
        f"-runs={inputs}",
        f"-max_len={target.longest}",
        f"-dict={dictionary}",
        "-timeout=20",
        "-rss_limit_mb=3000",
        "-print_final_stats=1",
        f"-artifact_prefix={corpus}.",
        "-seed=1",
        "-use_value_profile=1",
        *sys.argv[4:],
    ]
    atheris.Setup([sys.argv[0], *options, corpus], target.run, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
