"""Vectors that both frameworks share."""

from __future__ import annotations

import math

from freetier.demo.vectors import Vectors, word_vectors
from freetier.local import passages, questions


def test_each_text_is_embedded_once():
    """Whichever framework asks first, and however often a text comes."""
    asked: list[str] = []

    def embed(texts):
        asked.extend(texts)
        return [[float(len(text))] for text in texts]

    vectors = Vectors(embed)

    assert vectors.of(["Venus", "Mars", "Venus"]) == [[5.0], [4.0], [5.0]]
    assert vectors.of(["Mars"]) == [[4.0]]
    assert asked == ["Venus", "Mars"]


def test_counted_words_find_the_passages_of_most_questions():
    """No model, but no chance either: the canned demo retrieves what it is about."""
    texts = {passage.title: passage.text for passage in passages()}
    known = dict(zip(texts, word_vectors(list(texts.values())), strict=True))

    def nearest(text: str) -> str:
        (vector,) = word_vectors([text])
        return max(known, key=lambda title: dot(known[title], vector))

    def dot(one, other) -> float:
        return sum(a * b for a, b in zip(one, other, strict=True))

    right = [question for question in questions() if nearest(question.text) == question.title]
    assert len(right) >= len(questions()) / 2


def test_counted_words_have_length_one():
    """As the vectors of a model have; a text without a word has none."""
    whole, empty = word_vectors(["The tides of the sea", "is it?"])
    assert math.isclose(math.hypot(*whole), 1.0)
    assert math.hypot(*empty) == 0.0
