"""The tokenizer, against ids of the reference tokenizer for bert-base-uncased."""

from __future__ import annotations

import pytest

from freetier.local.wordpiece import WordPiece, english, words

START, END, UNKNOWN = 101, 102, 100

# text, ids between [CLS] and [SEP] as the library `tokenizers` 0.21 gives them
REFERENCE = [
    ("", []),
    ("Venus is the hottest planet.", [11691, 2003, 1996, 20930, 4774, 1012]),
    (
        "The rings of Saturn: unbelievably thin!",
        [1996, 7635, 1997, 14784, 1024, 4895, 8671, 2666, 3567, 6321, 4857, 999],
    ),
    ("Café naïve déjà-vu", [7668, 15743, 2139, 3900, 1011, 24728]),
    ("don't stop\N{EM DASH}believing", [2123, 1005, 1056, 2644, 1517, 8929]),
    ("\u65e5\u672c\u8a9e text", [1864, 1876, 1950, 3793]),
    ("emoji \N{SHRUG} ok", [7861, 29147, 2072, UNKNOWN, 7929]),
    ("tab\tnew\nline\N{LINE SEPARATOR}end", [21628, 2047, 2240, 2203]),
    ("zero\N{ZERO WIDTH SPACE}width", [5717, 9148, 11927, 2232]),
    ("\u0391\u03a3 \u038c\u03a3\u039f\u03a3", [1155, 29733, 1169, 29733, 29730, 29733]),
]


@pytest.mark.parametrize(("text", "ids"), REFERENCE)
def test_ids_equal_those_of_the_reference(text, ids):
    """Accents, marks, ideographs, controls and Greek are split and folded alike."""
    assert english().encode(text) == [START, *ids, END]


def test_a_long_text_is_cut_and_still_ends_properly():
    """At most `limit` ids, the last of them [SEP]."""
    ids = english().encode("planet " * 1000, limit=16)
    assert ids == [START, *[4774] * 14, END]


def test_a_word_of_more_than_a_hundred_letters_is_unknown():
    """As in the reference."""
    assert english().encode("a" * 101) == [START, UNKNOWN, END]
    assert UNKNOWN not in english().encode("a" * 100)


def test_the_shipped_vocabulary_is_whole():
    """30,522 pieces, the last of them the fullwidth tilde."""
    assert english().encode("\N{FULLWIDTH TILDE}") == [START, 1995, END]


def test_pieces_are_the_longest_that_are_known():
    """A word is read from the left, greedily."""
    tokenizer = WordPiece(["[UNK]", "[CLS]", "[SEP]", "sun", "sunsp", "##ot", "##spots", "##s"])
    assert tokenizer.encode("sunspots moon") == [1, 4, 5, 7, 0, 2]


def test_marks_are_words_of_their_own():
    """Blanks divide; marks divide and stay."""
    assert list(words("Hot, hotter  (hottest)")) == ["hot", ",", "hotter", "(", "hottest", ")"]
