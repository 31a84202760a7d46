"""Answers to the same question: how unlike the earlier ones each is."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.stats.answers import Answers, answer_of
from spyglass.analyze.stats.evidence import evidence_of

WORDS = "the river carries cold water to the sea and its banks are green in spring while mills turn slowly all year".split()


def told(random, count, words=WORDS):
    """Answers of some length from these words."""
    return [" ".join(random.choice(words, random.integers(8, 20))) for _ in range(count)]


def ranks(answers, chances):
    """The probability of each that was judged."""
    kept = Answers()
    kept.grow(1)
    found = [kept.step(0, answer_of(text), chance) for text, chance in zip(answers, chances, strict=True)]
    return np.array([one[0] for one in found if one])


def longest_evidence(probabilities):
    """The largest that it ever was, never below one in between."""
    evidence = largest = 0.0
    for one in probabilities:
        evidence = max(evidence, 0.0) + evidence_of(one)
        largest = max(largest, evidence)
    return largest


@pytest.mark.parametrize("kind", ["always the same", "one of three", "all different"])
def test_an_answer_of_the_same_kind_has_any_rank(kind):
    """Each as likely, whatever answers look like, so that evidence hardly ever grows: a hundred answers to each of thirty questions, one in a thousand."""
    random = np.random.default_rng(3)
    draw = {
        "always the same": lambda: ["yes"] * 124,
        "one of three": lambda: random.choice(told(random, 3), 124).tolist(),
        "all different": lambda: told(random, 124),
    }
    found = [ranks(draw[kind](), random.random(124)) for _ in range(30)]
    assert abs(np.concatenate(found).mean() - 0.5) < 0.03
    assert 0.05 < (np.concatenate(found) < 0.1).mean() < 0.15
    assert sum(longest_evidence(one) > np.log(1_000) for one in found) <= 6  # 3,000 answers: three are allowed


@pytest.mark.parametrize("kind", ["other words", "longer", "no longer the same"])
def test_an_answer_of_another_kind_is_found_soon(kind):
    """Within two dozen answers to one question, in nine of ten cases."""
    random, found = np.random.default_rng(4), 0
    for _ in range(20):
        before = ["forty-two"] * 60 if kind == "no longer the same" else told(random, 60)
        after = {"other words": told(random, 24, ["snow", "engine", "grammar", "velvet"]), "longer": [" ".join(told(random, 4)) for _ in range(24)]}
        found += longest_evidence(ranks(before + after.get(kind, [f"forty-{at}" for at in range(24)]), random.random(84))) > np.log(1_000)
    assert found >= 18


def test_it_says_what_became_of_the_answers():
    """In shares and lengths; and goes on after a restart."""
    kept = Answers()
    kept.grow(2)
    for at in range(48):
        kept.step(1, answer_of("yes" if at < 36 else f"certainly not {at}"), 0.5)
    other = Answers()
    other.restore(kept.save())
    found = other.compared(1)
    assert (found.same_before, found.same_now, round(found.length_before), round(found.length_now)) == (1.0, 0.0, 3, 16)
    yes = answer_of("yes")
    assert other.known(1, yes.number)[:2] == yes[:2]
    assert other.known(1, 5) is None
    assert kept.compared(0) is None


@pytest.mark.parametrize("text", ["", "a", "\ud800".encode("utf-8", "replace").decode(), "🙂" * 10_000, "\x00" * 7])
def test_any_text_is_an_answer(text):
    """Empty, short, huge, odd."""
    found = answer_of(text)
    assert np.isfinite([found.length, *found.sketch]).all()
    assert float((found.sketch.astype(float) ** 2).sum()) == pytest.approx(1, abs=1e-5)
