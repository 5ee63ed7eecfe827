"""Is this a request that Google would take? Written from the vendor's side.

A field that a message of the API does not know fails the whole request, whatever its depth.
Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/api/caching, and
the errors recorded under `tests/wire/gemini`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from freetier.testing.gemini.schemas import check_schema
from freetier.testing.gemini.signed import check_signatures
from freetier.testing.jsons import Json
from freetier.testing.rejection import bad, unknown

FIELDS: Mapping[str, frozenset[str]] = {
    name: frozenset(fields.split())
    for name, fields in {
        "request": "contents systemInstruction tools toolConfig generationConfig safetySettings"
        " cachedContent model",
        "content": "role parts",
        "part": "text inlineData fileData functionCall functionResponse executableCode"
        " codeExecutionResult thought thoughtSignature videoMetadata",
        "inlineData": "mimeType data displayName",
        "fileData": "mimeType fileUri displayName",
        "functionCall": "id name args",
        "functionResponse": "id name response willContinue scheduling parts",
        "tool": "functionDeclarations googleSearch codeExecution urlContext",
        "declaration": "name description parameters response behavior",
        "toolConfig": "functionCallingConfig retrievalConfig",
        "functionCallingConfig": "mode allowedFunctionNames",
        "generationConfig": "stopSequences responseMimeType responseSchema candidateCount"
        " maxOutputTokens temperature topP topK seed presencePenalty frequencyPenalty"
        " responseLogprobs logprobs thinkingConfig mediaResolution responseModalities",
        "thinkingConfig": "includeThoughts thinkingBudget thinkingLevel",
        "batch": "requests",
        "embedding": "model content taskType title outputDimensionality autoTruncate",
    }.items()
}
DATA = frozenset(FIELDS["part"] - {"thought", "thoughtSignature", "videoMetadata"})
NUMBERS: Mapping[str, tuple[type | tuple[type, ...], float, float]] = {
    "temperature": ((int, float), 0, 2),
    "topP": ((int, float), 0, 1),
    "maxOutputTokens": (int, 1, 10**9),
    "seed": (int, -(2**31), 2**31 - 1),
    "presencePenalty": ((int, float), -2, 2),
    "frequencyPenalty": ((int, float), -2, 2),
}
NEEDED: Mapping[str, Mapping[str, type]] = {
    "functionCall": {"name": str},
    "functionResponse": {"name": str, "response": dict},
    "inlineData": {"mimeType": str, "data": str},
    "fileData": {"fileUri": str},
}
MODES = frozenset({"AUTO", "ANY", "NONE", "VALIDATED"})
LEVELS = frozenset({"minimal", "low", "medium", "high"})
TOOL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}")
MOST_STOPS = 5


def check(body: Json, model: str, *, strict: bool) -> None:
    """Refuse what Google would refuse.

    Raises:
        Rejection: with the kind `bad_request`, `extra_field`, `no_signature` or
            `bad_signature`.
    """
    known(body, "request", "")
    contents = body.get("contents")
    if not isinstance(contents, list) or not contents:
        raise bad("contents", "contents is not specified")
    for number, content in enumerate(contents):
        _check_content(content, f"contents[{number}]")
    if "systemInstruction" in body:
        _check_content(body["systemInstruction"], "system_instruction")
    _check_pairs(contents)
    _check_tools(body)
    _check_config(body.get("generationConfig", {}))
    if strict:
        check_signatures(contents, model)


def known(value: object, kind: str, place: str) -> None:
    """Refuse anything but an object with the fields of its kind.

    Raises:
        Rejection: with the kind `bad_request` or `extra_field`.
    """
    if not isinstance(value, dict):
        raise bad(place or "body", "must be an object")
    for name in value:
        if name not in FIELDS[kind]:
            raise unknown(name, place)


def _check_content(content: Any, place: str) -> None:  # noqa: ANN401 - any JSON
    known(content, "content", place)
    if content.get("role", "user") not in {"user", "model"}:
        raise bad(f"{place}.role", "Please use a valid role: user, model.")
    parts = content.get("parts")
    if not isinstance(parts, list) or not parts:
        raise bad(f"{place}.parts", "contents.parts must not be empty.")
    for number, part in enumerate(parts):
        _check_part(part, f"{place}.parts[{number}]")


def _check_part(part: Any, place: str) -> None:  # noqa: ANN401 - any JSON
    known(part, "part", place)
    data = DATA & part.keys()
    if len(data) != 1:
        raise bad(f"{place}.data", "required oneof field 'data' must have one initialized field")
    name = next(iter(data))
    if name in FIELDS:
        known(part[name], name, f"{place}.{name}")
    for field, kind in NEEDED.get(name, {}).items():
        if not isinstance(part[name].get(field), kind):
            raise bad(f"{place}.{name}.{field}", "is missing or of a wrong type")
    if not isinstance(part[name].get("args", {}) if name == "functionCall" else {}, dict):
        raise bad(f"{place}.functionCall.args", "must be an object")


def _check_pairs(contents: list[Json]) -> None:
    """A turn of calls follows a user, and is followed by as many answers."""
    for before, after in pairwise([{"parts": []}, *contents, {"parts": []}]):
        calls = [p["functionCall"] for p in before["parts"] if "functionCall" in p]
        answers = [p["functionResponse"] for p in after["parts"] if "functionResponse" in p]
        if len(calls) != len(answers):
            detail = "the number of function response parts must equal that of function call parts"
            raise bad("contents", f"{detail} of the function call turn")
        for call, answer in zip(calls, answers, strict=True):
            if call["name"] != answer["name"] or call.get("id") != answer.get("id"):
                raise bad("contents", f"no function call {answer['name']} for this response")
        has_calls = any("functionCall" in part for part in after["parts"])
        if has_calls and before.get("role") != "user":
            raise bad("contents", "a function call turn comes immediately after a user turn")


def _check_tools(body: Json) -> None:
    names: list[str] = []
    for number, tool in enumerate(body.get("tools", ())):
        place = f"tools[{number}]"
        known(tool, "tool", place)
        for count, declared in enumerate(tool.get("functionDeclarations", ())):
            names.append(_declared(declared, f"{place}.function_declarations[{count}]"))
    if len(set(names)) < len(names):
        raise bad("tools", "Duplicate function declaration found")
    if "toolConfig" not in body:
        return
    known(body["toolConfig"], "toolConfig", "tool_config")
    config = body["toolConfig"].get("functionCallingConfig", {})
    known(config, "functionCallingConfig", "tool_config.function_calling_config")
    if config.get("mode", "AUTO") not in MODES:
        raise bad("tool_config.function_calling_config.mode", "unknown mode")
    allowed = config.get("allowedFunctionNames", [])
    if allowed and (config.get("mode") not in {"ANY", "VALIDATED"} or set(allowed) - set(names)):
        raise bad("tool_config", "allowed_function_names needs mode ANY and declared functions")


def _declared(declared: Any, place: str) -> str:  # noqa: ANN401 - any JSON
    known(declared, "declaration", place)
    name = declared.get("name")
    if not isinstance(name, str) or not TOOL_NAME.fullmatch(name):
        raise bad(f"{place}.name", "Invalid function name")
    if "parameters" in declared:
        check_schema(declared["parameters"], f"{place}.parameters", sizes=True)
        if not declared["parameters"].get("properties"):
            raise bad(f"{place}.parameters.properties", "should be non-empty for OBJECT type")
    return name


def _check_config(config: Any) -> None:  # noqa: ANN401 - any JSON
    known(config, "generationConfig", "generation_config")
    for name, (kind, low, high) in NUMBERS.items():
        value = config.get(name, low)
        if not isinstance(value, kind) or isinstance(value, bool) or not low <= value <= high:  # type: ignore[operator]
            raise bad(f"generation_config.{name}", f"must be a number from {low:g} to {high:g}")
    if len(config.get("stopSequences", ())) > MOST_STOPS:
        raise bad("generation_config.stop_sequences", f"at most {MOST_STOPS}")
    if "thinkingConfig" in config:
        thinking = config["thinkingConfig"]
        known(thinking, "thinkingConfig", "generation_config.thinking_config")
        if str(thinking.get("thinkingLevel", "low")).lower() not in LEVELS:
            raise bad("generation_config.thinking_config.thinking_level", "unknown level")
    if "responseSchema" in config:
        if config.get("responseMimeType") != "application/json":
            raise bad("generation_config.response_schema", "needs the mime type application/json")
        check_schema(config["responseSchema"], "generation_config.response_schema", sizes=False)
