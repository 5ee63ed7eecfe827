"""A short version of `make fuzz`: every target by chance, some by their branches."""

from __future__ import annotations

import json
import os
import random
import sys

import pytest

from tests.figures import Show
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import KEY, Target, targets

INPUTS = 400
"""Of each target by chance, besides its seeds."""

guided = pytest.mark.skipif(
    sys.platform != "linux" and not os.environ.get("CI"), reason="the fuzzer is built for Linux"
)


def _mutated(seed: bytes, dice: random.Random) -> bytes:
    """Change a few places of a seed: bytes, cuts, repeats, and signs that mean something."""
    data = bytearray(seed)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(4):
            case 0 if data:
                data[min(place, len(data) - 1)] = dice.randrange(256)
            case 1:
                del data[place : place + dice.randint(1, 40)]
            case 2:
                data[place:place] = data[place : place + dice.randint(1, 40)] * 2
            case _:
                data[place:place] = dice.choice(
                    [b'"', b"{", b"}", b"[", b"\n\n", b"null", b"-1", b"1e999", b"\\ud800", b"\x00"]
                )
    return bytes(data)


@pytest.mark.parametrize("name", targets())
def test_no_input_breaks_a_promise(name: str) -> None:
    """Every seed, and seeds that chance has changed."""
    target, dice = targets()[name], random.Random(name)
    for seed in target.seeds:
        target.run(seed)
    for _ in range(INPUTS):
        seed = dice.choice(target.seeds)
        target.run(_mutated(seed, dice)[: target.longest])
        if (changed := mutated(seed, dice.getrandbits(32))) is not None:
            target.run(changed)


def test_json_stays_json_but_for_one_value() -> None:
    """Behind the bytes that a target reads first; what is no JSON is left to others."""
    seed = b'\x07{"usage": {"prompt_tokens": 21}, "choices": [1, {"a": "b"}]}'
    found = {mutated(seed, number) for number in range(300)} - {None}
    assert len(found) > 50
    trees = [json.loads(one[1:]) for one in found if one]
    assert {"usage": {"prompt_tokens": -1}, "choices": [1, {"a": "b"}]} in trees
    assert all(one[:1] == b"\x07" for one in found if one)
    assert mutated(b"data: {}", 1) is None
    assert mutated(b"{no", 1) is None


def test_the_promises_can_be_broken() -> None:
    """The control: a reader that lets the key out, and one that a cut confuses."""

    def leaks(data: bytes) -> None:
        assert KEY not in data.decode("utf-8", "replace").replace("\x01", KEY)

    target = Target(name="leaks", run=leaks, modules=(), seeds=(b"the key \x01",))
    with pytest.raises(AssertionError):
        target.run(target.seeds[0])


@guided
def test_guided_fuzzing_prints_inputs_and_branches(show: Show, capfd: object) -> None:
    """As `make fuzz` does, for a few thousand inputs."""
    from tests.fuzz.__main__ import fuzz

    for name in ("moments", "events"):
        found = fuzz(targets()[name], 3000)
        show(str(found))
        assert (found.inputs, found.fault) == (3000, "")
        assert int(found.covered.split()[0]) > 0


@guided
def test_planted_bugs_are_found(show: Show) -> None:
    """Two of the ten; `make fuzz` looks for all."""
    from tests.fuzz.planted import BUGS, found_in

    for bug in (BUGS[0], BUGS[3]):
        within = found_in(bug, most=50_000)
        show(f"{bug.target}: {bug.what}: found within {within} inputs")
        assert within
