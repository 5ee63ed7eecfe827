"""The format of a provider file, as pydantic models; `build.py` makes frozen values of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StrictBool,
    StrictInt,
    model_validator,
)

from freetier.catalog.fields import (
    Confidence,
    Count,
    Day,
    Price,
    Size,
    Span,
    Texts,
    Tier,
    Zone,
    fields_of,
    refuse_unknown,
    wrong,
)
from freetier.values.faults import Fault, FaultScope
from freetier.values.models import Capability, ModelStatus
from freetier.values.providers import HeaderFormat, HeaderRole
from freetier.values.quirks import Quirks
from freetier.values.quota import CountedAt, Kind, Metric, Scope


class Row(BaseModel):
    """A mapping of the file; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: object) -> object:
        refuse_unknown(data, cls.model_fields)
        return data


class CitedRow(Row):
    """A row that says where its figures come from, and of which day they are."""

    source: str | None = None
    as_of: Day | None = None


class ClockRow(Row):
    """How the provider's windows of one length run."""

    kind: Kind = Kind.UNKNOWN
    zone: Zone | None = None
    burst: float | None = None


class FigureRow(Row):
    """What one source says of a limit."""

    amount: Count
    source: str
    as_of: Day
    confidence: Confidence = "medium"
    note: str = ""


class LimitRow(CitedRow):
    """A limit: one `amount`, or the `figures` of sources that disagree."""

    metric: Metric
    per: Span | None = None
    amount: Count | None = None
    figures: tuple[FigureRow, ...] = ()
    kind: Kind | None = None
    zone: Zone | None = None
    burst: float | None = None
    scope: Scope | None = None
    pool: str | None = None
    counted_at: CountedAt | None = None
    counts_refused: StrictBool | None = None
    precharge: StrictBool = False
    rate: Annotated[float, Field(gt=0)] | None = None
    confidence: Confidence = "medium"
    note: str = ""

    @model_validator(mode="after")
    def _complete(self) -> LimitRow:
        if (self.amount is None) == (not self.figures):
            raise wrong("a limit has either an `amount` or `figures`")
        if (self.per is None) != (self.metric is Metric.CONCURRENT):
            raise wrong("every limit but one on `concurrent` says `per` which span")
        if (self.pool is None) != (self.scope is not Scope.POOL):
            raise wrong("`pool` and `scope: pool` go together")
        return self


class PricesRow(Row):
    """US dollars per *million* tokens."""

    input: Price | None = None
    output: Price | None = None
    audio_input: Price | None = None
    image_input: Price | None = None
    video_input: Price | None = None
    embedding_input: Price | None = None


class ModelRow(CitedRow):
    """What models of both kinds have."""

    id: str
    canonical: str | None = None
    family: str = ""
    context: Size | None = None
    free: StrictBool | None = None
    status: ModelStatus = "active"
    variants: Texts = ()
    gone_since: Day | None = None
    replaced_by: str | None = None
    prices: PricesRow = PricesRow()
    limit_set: str | None = None
    limits: tuple[LimitRow, ...] = ()
    unit_rate: Annotated[float, Field(gt=0)] | None = None
    note: str = ""


class ChatRow(ModelRow):
    """A model that answers in words; `params` is its size in billions, if published."""

    tier: Tier
    params: float | None = None
    max_output: Size | None = None
    capabilities: frozenset[Capability] = frozenset()
    special: StrictBool = False


class EmbeddingRow(ModelRow):
    """A model that makes vectors."""

    dimensions: Size | None = None
    normalised: StrictBool | None = None
    batch_max: Size | None = None
    revision: str = ""
    tasks: str = ""


class HeaderRow(Row):
    """What a response header means."""

    role: HeaderRole
    format: HeaderFormat = "int"
    metric: Metric | None = None
    per: Span | None = None
    until_full: StrictBool = False

    @model_validator(mode="after")
    def _complete(self) -> HeaderRow:
        if self.role in {"limit", "remaining"} and None in (self.metric, self.per):
            raise wrong(f"a header of role {self.role!r} says `metric` and `per`")
        return self


