"""The file that lets a job go on."""

from __future__ import annotations

import json
import resource
import signal
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from freetier import ConfigError, Router
from freetier.errors import FreetierError, RequestRejected
from freetier.jobs.journal import Journal
from freetier.testing import FakeProvider, Fleet, VirtualClock
from freetier.values.faults import Fault
from freetier.values.reports import Completion, RouteReport

Opened = Callable[[str | Path, Mapping[str, object]], Journal]

JOB = {"asked": {"model": "fast"}}


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Open journals that are closed at the end."""
    with ExitStack() as files:
        yield lambda path, job: files.enter_context(closing(Journal(path, job)))


@pytest.fixture(scope="module")
def answer() -> Completion:
    """A real answer with a whole route."""
    fleet, clock = Fleet(FakeProvider("own", "generic")), VirtualClock()
    router = Router(fleet.config(), transport=fleet.transport(clock), clock=clock)
    return router.complete("Hello", model="own/m", tags=["a"])


def test_an_answer_comes_back_as_it_was(opened: Opened, tmp_path: Path, answer: Completion) -> None:
    """With usage, report and attempts."""
    first = opened(tmp_path / "j", JOB)
    first.note(first.key("x"), answer)
    first.close()
    again = opened(tmp_path / "j", JOB)
    assert len(again) == 1
    assert again.find(again.key("x")) == answer
    assert again.find(again.key("y")) is None


def test_equal_items_are_told_apart(opened: Opened, tmp_path: Path, answer: Completion) -> None:
    """The second of two equal items is another one, in each run."""
    journal = opened(tmp_path / "j", JOB)
    one, two = journal.key("x"), journal.key("x")
    assert one != two
    journal.note(one, answer)
    journal.close()
    again = opened(tmp_path / "j", JOB)
    assert again.find(again.key("x")) == answer
    assert again.find(again.key("x")) is None


def test_only_what_was_refused_for_itself_stays_failed(opened: Opened, tmp_path: Path) -> None:
    """The rest is tried again."""
    report = RouteReport(request_id="r", alias="fast")
    journal = opened(tmp_path / "j", JOB)
    one, two = journal.key("x"), journal.key("y")
    journal.note(one, RequestRejected("no", report, fault=Fault.BAD_REQUEST))
    journal.note(two, FreetierError("nobody there"))
    journal.close()
    again = opened(tmp_path / "j", JOB)
    found = again.find(again.key("x"))
    assert isinstance(found, FreetierError)
    assert str(found) == "RequestRejected: no"
    assert again.find(again.key("y")) is None


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_line_cut_by_a_crash_is_cut_away(
    opened: Opened, tmp_path: Path, answer: Completion, cut: int
) -> None:
    """The items before it are kept, and the file can be written on."""
    path = tmp_path / "j"
    journal = opened(path, JOB)
    for item in "xy":
        journal.note(journal.key(item), answer)
    journal.close()
    path.write_bytes(path.read_bytes()[:-cut])
    again = opened(path, JOB)
    keys = again.key("x"), again.key("y")
    assert [again.find(key) == answer for key in keys] == [True, False]
    again.note(keys[1], answer)
    again.close()
    assert len(opened(path, JOB)) == 2


def test_a_header_cut_by_a_crash_begins_anew(opened: Opened, tmp_path: Path) -> None:
    """Nothing was done yet."""
    (tmp_path / "j").write_bytes(b'{"freetier":1,"jo')
    assert len(opened(tmp_path / "j", JOB)) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"my notes", "no journal of a job"),
        (b'{"a": 1}\n', "no journal of a job"),
        (b'{"freetier": 99, "job": "x"}\n', "newer version"),
        (b'{"freetier": 1, "job": "another"}\n', "of another job"),
    ],
)
def test_a_strange_file_is_left_as_it_is(
    opened: Opened, tmp_path: Path, content: bytes, says: str
) -> None:
    """Never emptied, and named."""
    path = tmp_path / "j"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=says) as error:
        opened(path, JOB)
    assert str(path) in str(error.value)
    assert path.read_bytes() == content


def test_a_broken_line_in_the_middle_is_named(
    opened: Opened, tmp_path: Path, answer: Completion
) -> None:
    """By its number; nothing is lost."""
    path = tmp_path / "j"
    journal = opened(path, JOB)
    journal.note(journal.key("x"), answer)
    journal.close()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"garbage\n" + lines[1])
    with pytest.raises(ConfigError, match="line 2"):
        opened(path, JOB)


def test_two_processes_cannot_work_on_one_job(opened: Opened, tmp_path: Path) -> None:
    """Each would ask what the other asks."""
    first = opened(tmp_path / "j", JOB)
    with pytest.raises(ConfigError, match="another process"):
        opened(tmp_path / "j", JOB)
    first.close()
    opened(tmp_path / "j", JOB).close()


def test_the_file_is_its_owners_and_holds_no_prompt(
    opened: Opened, tmp_path: Path, answer: Completion
) -> None:
    """Answers are somebody's, and a prompt may be anything."""
    path = tmp_path / "j"
    journal = opened(path, JOB)
    journal.note(journal.key("a secret question"), answer)
    journal.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text("utf-8")
    assert "a secret question" not in text
    assert json.loads(text.splitlines()[1])["completion"]["content"]["text"] == answer.text


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let no file of this process grow beyond two kilobytes, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


def _fill(journal: Journal, answer: Completion) -> None:
    for i in range(100):
        journal.note(journal.key(i), answer)


def test_a_full_disk_is_told_and_nothing_is_lost(
    opened: Opened, tmp_path: Path, answer: Completion, small_files: None
) -> None:
    """With the file's name; what was written before stays readable."""
    journal = opened(tmp_path / "j", JOB)
    with pytest.raises(ConfigError, match=r"j: cannot be written"):
        _fill(journal, answer)
    journal.close()
    again = opened(tmp_path / "j", JOB)
    assert len(again) >= 1
    assert again.find(again.key(0)) == answer


def test_what_has_no_end_is_no_journal(opened: Opened) -> None:
    """A device instead of a file."""
    with pytest.raises(ConfigError, match="no journal of a job"):
        opened("/dev/zero", JOB)


def test_a_folder_that_is_not_there_is_told(opened: Opened, tmp_path: Path) -> None:
    """Before anything is asked."""
    with pytest.raises(ConfigError, match="cannot be opened"):
        opened(tmp_path / "not" / "there", JOB)
