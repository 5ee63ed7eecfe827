"""`check()` and `prospects()`: keys, models, figures and terms, without an answer generated."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from freetier import ConfigError, Router, UnknownModel
from freetier.display import text
from freetier.display.checkup import changes
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock
from freetier.values.checkup import Changed, Listed
from freetier.values.wire import Answer, Broken, HttpRequest, Timeouts

NOW = datetime(2026, 12, 1, tzinfo=UTC).timestamp()


class _Body:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, _timeout: float | None) -> bytes:
        data, self._data = self._data, b""
        return data

    def close(self) -> None:
        pass


class Pages:
    """A transport that answers by the end of the address, and remembers what was asked."""

    def __init__(self, **pages: Any) -> None:
        self.pages = pages
        self.asked: list[HttpRequest] = []

    def send(self, request: HttpRequest, _timeouts: Timeouts) -> Answer | Broken:
        """Answer 404 where there is no page."""
        self.asked.append(request)
        page = self.pages.get(request.url.partition("?")[0].rpartition("/")[2], (404, {}))
        if isinstance(page, Broken):
            return page
        status, body = page if isinstance(page, tuple) else (200, page)
        return Answer(status=status, headers=(), body=_Body(json.dumps(body).encode()))

    def close(self) -> None:
        """Nothing is open."""


def router(pages: Pages, **environ: str) -> Router:
    """Return a router over the providers whose variables are given."""
    return Router(environ=environ, transport=pages, clock=VirtualClock(NOW))


def groq(*ids: str, **more: Any) -> dict[str, Any]:
    """Return a list of models as Groq gives it."""
    return {"data": [{"id": name, **more} for name in ids]}


LIVE = ("openai/gpt-oss-120b", "openai/gpt-oss-20b", "openai/gpt-oss-safeguard-20b", "allam-2-7b")


def test_a_list_that_needs_a_key_tells_that_the_key_is_good() -> None:
    """And what is gone, what is new, and whose context is another one."""
    pages = Pages(models=groq(*LIVE, "fresh-1", context_window=131_072))
    (check,) = router(pages, GROQ_API_KEY="k").check().accounts
    assert (check.account, check.key, check.problem, check.ok) == ("groq", "accepted", "", True)
    assert check.listed == 5
    assert check.gone == ("qwen/qwen3.8-27b",)
    assert check.new == (Listed(id="fresh-1", context=131_072),)
    assert check.changed == (Changed(id="allam-2-7b", known=4096, told=131_072),)
    assert [request.method for request in pages.asked] == ["GET"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_told(status: int) -> None:
    """With the provider's words, and never the key."""
    body = {"error": {"message": "Invalid API Key sk-canary-1234567890", "code": "invalid_api_key"}}
    found = router(Pages(models=(status, body)), GROQ_API_KEY="sk-canary-1234567890").check()
    (check,) = found.accounts
    assert (check.key, found.ok) == ("refused", False)
    assert check.problem.startswith(("unauthorised", "forbidden"))
    assert "canary" not in str(found) + repr(found)


def test_a_host_that_cannot_be_reached_is_told() -> None:
    """The key is neither good nor bad for that."""
    gone = Broken(kind="connect", detail="ConnectError", sent=False)
    found = router(Pages(models=gone), GROQ_API_KEY="k").check()
    assert (found.accounts[0].key, found.accounts[0].problem) == (
        "untested",
        "unreachable: ConnectError",
    )
    assert not found.ok
    assert text(changes(found)).startswith("No account gave a list\ngroq: unreachable")


def test_a_list_that_anybody_sees_tells_nothing_of_a_key() -> None:
    """OpenRouter has a record of the key; NVIDIA has nothing, so that one request may tell."""
    listing = groq("openai/gpt-oss-20b")
    pages = Pages(models=listing, key={"data": {}})
    found = router(pages, OPENROUTER_API_KEY="k", NVIDIA_API_KEY="k").check()
    assert [check.key for check in found.accounts] == ["accepted", "untested"]
    assert "not tested" in found.accounts[1].note
    said = {"choices": [{"message": {"content": "Hi"}, "finish_reason": "length"}]}
    pages = Pages(models=listing, completions=said)
    spent = router(pages, NVIDIA_API_KEY="k").check(spend=True)
    assert (spent.accounts[0].key, spent.accounts[0].note) == ("accepted", "tested by one request")
    assert [request.method for request in pages.asked] == ["GET", "POST"]
    assert json.loads(pages.asked[1].body)["max_tokens"] == 1
    bad = Pages(models=listing, completions=(403, {"status": 403, "title": "Forbidden"}))
    refused = router(bad, NVIDIA_API_KEY="k").check(spend=True)
    assert (refused.accounts[0].key, refused.ok) == ("refused", False)


