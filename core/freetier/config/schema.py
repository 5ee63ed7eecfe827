"""Everything a user may write, as pydantic models: the edge; inside, values stand for it.

Keys are accepted in snake_case and in camelCase. What can be written in several shapes
(limits, steps, durations, own providers) is `Any` here and read by its own module.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from freetier.config.places import nearest, snake
from freetier.values.models import Capability
from freetier.values.quota import CountedAt

KEY = "unknown_key"  # the type of the error for a key that its mapping does not know
LARGEST = (1 << 53) - 1  # what every store counts exactly


def no_flag(value: object) -> object:
    """Refuse true and false where a number is wanted: Python would take them for 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("flag", "must be a number, not true or false")
    return value


Count = Annotated[int, BeforeValidator(no_flag), Field(ge=0, le=LARGEST)]
AtLeastOne = Annotated[int, BeforeValidator(no_flag), Field(ge=1, le=LARGEST)]
Number = Annotated[int, BeforeValidator(no_flag), Field(ge=-LARGEST, le=LARGEST)]
Amount = Annotated[float, BeforeValidator(no_flag), Field(ge=0, le=float(LARGEST))]
Dollars = Annotated[float, BeforeValidator(no_flag), Field(ge=0, le=1e6)]
Share = Annotated[float, BeforeValidator(no_flag), Field(ge=0, le=1e9)]
Positive = Annotated[float, BeforeValidator(no_flag), Field(gt=0, le=float(LARGEST))]
Milliseconds = Annotated[float, BeforeValidator(no_flag), Field(ge=0, le=1e12)]
MetricName = Literal[
    "requests", "tokens", "input_tokens", "output_tokens", "total_tokens", "uncached_tokens",
    "inputs", "concurrent", "dollars", "money", "units",
]  # fmt: skip
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Written(BaseModel):
    """A mapping that a user wrote."""

    model_config = ConfigDict(
        extra="forbid",
        protected_namespaces=(),  # `model_limits` is ours, before pydantic 2.10 as well
        frozen=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, data: object) -> object:
        if not isinstance(data, dict):
            raise PydanticCustomError("mapping", "must be a mapping of keys to values")
        found: dict[str, Any] = {}
        for key, value in data.items():
            name = snake(str(key))
            if name not in cls.model_fields:
                hint = nearest(name, cls.model_fields)
                raise PydanticCustomError(KEY, "{hint}", {"key": str(key), "hint": hint})
            if name in found:
                raise PydanticCustomError("twice", "a key is given in two spellings")
            found[name] = value
        return found


class Auth(Written):
    """How an account proves itself."""

    api_key: Any = Field(default=None, repr=False)


class PriceTable(Written):
    """Dollars per single token."""

    input: Dollars | None = None
    output: Dollars | None = None
    audio_input: Dollars | None = None
    image_input: Dollars | None = None
    video_input: Dollars | None = None
    embedding_input: Dollars | None = None


class LimitEntry(Written):
    """One line of `limits:`; 0 means never."""

    metric: MetricName
    amount: Amount
    per: str | None = None
    scope: Literal["account", "model", "pool", "machine"] | None = None
    counted_at: CountedAt = "sent"
    counts_refused: bool = True
    precharge: bool = False
    burst: Positive | None = None
    rate: Positive = 1.0
    pool: Name | None = None


class ModelEntry(Written):
    """A model of a provider of the user's own."""

    id: Name
    canonical: Name | None = None
    family: str = ""
    tier: Annotated[int, BeforeValidator(no_flag), Field(ge=0, le=5)] = 0
    context: AtLeastOne | None = None
    max_output: AtLeastOne | None = None
    capabilities: frozenset[Capability] | None = None
    variants: tuple[Name, ...] = ()
    prices: PriceTable | None = None
    dimensions: AtLeastOne | None = None
    normalised: bool | None = None
    batch_max: AtLeastOne | None = None
    revision: str = ""
    tasks: str = ""


