"""Answers of a shape are asked for as candidates can, and judged inside the attempt."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.exceptions import ModelError, ModelInvalidRequestError, OutputParserException
from pydantic import BaseModel
from pydantic.v1 import BaseModel as BaseModelV1

from freetier import AllFailed, Router
from freetier.testing import Call, Fleet, Said, VirtualClock
from freetier_langchain import FreeTierChatModel, chat_model
from freetier_langchain._errors import ModelRefused
from tests.langchain.stage import (
    ALIAS,
    NORTH,
    SOUTH,
    configuration,
    offline,
    provider,
    two_providers,
)

ASK = 'Tell me of "Ada", who is 36.'


class Person(BaseModel):
    """A person."""

    name: str
    age: int


class PersonV1(BaseModelV1):
    """A person."""

    name: str
    age: int


class PersonDict(TypedDict):
    """A person."""

    name: str
    age: int


SCHEMA = {**Person.model_json_schema(), "title": "person"}
UNTITLED = {k: v for k, v in SCHEMA.items() if k != "title"}
SPACED = {**SCHEMA, "title": "all about a person"}
INNER = {"name": "person", "strict": False, "schema": UNTITLED}
FORMAT = {"type": "json_schema", "json_schema": INNER}
SCHEMAS = [Person, PersonV1, PersonDict, SCHEMA, UNTITLED, SPACED, INNER, FORMAT]
METHODS = [None, "function_calling", "json_schema"]


def as_dict(person: Any) -> dict[str, Any]:
    """Return a person's fields, whatever he has become."""
    return person if isinstance(person, dict) else person.dict()


@pytest.mark.filterwarnings("ignore:The `dict` method is deprecated")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_answer_becomes_an_object(schema: Any, method: Any) -> None:
    """Of every kind of schema, by every method, whole and streamed."""
    chain = offline(two_providers()).with_structured_output(schema, method=method)

    assert as_dict(chain.invoke(ASK)) == {"name": "Ada", "age": 36}
    *_, last = chain.stream(ASK)
    assert as_dict(last) == {"name": "Ada", "age": 36}


def test_json_mode_needs_no_schema() -> None:
    """The prompt names the keys, and any object is read."""
    chain = offline(two_providers()).with_structured_output(method="json_mode")

    assert chain.invoke('Answer in JSON with the key "name".') == {"name": "some name"}


def test_a_stream_gives_the_object_as_it_grows() -> None:
    """Objects without a class are given while they come."""
    chain = offline(two_providers()).with_structured_output(SCHEMA)

    assert next(iter(chain.stream(ASK))) != {"name": "Ada", "age": 36}


@pytest.mark.parametrize(
    ("capabilities", "sent"),
    [
        (["tools", "tool_choice", "json_schema", "json_object"], "json_schema"),
        (["tools", "tool_choice", "json_object"], "tools"),
        (["json_object"], "json_object"),
    ],
)
def test_the_way_is_what_those_who_answer_can_do(capabilities: list[str], sent: str) -> None:
    """A schema, else a tool that must be called, else JSON with the schema in words."""
    asked: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> Said:
        asked.append(body)
        if "tools" in body:
            return Said(calls=(Call("Person", {"name": "Ada", "age": 36}),))
        return Said(text='{"name": "Ada", "age": 36}')

    model = offline(Fleet(provider(NORTH, answer=answer)), capabilities=capabilities)

    assert model.with_structured_output(Person).invoke(ASK) == Person(name="Ada", age=36)
    (body,) = asked
    shape = body.get("response_format", {}).get("type", "tools")
    assert shape == sent
    assert ("tools" in body) == (sent == "tools")
    assert ('"age"' in str(body["messages"])) == (sent == "json_object")


def test_each_candidate_is_asked_in_its_own_way() -> None:
    """One request goes on from a model that takes schemas to one that calls, to one that obeys."""
    ways = {"north": ["json_schema"], "south": ["tools", "tool_choice"], "west": ["json_object"]}
    asked: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> Said:
        asked.append(body)
        if len(asked) < len(ways):
            return Said(text="I would rather not say.")
        return Said(text='{"name": "Ada", "age": 36}')

    fleet = Fleet(*(provider(name, answer=answer) for name in ways))
    clock, config = VirtualClock(), configuration(fleet, strategy="declared")
    for account in config["accounts"]:
        account["capabilities"] = ways[account["provider"]]
    router = Router(**config, transport=fleet.transport(clock), clock=clock)
    model = FreeTierChatModel(model=ALIAS, router=router)

    assert model.with_structured_output(Person).invoke(ASK) == Person(name="Ada", age=36)
    by_schema, by_call, by_words = asked
    assert by_schema["response_format"]["type"] == "json_schema"
    assert by_call["tool_choice"] == "required"  # the only tool there is
    assert by_words["response_format"] == {"type": "json_object"}
    assert ["tools" in body for body in asked] == [False, True, False]


