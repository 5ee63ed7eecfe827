"""Models: what answers, what it can do, what it costs."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from freetier.values.quota import Limit


class Capability(StrEnum):
    """What a model can do."""

    TOOLS = "tools"
    TOOL_CHOICE = "tool_choice"  # a call can be forced
    PARALLEL_TOOLS = "parallel_tools"
    JSON_OBJECT = "json_object"
    JSON_SCHEMA = "json_schema"
    SCHEMA_WITH_TOOLS = "schema_with_tools"
    VISION = "vision"
    AUDIO = "audio"
    VIDEO = "video"
    FILES = "files"
    REASONING = "reasoning"
    PREFILL = "prefill"
    EMBEDDINGS = "embeddings"


CAN = {
    Capability.TOOLS: "tools",
    Capability.JSON_SCHEMA: "schema",
    Capability.VISION: "images",
    Capability.AUDIO: "audio",
    Capability.VIDEO: "video",
    Capability.FILES: "files",
    Capability.REASONING: "reasoning",
    Capability.EMBEDDINGS: "embeddings",
}
"""What a model can do; what goes without saying for those who can this has no word."""

ModelStatus = Literal[
    "active", "uncertain", "rotated_out", "retired", "old_accounts_only", "no_free_quota"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars per single token by direction and modality; `None` means not known."""

    input: float | None = None
    output: float | None = None
    audio_input: float | None = None
    image_input: float | None = None
    video_input: float | None = None
    embedding_input: float | None = None

    @property
    def blended(self) -> float | None:
        """Return (input + 2 x output) / 3, or `None` if neither is known (decisions 7).

        Where only vectors are sold it is the price of their input.
        """
        if self.input is None and self.output is None:
            return self.embedding_input
        return ((self.input or 0.0) + 2 * (self.output or 0.0)) / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model at one provider.

    Attributes:
        id: The provider's own id, sent on the wire.
        canonical: The name that all providers' copies share.
        family: For signatures and embeddings.
        tier: 1 up to 8B, 2 9-35B, 3 36-100B, 4 over 100B, 5 frontier; 0 if not known.
        context: Tokens of input and output together; `None` if not known.
        max_output: Tokens of output; `None` if not known.
        capabilities: What it can do.
        free: Whether the row is free at this provider.
        status: Whether it is still there.
        variants: Other names people use for it.
        special: Guard, OCR, one language or tiny context: joins no shipped alias.
        gone_since, replaced_by: Of withdrawn models, and of those that are to be.
        prices: Dollars per token.
        dimensions: Of embedding models.
        normalised: Of embedding models: whether its vectors have length 1.
        batch_max: Of embedding models: texts per call.
        revision: Of embedding models: which of several that go by this name.
        tasks: Of embedding models: how they tell queries and documents apart; empty if not.
        limits: Limits of this model alone.
    """

    id: str
    canonical: str
    family: str = ""
    tier: int = 0
    context: int | None = None
    max_output: int | None = None
    capabilities: frozenset[Capability] = frozenset()
    free: bool = True
    status: ModelStatus = "active"
    variants: tuple[str, ...] = ()
    special: bool = False
    gone_since: str | None = None
    replaced_by: str | None = None
    prices: Prices = field(default_factory=Prices)
    dimensions: int | None = None
    normalised: bool | None = None
    batch_max: int | None = None
    revision: str = ""
    tasks: str = ""
    limits: tuple[Limit, ...] = ()

    @property
    def withdrawn(self) -> bool:
        """Tell whether the catalog says that it is gone."""
        return self.status in {"retired", "rotated_out"}

    @property
    def embeds(self) -> bool:
        """Tell whether it makes vectors instead of text."""
        return Capability.EMBEDDINGS in self.capabilities


def abilities(able: Container[str]) -> list[str]:
    """Return words for what a model can do, in an order that never changes."""
    return [word for capability, word in CAN.items() if capability in able]
