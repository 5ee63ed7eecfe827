"""The public face of the kit: its names, and what it loads."""

from __future__ import annotations

import subprocess
import sys

from freetier import testing


def test_every_public_name_is_there_and_told() -> None:
    """Each name of `__all__` exists and stands in the docstring."""
    for name in testing.__all__:
        assert hasattr(testing, name)
        assert f"`{name}`" in (testing.__doc__ or ""), name


def test_the_kit_loads_no_http_library() -> None:
    """It comes with the first fleet that opens a port; without sockets it is not needed."""
    program = (
        "import sys; from freetier.testing import *; "
        "f = Fleet(FakeProvider('groq')); f.transport(VirtualClock()); "
        "print('aiohttp' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"


def test_without_the_extra_a_fleet_says_what_to_install() -> None:
    """The error names the extra."""
    program = (
        "import sys; sys.modules['aiohttp'] = None\n"
        "from freetier.testing import *\n"
        "try:\n    Fleet(FakeProvider('groq')).start()\n"
        "except ImportError as error:\n    print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert "freetier[testing]" in told.stdout
