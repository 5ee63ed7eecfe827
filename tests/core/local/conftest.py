"""The real model, the real embeddings, and small wheels of the tests' own."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Never
from urllib.parse import urlsplit

import pytest

import freetier.local
from freetier.local import LocalModel, WeightsUnavailable, missing_parts
from freetier.local.weights import weights
from freetier.local.wheel import Wheel

CONTENT = b"the numbers of a very small model" * 1000


def missing(reason: str) -> Never:
    """Skip with the reason; in CI, fail with it."""
    if os.environ.get("CI"):
        pytest.fail(f"in CI no test of the local model may skip: {reason}", pytrace=False)
    pytest.skip(reason)


def environment() -> dict[str, str]:
    """Return the environment of a Python that finds the package where this one does."""
    root = Path(freetier.local.__file__).parents[2]
    return {**os.environ, "PYTHONPATH": str(root)}


@pytest.fixture(scope="session")
def extra() -> None:
    """The extra `local` is installed."""
    parts = [part for part in missing_parts() if not part.comes_by_itself]
    if parts:
        missing(f"no {', '.join(part.name for part in parts)}; to get it: {parts[0].remedy}")


@pytest.fixture(scope="session")
def gguf(extra) -> Path:
    """The real weights, fetched into the user's cache if need be."""
    try:
        return weights()
    except WeightsUnavailable as reason:
        missing(str(reason))


@pytest.fixture(scope="session")
def model(gguf) -> Iterator[LocalModel]:
    """The real model, served for the whole run."""
    with LocalModel(weights=gguf) as served:
        yield served


Post = Callable[..., tuple[int, bytes]]


@pytest.fixture
def post(model) -> Post:
    """Send a body to the model's chat route; gives status and bytes."""

    def send(body: dict[str, Any], *, api_key: str | None = None) -> tuple[int, bytes]:
        address = urlsplit(model.base_url)
        connection = http.client.HTTPConnection(address.netloc, timeout=30)
        try:
            connection.request(
                "POST",
                f"{address.path}/chat/completions",
                json.dumps({"model": model.model, "temperature": 0, "max_tokens": 64, **body}),
                {
                    "Authorization": f"Bearer {api_key or model.api_key}",
                    "Content-Type": "application/json",
                },
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    return send


@pytest.fixture
def index(tmp_path, monkeypatch) -> Path:
    """A folder of wheels, the only place where pip and uv may look."""
    folder = tmp_path / "index"
    folder.mkdir()
    for variable, value in (
        ("PIP_NO_INDEX", "1"),
        ("PIP_FIND_LINKS", str(folder)),
        ("UV_NO_INDEX", "1"),
        ("UV_FIND_LINKS", str(folder)),
        ("UV_NO_CACHE", "1"),
    ):
        monkeypatch.setenv(variable, value)
    return folder


@pytest.fixture
def wheel(index) -> Wheel:
    """A small wheel of data in that folder."""
    path = index / "tiny_weights-1.0-py3-none-any.whl"
    info = "tiny_weights-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_weights/tiny.gguf", CONTENT)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(
            f"{info}/RECORD",
            f"tiny_weights/tiny.gguf,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
        )
    return Wheel(
        requirement="tiny-weights==1.0",
        name=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        member="tiny_weights/tiny.gguf",
        member_sha256=hashlib.sha256(CONTENT).hexdigest(),
    )