def test_a_model_that_the_configuration_names_must_be_there() -> None:
    """A ladder over a model that is gone is found before it is needed."""
    config = {
        "accounts": [{"provider": "groq", "api_key": "k"}],
        "models": [{"alias": "mine", "models": [{"provider": "groq", "model": "gpt-oss-20b"}]}],
    }
    pages = Pages(models=groq("openai/gpt-oss-120b"))
    found = Router(config, transport=pages, clock=VirtualClock(NOW)).check()
    assert found.accounts[0].wanted == ("openai/gpt-oss-20b",)
    assert not found.ok
    assert "configured, but not listed any more: openai/gpt-oss-20b" in str(found)


@pytest.mark.parametrize(
    "said",
    [
        {"aliases": {"mine": ["groq/gone-model"]}},
        {"default_model": "groq/gone-model"},
        {"accounts": [{"provider": "groq", "api_key": "k", "models": ["gone-model"]}]},
    ],
)
def test_a_model_that_the_catalog_does_not_know_is_missed_as_well(said: dict[str, Any]) -> None:
    """Wherever it is named; and nothing is missed once it is listed."""
    config = {"accounts": [{"provider": "groq", "api_key": "k"}]} | said
    pages = Pages(models=groq(*LIVE))
    mine = Router(config, transport=pages, clock=VirtualClock(NOW))
    (check,) = mine.check().accounts
    assert (check.wanted, check.ok) == (("gone-model",), False)
    assert "gone-model" in check.gone
    pages.pages["models"] = groq(*LIVE, "gone-model")
    assert mine.check().ok


@pytest.mark.parametrize(
    ("model", "listed", "wanted"),
    [
        ("ollama/qwen4", "qwen4:latest", ()),
        ("ollama/qwen4:8b", "qwen4:latest", ("qwen4:8b",)),
        ("huggingface/a/b:cheapest", "a/b", ()),
        ("openrouter/a/b:free", "a/b", ("a/b:free",)),
        ("openrouter/a/b:floor", "a/b", ()),
    ],
)
def test_an_ending_that_the_list_leaves_off_or_adds_is_no_other_model(
    model: str, listed: str, wanted: tuple[str, ...]
) -> None:
    """Which endings those are, the provider's file says."""
    account = {"provider": model.partition("/")[0], "api_key": "k"}
    pages = Pages(models=groq(listed), key={"data": {}})
    config = {"accounts": [account], "aliases": {"mine": [model]}}
    mine = Router(config, transport=pages, clock=VirtualClock(NOW))
    assert mine.check().accounts[0].wanted == wanted


def test_a_list_that_leaves_models_out_calls_none_gone() -> None:
    """Z.ai's has paid models only, and what costs nothing is served all the same."""
    config = {
        "accounts": [{"provider": "zai", "api_key": "k"}],
        "aliases": {"mine": ["zai/glm-4.7-flash"]},
    }
    pages = Pages(models=groq("glm-5.2", "glm-5.3"))
    (check,) = Router(config, transport=pages, clock=VirtualClock(NOW)).check().accounts
    assert (check.listed, check.gone, check.wanted, check.ok) == (2, (), (), True)
    assert "leaves out models" in check.note


def test_old_figures_are_counted_by_their_last_possible_day() -> None:
    """Groq's are of September and October 2026; after a year all of them are old."""
    pages = Pages(models=groq(*LIVE))
    check = router(pages, GROQ_API_KEY="k").check(max_age=365).accounts[0]
    assert (check.aged, check.oldest) == (0, None)
    check = router(pages, GROQ_API_KEY="k").check(max_age=0).accounts[0]
    assert check.aged > 10
    assert check.oldest is not None
    assert check.oldest.startswith("2026")


def test_terms_and_training_are_told() -> None:
    """They are facts of the catalog, with no need to ask."""
    check = router(Pages(models={"data": []}), MISTRAL_API_KEY="k").check().accounts[0]
    assert (check.terms, check.trains) == ("forbidden_for_consumers", True)
    assert "free use may train models" in str(router(Pages(), GEMINI_API_KEY="k").check())


def test_free_providers_without_an_account_are_named() -> None:
    """With the variable to set and the page that gives a key."""
    unused = router(Pages(), GROQ_API_KEY="k").check().unused
    assert "groq" not in {one.provider for one in unused}
    mistral = next(one for one in unused if one.provider == "mistral")
    assert mistral.variables == ("MISTRAL_API_KEY",)
    assert mistral.key_page is not None


def test_only_the_accounts_that_were_named_are_asked() -> None:
    """An unknown one is an error that names those there are."""
    pages = Pages(models=groq(*LIVE))
    both = router(pages, GROQ_API_KEY="k", MISTRAL_API_KEY="k")
    assert [check.account for check in both.check("mistral").accounts] == ["mistral"]
    with pytest.raises(ConfigError, match="no account 'grok'; there are groq, mistral"):
        both.check("grok")


