"""Every known deviation from a dialect, as a field with a default.

A provider that seems to need an `if` with its name gets a new field here instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a provider differs from its dialect.

    Attributes:
        chat_path, models_path, embeddings_path: Appended to the base URL; `None` = has none.
            `{model}` in the path of embeddings is the model's id, which the body then lacks.
        models_public: Whether the list of models is shown without a key, or to a wrong one.
        models_field: The member of the list's entries that names a model.
        models_page: Parameter that asks for the list's next page; `None` = it has one page.
        models_partial: Whether models are served that the list leaves out.
        models_endings: Shell patterns of what may follow a colon in an id, and that the list
            leaves off or adds.
        models_noted: Shell patterns of ids that are news when they appear; empty = all.
        key_path: What answers 200 to a good key and costs nothing, like `models_path`; a path
            that begins with `../` leads elsewhere at the same host. `None` = nothing.
        auth_header, auth_scheme: Where the key goes; an empty scheme sends the bare key.
        max_tokens_field: Name of the bound on the output.
        renames: What this provider calls parameters, by our names (`seed: random_seed`).
        efforts: What this provider calls efforts of thought, by shell pattern of the model's
            id; an effort without a word is sent as it is.
        drop: Parameters that are left out because the provider does not take them.
        drop_for_models: The same for model ids that match a shell pattern.
        not_with: Parameters that are left out beside another one (`left: kept`); one of nothing
            yields to the other.
        stream_usage: Ask for usage in streams by `stream_options`.
        names: Whether a message may carry a name.
        developer_role: Role that system messages are sent with.
        required_word: How a forced call is spelt (`required`, `any`).
        tool_choice: Which forms are taken: `all`; `strings` (no named choice: the one tool is
            sent alone with a forced call); `auto` (cannot be forced); `none`.
        parallel_flag: Whether `parallel_tool_calls` may be sent.
        strict_flag: Whether `strict` may be sent with tools and schemas.
        strict_mixed: Whether strict tools may stand beside others; else the flag is left out.
        json_object_as_schema: Send JSON mode as the schema `{"type": "object"}`.
        tool_schema_drop, answer_schema_drop: Keywords left out of the schemas of tools and of
            answers, because one of them would fail the whole request.
        tool_root_refused: Keywords that may not stand at the root of a tool's schema.
        answer_closed: Whether objects in the schemas of answers must forbid other members.
        reasoning_fields: Fields of a message or delta that hold thoughts, first found wins.
        replay_reasoning: Field that earlier thoughts are sent back in; `None` = never.
        message_fields: Further fields of an assistant turn that must come back (signatures).
        tool_id: What tool-call ids must look like: `any`, or `alnum9` (nine letters or digits).
        image_urls: Whether images may be given by address.
        merge_turns: Whether consecutive turns of one role must be joined.
        system_first: Whether all system messages must come first, joined to one.
        null_content: Whether an assistant turn with calls sends `content: null` (else it
            leaves the field out).
        tool_text_only: Whether a tool's turn may hold text only.
        headers, body: Sent with each request.
        rescue_field: Field of an error body that may hold a good tool call.
        inputs_field: Field of an embedding request that holds the texts.
        task_field: Field of an embedding request that names the task; `None` = has none.
        task_words: The provider's words for the tasks `query` and `document`.
        dimensions_field: Field that asks for shorter vectors; `None` = cannot be asked.
        vector_format: Encoding of vectors that is asked for; `None` sends none.
        requires_user_last: Whether the conversation must end with a user or tool turn.
        user_after_tool: Whether a user's turn may follow a tool's; else a word of the
            assistant stands between.
        prefill_field: Field that says of a last assistant turn that it is to be continued.
        foreign_signatures: What a call of another provider is signed with, by shell pattern of
            the model's id, where calls must be signed.
        thought_budgets: Shell patterns of models whose thoughts are bounded by a number of
            tokens, and not by a word.
    """

    chat_path: str = "/chat/completions"
    models_path: str | None = "/models"
    embeddings_path: str | None = "/embeddings"
    models_public: bool = False
    models_field: str = "id"
    models_page: str | None = None
    models_partial: bool = False
    models_endings: tuple[str, ...] = ()
    models_noted: tuple[str, ...] = ()
    key_path: str | None = None
    auth_header: str = "authorization"
    auth_scheme: str = "Bearer"
    max_tokens_field: str = "max_tokens"
    renames: Mapping[str, str] = field(default_factory=dict)
    efforts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    drop_for_models: Mapping[str, frozenset[str]] = field(default_factory=dict)
    not_with: Mapping[str, str] = field(default_factory=dict)
    stream_usage: bool = True
    names: bool = True
    developer_role: str = "system"
    required_word: str = "required"
    tool_choice: Literal["all", "strings", "auto", "none"] = "all"
    parallel_flag: bool = True
    strict_flag: bool = True
    strict_mixed: bool = True
    json_object_as_schema: bool = False
    tool_schema_drop: frozenset[str] = frozenset()
    answer_schema_drop: frozenset[str] = frozenset()
    tool_root_refused: frozenset[str] = frozenset()
    answer_closed: bool = False
    reasoning_fields: tuple[str, ...] = ("reasoning_content", "reasoning")
    replay_reasoning: str | None = None
    message_fields: tuple[str, ...] = ()
    tool_id: Literal["any", "alnum9"] = "any"
    image_urls: bool = True
    merge_turns: bool = False
    system_first: bool = False
    null_content: bool = True
    tool_text_only: bool = True
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: Mapping[str, Any] = field(default_factory=dict)
    rescue_field: str | None = None
    requires_user_last: bool = False
    user_after_tool: bool = True
    prefill_field: str | None = None
    inputs_field: str = "input"
    task_field: str | None = None
    task_words: Mapping[str, str] = field(default_factory=dict)
    dimensions_field: str | None = "dimensions"
    vector_format: Literal["float", "base64"] | None = None
    foreign_signatures: Mapping[str, str] = field(default_factory=dict)
    thought_budgets: tuple[str, ...] = ()
