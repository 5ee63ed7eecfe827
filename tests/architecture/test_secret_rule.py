"""The secret rule holds, and finds fields that would print a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.secret_rule import HARMLESS, shown_secrets

ROOT = Path(__file__).parents[2]


def test_no_field_of_the_project_prints_a_secret() -> None:
    """Fields that may hold a key are hidden, and each exception has a reason."""
    assert shown_secrets(ROOT) == []
    assert all(HARMLESS.values())


@pytest.mark.parametrize(
    "text",
    [
        "@dataclass\nclass A:\n    api_key: str",
        "@dataclass(frozen=True)\nclass A:\n    headers: tuple[tuple[str, str], ...] = ()",
        "@dataclasses.dataclass(slots=True)\nclass A:\n    token: str | None = None",
        "@dataclass\nclass A:\n    password: bytes = field(default=b'')",
        "class A(BaseModel):\n    auth: dict[str, str] = Field(default_factory=dict)",
        "class Strict(pydantic.BaseModel):\n    pass\n\nclass A(Strict):\n    secret: str",
        "class A(NamedTuple):\n    authorization: str",
        "class A(BaseChatModel):\n    api_key: str | None = None",
    ],
)
def test_a_field_that_prints_a_secret_is_found(tmp_path: Path, text: str) -> None:
    """Dataclasses, models, their heirs and named tuples are all seen."""
    _write(tmp_path, text)

    (finding,) = shown_secrets(tmp_path, {})

    assert finding.startswith("core/freetier/a.py:")


@pytest.mark.parametrize(
    "text",
    [
        "@dataclass\nclass A:\n    api_key: str = field(repr=False)",
        "@dataclass(repr=False)\nclass A:\n    api_key: str",
        "@dataclass\nclass A:\n    secret: Secret",
        "class A(BaseModel):\n    auth: SecretStr | None = None",
        "class A(BaseModel):\n    key: Annotated[str, Field(repr=False)]",
        "@dataclass\nclass A:\n    cost_per_input_token: float | None = None",
        "@dataclass\nclass A:\n    output_tokens: int = 0",
        "class A:\n    api_key: str",
    ],
)
def test_a_field_that_prints_no_secret_is_let_be(tmp_path: Path, text: str) -> None:
    """Hidden fields, secret types, numbers and plain classes show no key."""
    _write(tmp_path, text)

    assert shown_secrets(tmp_path, {}) == []


def test_an_exception_that_nobody_needs_is_found(tmp_path: Path) -> None:
    """The list of harmless fields cannot rot."""
    _write(tmp_path, "@dataclass\nclass A:\n    key: str")

    assert shown_secrets(tmp_path, {"A.key": "a name", "B.key": "gone"}) == [
        "B.key: an exception it does not need"
    ]


def _write(root: Path, text: str) -> None:
    path = root / "core/freetier/a.py"
    path.parent.mkdir(parents=True)
    path.write_text(f"{text}\n", encoding="utf-8")
