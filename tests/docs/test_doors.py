"""One library, one door: a library whose shape would leak everywhere is imported in one place, so that it can be replaced there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"

# library: the modules (with all below them) that may import it
DOORS = {
    "apprise": ("spyglass.alert.notify.apprise_child",),
    "brotli": ("spyglass.collect.flows.encodings",),
    "chdb": ("spyglass.testing.bridge",),
    "clickhouse_connect": tuple(f"spyglass.store.{name}" for name in ("address", "engine", "failures", "handles", "opening")),
    "cryptography": ("spyglass.facts.vault",),
    "dns": ("spyglass.collect.system.names",),
    "elftools": ("spyglass.collect.probe",),
    "fastapi": ("spyglass.show",),
    "genai_prices": ("spyglass.refine",),
    "grpc": ("spyglass.receive", "spyglass.cli.probe", "spyglass.cli.otlp_grpc"),
    "h11": ("spyglass.collect.flows.http1",),
    "hpack": ("spyglass.collect.flows.hpack_table",),
    "hyperframe": ("spyglass.collect.flows.http2",),
    "lark": ("spyglass.search",),
    "onnxruntime": ("spyglass.analyze.shadow",),
    "opentelemetry": ("spyglass.decode", "spyglass.story", "spyglass.collect.otlp"),  # the story, and what runners tell, are told as OTLP
    "psutil": ("spyglass.collect",),
    "ptars": ("spyglass.decode.ptars_door",),
    "rich": ("spyglass.cli",),
    "typer": ("spyglass.cli",),
    "websockets": ("spyglass.collect.flows.websocket",),
    "yaml": ("spyglass.config.load", "spyglass.refine"),
}


def imports(path: Path) -> Iterator[str]:
    """Give every absolute module name that a file imports, at whatever depth of the code."""
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def within(module: str, parents: tuple[str, ...]) -> bool:
    return any(module == parent or module.startswith(f"{parent}.") for parent in parents)


@pytest.fixture(scope="module")
def importers() -> dict[str, set[str]]:
    """Importing module by library."""
    found: dict[str, set[str]] = {library: set() for library in DOORS}
    for path in SOURCE.rglob("*.py"):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        for library in {name.split(".")[0] for name in imports(path)} & found.keys():
            found[library].add(module)
    return found


@pytest.mark.parametrize("library", DOORS)
def test_library_is_imported_behind_its_door_only(library, importers):
    """Whoever else needs it is handed what it needs."""
    strangers = sorted(module for module in importers[library] if not within(module, DOORS[library]))
    assert not strangers, f"{library} belongs to {' and '.join(DOORS[library])}; also imported by {', '.join(strangers)}"