def test_pages_of_a_list_are_read_to_the_end() -> None:
    """Google gives them in pages, though a thousand go on one."""

    class Paged(Pages):
        def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
            last = "pageToken=2" in request.url
            one = {"name": f"models/{'b' if last else 'a'}"}
            self.pages["models"] = {"models": [one]} | ({} if last else {"nextPageToken": "2"})
            return super().send(request, timeouts)

    pages = Paged()
    assert router(pages, GEMINI_API_KEY="k").check().accounts[0].listed == 2
    assert len(pages.asked) == 2


def test_a_good_key_ends_the_rest_of_a_refused_one() -> None:
    """`check()` is one of the ways back (decisions 8); a block for quota stays."""
    pages = Pages(completions=(401, {"error": {"message": "Invalid API Key"}}))
    mine = router(pages, GROQ_API_KEY="k")
    with pytest.raises(Exception, match="Invalid API Key"):
        mine.complete("Hi", model="gpt-oss-20b")
    assert any(row.blocked_why == "unauthorised" for row in mine.quota_status())
    pages.pages["models"] = groq(*LIVE)
    mine.check()
    assert not any(row.blocked_why for row in mine.quota_status())


def test_tasks_ask_as_threads_do() -> None:
    """Over a fleet, with one key wrong."""
    fleet = Fleet(FakeProvider("groq", models=list(LIVE), accounts=2))
    config: dict[str, Any] = fleet.config()
    config["accounts"][1]["auth"] = {"api_key": "wrong"}
    clock = VirtualClock(NOW)
    mine = Router(config, transport=fleet.transport(clock), clock=clock)
    found = clock.run(mine.acheck())
    assert [check.key for check in found.accounts] == ["accepted", "refused"]
    assert found == mine.check()
    assert fleet.books.admitted() == []


class TestProspects:
    """What each name can use here and now."""

    @staticmethod
    def made() -> tuple[Router, VirtualClock]:
        """A router over two providers, of which one has two requests a minute."""
        fleet = Fleet(
            FakeProvider("groq", limits=[Limit(2, "minute")], models=list(LIVE)),
            FakeProvider("mistral"),
        )
        clock = VirtualClock(NOW)
        made = Router(fleet.config(limits=True), transport=fleet.transport(clock), clock=clock)
        return made, clock

    def test_candidates_come_in_the_order_in_which_they_would_be_asked(self) -> None:
        """The best of all names first, with what they can do."""
        mine, _ = self.made()
        rows = mine.prospects("best")
        assert (rows[1].model, rows[1].tier) == ("openai/gpt-oss-120b", 4)
        assert (rows[0].tier, rows[0].free, rows[0].why) == (5, True, "")
        assert "tools" in rows[0].capabilities
        assert [row.tier for row in rows] == sorted((row.tier for row in rows), reverse=True)

    def test_who_is_full_says_when_he_is_back(self) -> None:
        """After two requests of two a minute."""
        mine, _ = self.made()
        for _ in range(2):
            mine.complete("Hi", model="gpt-oss-120b")
        (row,) = mine.prospects("gpt-oss-120b")
        assert "out of quota" in row.why
        assert row.back_in is not None
        assert 0 < row.back_in <= 61
        assert mine.prospects("gpt-oss-120b").nobody == ("gpt-oss-120b",)

    def test_all_aliases_are_shown_without_a_name(self) -> None:
        """Models of vectors are named below."""
        mine, _ = self.made()
        rows = mine.prospects()
        assert {"best", "fast", "tools"} <= {row.name for row in rows}
        assert "mistral-embed" in rows.vectors
        assert "Embeddings: " in str(rows)
        with pytest.raises(UnknownModel, match="nonsense"):
            mine.prospects("nonsense")


def test_a_list_that_drips_in_is_not_waited_for():
    """Each piece comes in time, and all of them never would."""
    clock = VirtualClock(NOW)

    class Drip:
        def read(self, timeout: float | None) -> bytes | Broken:
            assert timeout is not None
            clock.sleep(min(timeout, 5.0))
            return b" " if timeout else Broken(kind="timeout", detail="out of time")

        def close(self) -> None:
            pass

    class Slow(Pages):
        def send(self, request: HttpRequest, _timeouts: Timeouts) -> Answer | Broken:
            return Answer(status=200, headers=(), body=Drip())

    with Router(environ={"GROQ_API_KEY": "k"}, transport=Slow(), clock=clock) as router:
        found = router.check()
    assert found.accounts[0].problem == "timed_out: out of time"
    assert clock.now() - NOW < 100


@pytest.mark.parametrize("key", ["gsk_0123456789abcdefghij"])
def test_what_is_no_answer_does_not_bring_the_key_back(key):
    """What a complaint about the wire quotes may be what was sent."""
    broken = Broken(kind="garbage", detail=f"unknown encoding {key!r}")
    with router(Pages(models=broken), GROQ_API_KEY=key) as there:
        assert there.check().accounts[0].problem == "malformed: unknown encoding '***'"
