"""No key comes out: everything that a router says, searched for keys in every disguise."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from freetier import AllFailed, ConfigError, Router
from freetier.testing import FakeAccount, FakeProvider, Fleet, faults
from tests.canary.keys import ALL, KEYS
from tests.canary.search import LONG, leaks
from tests.core.cli.program import environment
from tests.core.drivers.test_http import served
from tests.figures import Show

KEY = KEYS["groq"]


def test_no_key_comes_out(
    tmp_path: Path, redis_url: str, postgres_url: str, show: Show, record_property: object
) -> None:
    """Success and every fault, in every way to show it, over every store that is kept."""
    out = tmp_path / "out"
    ran = subprocess.run(
        [sys.executable, "-m", "tests.canary.program", str(tmp_path), redis_url, postgres_url],
        capture_output=True,
        check=False,
        env=environment(),
        timeout=600,
    )
    (out / "stdout").write_bytes(ran.stdout)
    (out / "stderr").write_bytes(ran.stderr)
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    _dump_redis(redis_url, out / "redis")
    _dump_postgres(postgres_url, out / "postgres")
    things = list(out.iterdir())
    size = sum(path.stat().st_size for path in things)
    found = leaks(out, ALL)
    show(
        f"{len(things)} things came out ({size / 1e6:.1f} MB), searched for {len(ALL)} keys in "
        f"plain sight, in part, quoted, as JSON, in hexadecimal and base64: {len(found)} found"
    )
    assert len(things) > 800
    assert not found


def _dump_redis(url: str, path: Path) -> None:
    """Write everything the server holds."""
    import redis

    with redis.Redis.from_url(url) as client:
        path.write_bytes(b"\n".join(key + (client.dump(key) or b"") for key in client.scan_iter()))


def _dump_postgres(url: str, path: Path) -> None:
    import psycopg

    lines = []
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables "
            "where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            lines += [repr(row) for row in connection.execute(f"select * from {table}")]  # noqa: S608
    path.write_text("\n".join(lines), "utf-8", errors="surrogateescape")


@pytest.mark.parametrize(
    "leaked",
    [
        f"error: {KEY} is wrong",
        quote(KEYS["nvidia"], safe=""),
        json.dumps({"key": KEYS["nvidia"]}),
        KEY.encode().hex(),
        base64.b64encode(f"Bearer {KEY}".encode()).decode(),
        KEY[4:20],
        KEY[::-1],
        KEYS["cohere"],
    ],
)
def test_a_leak_is_found(tmp_path: Path, leaked: str) -> None:
    """The control: each disguise, planted among other things."""
    (tmp_path / "log").write_text(f"much else\n{leaked}\nand more", "utf-8")
    assert leaks(tmp_path, ALL)
    (tmp_path / "log").write_text("much else\nand more", "utf-8")
    assert not leaks(tmp_path, ALL)


def test_a_key_goes_to_its_own_origin_only() -> None:
    """A redirect is not followed, a hint in a body is not believed; no key is in a URL."""
    with (
        Fleet(FakeProvider("elsewhere")) as elsewhere,
        Fleet(FakeProvider("groq", accounts=[FakeAccount(label="groq-1", key=KEY)])) as fleet,
    ):
        for status in (301, 302, 303, 307, 308):
            there = elsewhere.url("elsewhere")
            body = {"error": {"message": f"moved to {there}", "retry_at": there}}
            fleet.script("groq", [faults.Status(status, body=body)] * 2)
            with Router(fleet.config()) as router, pytest.raises(Exception, match="groq"):
                router.complete("Hello", model="groq/openai/gpt-oss-120b", max_wait=0, attempts=1)
        assert not elsewhere.books.entries


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-encoding: %s\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 %s\r\nno header\r\n\r\n",
        b"%s\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nAuthorization Bearer %s\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: %s\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%s\r\n",
    ],
)
def test_what_is_no_answer_does_not_bring_the_key_back(answer: bytes) -> None:
    """A complaint about a broken answer may quote it, and it may repeat what it was sent."""
    with served([answer % KEY.encode(), None], [answer % KEY.encode(), None]) as url:
        account = {"provider": "mine", "base_url": url, "models": ["m"], "free": True}
        account["auth"] = {"api_key": KEY}
        with Router({"accounts": [account]}) as router, pytest.raises(AllFailed) as caught:
            router.complete("Hello", model="mine/m", attempts=1, max_wait=0)
        told = f"{caught.value} {caught.value.report}".lower()
        assert not [n for n in range(len(KEY) - LONG) if KEY[n : n + LONG].lower() in told]


def test_a_key_is_not_taken_from_another_vendors_variable() -> None:
    """However alike the languages are."""
    with pytest.raises(ConfigError, match="GROQ_API_KEY"):
        Router({"accounts": [{"provider": "groq"}]}, environ={"OPENAI_API_KEY": KEY})


@pytest.mark.parametrize(
    "make",
    [
        lambda: Router(accounts=[{"provider": "groq", "auth": {"api_key": KEY}}], strategy="no"),
        lambda: Router({"accounts": [{"provider": "groq"}]}, environ={"OPENAI_API_KEY": KEY}),
        lambda: Router.from_env({"GROQ_API_KEY": f"{KEY} x"}),
        lambda: Router({}, environ={"GROQ_API_KEY": KEY}, store=f"redis://:{KEY}@h:x/0").complete(
            "Hello", model="best"
        ),
        lambda: Router({}, environ={"GROQ_API_KEY": KEY}, store=f"sqlite://{KEY}").complete(
            "Hello", model="best"
        ),
    ],
)
def test_keys_given_in_plain_sight_leave_no_trace_in_an_error(make: Callable[[], object]) -> None:
    """Whoever prints tracebacks with local variables sees none of ours that hold one."""
    import traceback

    with pytest.raises(ConfigError) as caught:
        make()
    ours = caught.value.__traceback__
    while ours is not None and "/freetier/" not in ours.tb_frame.f_code.co_filename:
        ours = ours.tb_next
    error = caught.value.with_traceback(ours)
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert KEY not in "".join(told.format())
