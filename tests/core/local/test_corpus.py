"""The text of the demo, and whether retrieval finds the answers in it."""

from __future__ import annotations

from freetier.local import PROMPT, embed, passages, questions


def test_every_question_is_answered_by_one_passage():
    """The named passage exists and says the expected words."""
    texts = {passage.title: passage.text for passage in passages()}
    assert len(texts) == len(passages()) >= 40
    assert len(questions()) >= 8
    for question in questions():
        assert all(word in texts[question.title] for word in question.words)


def test_passages_are_short():
    """A small model copies one or two sentences well, and no more."""
    assert max(len(passage.text) for passage in passages()) <= 200


def test_the_wording_has_its_two_places():
    """Both frameworks' templates fill context and question."""
    assert PROMPT.format(context="C", question="Q").endswith("Text: C\n\nQuestion: Q")


def test_the_nearest_passage_is_the_right_one_for_every_question(extra):
    """With the real embeddings one retrieved passage is enough."""
    texts = passages()
    vectors = embed([passage.text for passage in texts])
    for question, vector in zip(questions(), embed([q.text for q in questions()]), strict=True):
        likeness = [sum(map(float.__mul__, vector, other)) for other in vectors]
        assert texts[likeness.index(max(likeness))].title == question.title
