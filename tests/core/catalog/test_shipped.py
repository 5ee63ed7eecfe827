"""A catalog's folder is read file by file."""

from __future__ import annotations

import pytest

from freetier.catalog.shipped import Catalog
from freetier.errors import ConfigError
from tests.core.catalog.folder import NAMES, copy_of_shipped, small

ACME = "name: acme\nbase_url: https://api.acme.test/v1\n"


def test_only_the_files_of_named_providers_are_read(tmp_path):
    """All other files may be garbage."""
    root = copy_of_shipped(tmp_path)
    for name in set(NAMES) - {"groq", "mistral"}:
        (root / "providers" / f"{name}.yaml").write_text("{{{", encoding="utf-8")
    catalog = Catalog(root)
    assert catalog.index.keys["openai"] == ("OPENAI_API_KEY",)
    assert set(catalog.load(["groq", "mistral"])) == {"groq", "mistral"}
    with pytest.raises(ConfigError, match=r"providers/xai\.yaml: line "):
        catalog.provider("xai")


def test_a_file_is_read_once(tmp_path):
    """What was read stays, whatever becomes of the file."""
    catalog = small(tmp_path, acme=ACME)
    first = catalog.provider("acme")
    (tmp_path / "providers" / "acme.yaml").unlink()
    assert catalog.provider("ACME") is first


def test_a_wrong_file_is_told_by_its_name(tmp_path):
    """Key path and file lead to the mistake."""
    catalog = small(tmp_path, acme=ACME + "modles: []\n")
    with pytest.raises(ConfigError) as told:
        catalog.provider("acme")
    text = "providers/acme.yaml: modles: unknown key; did you mean 'models'?"
    assert str(told.value) == text


def test_a_provider_may_copy_another(tmp_path):
    """It takes what it does not say itself, and leaves out what its language cannot say."""
    catalog = small(
        tmp_path,
        acme=ACME
        + """
key_env: [ACME_KEY]
quirks: {names: false}
models:
  - {id: m, tier: 2, capabilities: [tools, audio]}
""",
        twin="""
name: twin
base_url: https://twin.acme.test/v1
copies: acme
without: [audio]
note: the other door
""",
    )
    twin = catalog.provider("twin")
    assert (twin.name, twin.base_url, twin.note) == (
        "twin",
        "https://twin.acme.test/v1",
        "the other door",
    )
    assert twin.key_env == ("ACME_KEY",)
    assert twin.models[0].capabilities == {"tools"}
    assert twin.quirks.names  # how to speak to it is its own


def test_a_copy_of_nobody_is_told(tmp_path):
    """The nearest name stands beside it."""
    catalog = small(tmp_path, acme=ACME, twin=ACME.replace("acme\n", "twin\n") + "copies: acmee\n")
    with pytest.raises(ConfigError, match=r"twin.yaml: copies: unknown provider 'acmee'; did you"):
        catalog.provider("twin")


def test_the_file_of_a_copy_is_read_for_it_alone(tmp_path):
    """A mistake in the other file is told by the other file's name."""
    twin = ACME.replace("acme\n", "twin\n") + "copies: acme\n"
    catalog = small(tmp_path, acme="name: acme\n", twin=twin)
    with pytest.raises(ConfigError, match=r"providers/acme\.yaml: base_url: is missing"):
        catalog.provider("twin")