def test_a_schema_that_nobody_can_keep_to_is_said_before_anything_is_sent() -> None:
    """The error names what is lacking."""
    fleet = two_providers()
    model = offline(fleet, capabilities=["vision"])

    with pytest.raises(ModelInvalidRequestError, match="json_schema"):
        model.with_structured_output(Person).invoke(ASK)

    assert len(fleet.books) == 0


@pytest.mark.parametrize("answer", ["I would rather not say.", '{"name": "Ada"}', "[1]"])
@pytest.mark.parametrize("schema", [Person, SCHEMA])
def test_an_answer_that_cannot_be_read_goes_on_to_the_next_candidate(
    schema: Any, answer: str
) -> None:
    """That is what a chain of fallbacks cannot do: the check is inside the attempt."""
    fleet = Fleet(provider(NORTH, answer=answer), provider(SOUTH))
    chain = offline(fleet).with_structured_output(schema, include_raw=True)

    got = chain.invoke(ASK)

    assert as_dict(got["parsed"] if isinstance(got["parsed"], dict) else got["parsed"].model_dump())
    route = got["raw"].response_metadata
    assert route["provider"] == SOUTH
    assert route["freetier"]["attempts"][0]["fault"] == "malformed"


def test_an_answer_nobody_can_read_is_an_error() -> None:
    """The caller is told what was wrong with each."""
    model = offline(two_providers(answer="I would rather not say."))

    with pytest.raises(AllFailed, match="north") as got:
        model.with_structured_output(Person).invoke(ASK)

    assert isinstance(got.value, ModelError)


def test_an_answer_nobody_can_read_is_given_to_who_wants_it() -> None:
    """With `include_raw` it was tried elsewhere first; then the last one and the complaint come."""
    fleet = two_providers(answer="I would rather not say.")

    got = offline(fleet).with_structured_output(Person, include_raw=True).invoke(ASK)

    assert got["parsed"] is None
    assert isinstance(got["parsing_error"], OutputParserException)
    assert got["raw"].content == "I would rather not say."
    assert {entry.provider for entry in fleet.books.entries} == {NORTH, SOUTH}


def test_a_stream_that_cannot_be_read_is_given_to_who_wants_it() -> None:
    """What has been passed on is not asked for again."""
    fleet = two_providers(answer="I would rather not say.")

    chunks = list(offline(fleet).with_structured_output(Person, include_raw=True).stream(ASK))

    assert "".join(chunk["raw"].content for chunk in chunks if "raw" in chunk) == (
        "I would rather not say."
    )
    assert len(fleet.books) == 1


@pytest.mark.parametrize("method", METHODS)
def test_a_refusal_is_no_unreadable_answer(method: Any) -> None:
    """It goes to the caller as what it is, and to nobody else."""
    fleet = two_providers(answer=lambda _: Said(text="I may not.", finish="content_filter"))
    model = offline(fleet)

    with pytest.raises(ModelRefused, match="declined") as got:
        model.with_structured_output(Person, method=method).invoke(ASK)

    assert got.value.raw_message is not None
    assert len(fleet.books) == 1


def test_a_refusal_is_a_value_with_the_raw_message() -> None:
    """Errors of reading are caught there."""
    model = offline(two_providers(answer=lambda _: Said(text="No.", finish="content_filter")))

    got = model.with_structured_output(Person, include_raw=True).invoke(ASK)

    assert isinstance(got["parsing_error"], ModelRefused)
    assert got["raw"].content == "No."


@pytest.mark.parametrize(
    ("schema", "told", "words"),
    [
        (Person, {"method": "telepathy"}, "function_calling, json_schema, json_mode"),
        (None, {}, "JSON mode"),
        (Person, {"method": "json_mode", "strict": True}, "strict"),
        (42, {}, "is no tool"),
        (list[Person], {}, "schema: list.*Person. is no schema; give a Pydantic class"),
        (FORMAT, {"method": "json_mode"}, "strict"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_when_it_is_made(
    schema: Any, told: dict[str, Any], words: str
) -> None:
    """Nothing has been asked by then."""
    with pytest.raises(ModelInvalidRequestError, match=words):
        chat_model("fast").with_structured_output(schema, **told)


def test_what_is_bound_is_the_same_in_every_run() -> None:
    """A cache goes by it, so no address of an object may be part of it."""
    bound = [str(chat_model("fast").with_structured_output(SCHEMA).first.kwargs) for _ in range(2)]

    assert bound[0] == bound[1]
    assert " at 0x" not in bound[0]


def test_the_trace_has_the_schema() -> None:
    """LangChain works it out from what is bound."""
    seen: list[dict[str, Any]] = []

    class Watch(BaseCallbackHandler):
        def on_chat_model_start(self, *_: Any, **told: Any) -> None:
            seen.append(told["options"])

    model: FreeTierChatModel = offline(two_providers())
    model.with_structured_output(Person).invoke(ASK, config={"callbacks": [Watch()]})

    assert seen[0]["ls_structured_output_format"]["schema"]["title"] == "Person"
