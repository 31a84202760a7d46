"""The tree: what is built by hand is as good as what was parsed."""

from __future__ import annotations

import pytest

from spyglass.search.parse import parse
from spyglass.search.tree import And, Everything, Match, Not, Or, Ref, Tree, all_of, any_of, walk
from spyglass.search.values import Pattern

A, B, C = (Match(Ref("agent"), (Pattern((name,)),)) for name in "abc")


def test_filters_are_added_to_a_search() -> None:
    """A facet that is clicked joins the text of the bar."""
    assert str(all_of(parse("timeout or is:error"), A)) == "(timeout or is:error) agent:a"
    assert all_of(Everything(), A) == A
    assert all_of() == Everything()
    assert any_of(A) == A


def test_equal_searches_are_equal_trees() -> None:
    """Nesting of the same kind is no difference."""
    assert And((And((A, B)), C)) == And((A, And((B, C)))) == all_of(A, B, C)
    assert hash(Or((Or((A, B)), C))) == hash(Or((A, B, C)))


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Not(Everything()), "-*"),
        (Or((Everything(), A)), "* or agent:a"),
        (Not(Not(A)), "--agent:a"),
        (And((Or((A, B)), C)), "(agent:a or agent:b) agent:c"),
        (Match(Ref("attr", 'a"b\\c'), (Pattern(("",)),)), 'attr."a\\"b\\\\c":""'),
        (Match(Ref("agent"), (Pattern(("a b", "*")),)), "agent:a\\ b*\\*"),
    ],
)
def test_brackets_quotes_and_escapes_stand_where_they_must(tree: Tree, text: str) -> None:
    """And nowhere else."""
    assert str(tree) == text
    assert parse(text) == tree


def test_a_walk_meets_every_node_from_left_to_right() -> None:
    """With its depth."""
    tree = Or((And((A, Not(B))), C))
    assert [(type(node), depth) for node, depth in walk(tree)] == [(Or, 1), (And, 2), (Match, 3), (Not, 3), (Match, 4), (Match, 2)]