class SignRow(Row):
    """A text in an error body that names the window which was hit."""

    text: str
    per: Span
    metric: Metric | None = None
    calendar: StrictBool = False


class ErrorRow(Row):
    """An ordered rule: an answer that fits is of this class (see faults.yaml)."""

    status: StrictInt
    status_max: StrictInt | None = None
    class_: Annotated[str, Field(alias="class")]
    scope: FaultScope | None = None
    match_any: Texts = ()
    codes: Texts = ()
    types: Texts = ()
    per: Span | None = None
    reason: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: object) -> object:
        refuse_unknown(data, [field.alias or name for name, field in cls.model_fields.items()])
        return data


SeveralAccounts = Literal[
    "forbidden", "forbidden_for_consumers", "limits_may_not_be_circumvented", "no_clause_found",
    "not_verified", "moot",
]  # fmt: skip
ProviderStatus = Literal[
    "free", "trial_credit", "free_uncertain", "keyless", "paid_only", "local", "retired", "own"
]


class TermsRow(CitedRow):
    """What the terms say of several accounts of one person."""

    several_accounts: SeveralAccounts
    note: str = ""


class ProviderRow(CitedRow):
    """A provider file, or a provider in a user's file."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    title: str | None = None
    status: ProviderStatus = "own"
    dialect: str = "openai"
    copies: str | None = None
    without: frozenset[Capability] = frozenset()
    base_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+[^\s?#/]$")]
    key_env: Texts = ()
    other_names: Texts = ()
    keyless: StrictBool = False
    key_page: str | None = None
    note: str = ""
    trains: StrictBool | None = None
    prices_from: CitedRow | None = None
    terms: TermsRow = TermsRow(several_accounts="not_verified")
    gone_since: Day | None = None
    replaced_by: str | None = None
    day_zone: Zone | None = None
    first_content: Span | None = None
    attempt: Span | None = None
    quirks: Annotated[Quirks, BeforeValidator(fields_of(Quirks))] = Quirks()
    headers: Mapping[str, HeaderRow] = {}
    signs: tuple[SignRow, ...] = ()
    errors: tuple[ErrorRow, ...] = ()
    clocks: Mapping[Literal["second", "minute", "hour", "day", "week", "month"], ClockRow] = {}
    counted_at: CountedAt = "unknown"
    counts_refused: StrictBool = True
    limits: tuple[LimitRow, ...] = ()
    limit_sets: Mapping[str, tuple[LimitRow, ...]] = {}
    models: tuple[ChatRow, ...] = ()
    embeddings: tuple[EmbeddingRow, ...] = ()


class ClassRow(Row):
    """What one class of errors means: a fault, what it is about, and why in a few words."""

    fault: Fault
    scope: FaultScope
    reason: str
    per: Span | None = None


class FaultsRow(Row):
    """The file `faults.yaml`."""

    classes: Mapping[str, ClassRow]
    defaults: tuple[ErrorRow, ...]
    overflow: Texts
    exclude: str
    words: dict[str, int] = {}
    phrases: dict[str, int] = {}
    signs: tuple[SignRow, ...] = ()


class SelectorRow(Row):
    """Which models a shipped alias takes."""

    tiers: tuple[Tier, ...]
    descending: StrictBool = True
    first_found: StrictBool = False
    needs: frozenset[Capability] = frozenset()
    min_context: Count = 0


class AliasesRow(RootModel[Mapping[str, SelectorRow]]):
    """The file `aliases.yaml`."""


class SourceRow(Row):
    """One source of facts: what it is, how far it is trusted, its day."""

    what: str
    kind: Literal["official", "observed", "survey", "guess"]
    as_of: Day | None = None


class SourcesRow(RootModel[Mapping[str, SourceRow]]):
    """The file `sources.yaml`."""