class AccountEntry(Written):
    """One account, in our own words or in those of either earlier system."""

    provider: Name | None = None
    type: Name | None = None
    id: Name | None = None
    auth: Auth | None = Field(default=None, repr=False)
    api_key: Any = Field(default=None, repr=False)
    base_url: Name | None = None
    priority: Number = 0
    enabled: bool = True
    limits: Any = None
    model_limits: dict[str, Any] = Field(default_factory=dict)
    pool: Name | None = None
    free: bool | None = None
    daily_free: Amount | None = None
    quota_unit: Literal["requests", "tokens", "dollars"] | None = None
    paid_enabled: bool = False
    prices: PriceTable | None = None
    max_daily_spend: Dollars | None = None
    timeout: Any = None
    attempt_timeout: Any = None
    max_concurrency: AtLeastOne | None = None
    models: list[Any] = Field(default_factory=list)
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    proxy: Name | None = Field(default=None, repr=False)
    ca_file: Name | None = None
    # Of a provider of the user's own.
    capabilities: frozenset[Capability] | None = None
    context: AtLeastOne | None = None
    max_output: AtLeastOne | None = None
    day_zone: Name | None = None
    # Of the earlier systems only.
    rpm: Count = 0
    rph: Count = 0
    rpd: Count = 0
    cost_per_token: Dollars = 0
    cost_per_input_token: Dollars = 0
    cost_per_output_token: Dollars = 0
    cost_per_audio_input_token: Dollars = 0
    cost_per_image_input_token: Dollars = 0
    cost_per_video_input_token: Dollars = 0
    cost_per_embedding_input_token: Dollars = 0
    is_free_credits: bool | None = None


class StepEntry(Written):
    """One step of a ladder."""

    model: Name
    provider: Name | None = None
    account: Name | None = None
    weight: Share = 1.0


class LadderEntry(Written):
    """An alias with its steps; `models` is the earlier word for `steps`."""

    alias: Name | None = None
    name: Name | None = None
    steps: list[Any] | None = None
    models: list[Any] | None = None
    strategy: str | None = None
    on_content_refused: Literal["stop", "next"] = "stop"


class Timeouts(Written):
    """Lengths of time; 0 means none."""

    attempt: Any = None
    connect: Any = None
    first_content: Any = None
    idle: Any = None


class BackoffEntry(Written):
    """Pauses between retries of the same candidate."""

    initial: Any = None
    maximum: Any = None
    multiplier: Annotated[float, BeforeValidator(no_flag), Field(ge=1, le=100)] | None = None


class Retry(Written):
    """The same in the words of an earlier system."""

    max_retries: Count | None = None
    initial_backoff_ms: Milliseconds | None = None
    max_backoff_ms: Milliseconds | None = None
    backoff_multiplier: Annotated[float, BeforeValidator(no_flag), Field(ge=0, le=100)] | None = (
        None
    )


class StateStore(Written):
    """The quota store in the words of an earlier system."""

    type: Literal["memory", "file", "redis"]
    path: Name | None = None
    url: Name | None = Field(default=None, repr=False)
    prefix: str | None = None


class Document(Written):
    """A whole file, or all arguments."""

    accounts: Any = None
    providers: Any = None
    models: Any = None
    aliases: Any = None
    model_aliases: Any = None
    default_model: str | None = None
    default_embedding_model: str | None = None
    strategy: str | None = None
    allow_paid: bool | None = None
    allow_training: bool | None = None
    fetch_media: bool | None = None
    deadline: Any = None
    timeouts: Timeouts | None = None
    attempt_timeout: Any = None
    timeout_ms: Milliseconds | None = None
    max_wait: Any = None
    attempts: Count | None = None
    backoff: BackoffEntry | None = None
    retry: Retry | None = None
    store: str | None = Field(default=None, repr=False)
    state_store: StateStore | None = None
    on_store_failure: Literal["fail", "memory"] | None = None
    queue: Literal["booked", "newest-first"] | None = None
    max_waiters: AtLeastOne | None = None
    hedge: Any = None
    on_stream_break: Literal["raise", "continue"] | None = None  # `restart` is asked for each time
    strict_profile: bool | None = None
    throw_on_exhausted: bool | None = None
    debug: bool | None = None
