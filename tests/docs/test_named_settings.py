"""A message that tells an operator to change a setting names one that exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from spyglass.config.names import fields, section_of

SOURCE = Path(__file__).parents[2] / "src"
KNOWN = {path for path, _ in fields()}
SECTIONS = "|".join(path for path, field in fields() if section_of(field))
NAMED = re.compile(rf"(?<![\w./`'])(?:{SECTIONS})\.[a-z][a-z_]*")


def messages(tree: ast.AST) -> Iterator[str]:
    """Every text that is no docstring."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings)


def test_every_setting_that_a_message_names_exists() -> None:
    """Else its reader looks for what is not there."""
    named = {
        (path.relative_to(SOURCE).as_posix(), name)
        for path in SOURCE.rglob("*.py")
        for text in messages(ast.parse(path.read_bytes()))
        if " " in text
        for name in NAMED.findall(text)
    }
    assert len(named) > 10
    assert {(path, name) for path, name in named if name not in KNOWN} == set()
