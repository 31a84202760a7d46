"""What a stranger who clones the repository may rely on: complete, clean, bound to no machine, and locked."""

import hashlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"  # sha256 of the licence as apache.org has it

MACHINE = re.compile(r"/(?:work|farm|root|home/[a-z]+|Users/[a-z]+)/|/opt/(?:pypi|wheels)")
REGISTRY = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|registry\.yarnpkg|deb\.debian|proxy\.golang")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|raise NotImplementedError|\bfor now\b|lorem ipsum")


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file of the repository, without this one, which has to spell what it forbids."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"not a git checkout, or no git here: {error}; get it with git clone")
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and path != Path(__file__)]


@pytest.fixture(scope="module")
def texts(tracked) -> dict[str, str]:
    """Text by path, of files that are text."""
    contents = {str(path.relative_to(ROOT)): path.read_bytes() for path in tracked}
    return {name: body.decode(errors="replace") for name, body in contents.items() if b"\0" not in body}


def found(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    lines = ((name, number, line) for name, text in texts.items() for number, line in enumerate(text.splitlines(), 1))
    return [f"{name}:{number}: {line.strip()[:120]}" for name, number, line in lines if pattern.search(line)]


def project(folder: str = ".") -> dict:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> dict[str, list[str]]:
    """Give the locked versions by package; several where platforms or Pythons differ."""
    locked: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([a-z0-9.-]+)==([^ ]+)", (ROOT / f"requirements/{name}.lock").read_text(encoding="utf-8"), re.MULTILINE):
        locked.setdefault(package, []).append(version)
    return locked


@pytest.mark.parametrize(("what", "pattern"), [("a path of a machine", MACHINE), ("a registry host", REGISTRY), ("unfinished work", UNFINISHED)])
def test_no_file_contains(what, pattern, texts):
    """Nothing in the repository depends on where it was written, or says that it is not done."""
    assert not found(pattern, texts), f"{what}:\n" + "\n".join(found(pattern, texts))


def test_no_file_is_large(tracked):
    """Data and builds do not belong into git."""
    assert [f"{path.relative_to(ROOT)} ({path.stat().st_size} bytes)" for path in tracked if path.stat().st_size > 2**20] == []


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "sdk/README.md"])
def test_page_is_there(name):
    """The pages that a newcomer looks for have something to say."""
    assert (ROOT / name).read_text(encoding="utf-8").startswith("# ")


def test_architecture_is_short():
    """What is longer than 200 lines is not read."""
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) < 200


@pytest.mark.parametrize("name", ["LICENSE", "sdk/LICENSE"])
def test_licence_is_the_real_one(name):
    """Both wheels carry the unchanged Apache License 2.0."""
    assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == APACHE_2


def test_links_between_pages_lead_somewhere(texts):
    """Relative links in Markdown point at files of the repository."""
    links = [(name, target) for name, text in texts.items() if name.endswith(".md") for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)]
    assert [f"{name}: {target}" for name, target in links if not ((ROOT / name).parent / target).exists()] == []


def test_make_has_few_targets_and_pages_name_real_ones(texts):
    """At most 12, each with its line in `make help`; no page tells of one that is not there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())
    assert len(targets) <= 12
    assert set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)) == targets
    named = {name for page, text in texts.items() if page.endswith(".md") for name in re.findall(r"`make ([a-z]+)", text)}
    assert named <= targets


@pytest.mark.parametrize("name", ["runtime", "dev", "build", "tools"])
def test_lock_has_hashes_and_names_no_place(name):
    """Each pin has its hashes, and where packages come from is left to the machine."""
    text = (ROOT / f"requirements/{name}.lock").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert blocks
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert not re.search(r"://|^-|file:", text, re.MULTILINE)


def test_locks_agree_with_each_other():
    """What runs in production is what was tested."""
    tested = pins("dev")
    assert {package: versions for name in ("runtime", "build") for package, versions in pins(name).items() if tested.get(package) != versions} == {}


def test_locks_follow_the_projects():
    """Every dependency that is asked for is locked, at a version that was asked for; else run `make lock`."""
    server, sdk = project(), project("sdk")
    wanted = {
        "runtime": server["project"]["dependencies"],
        "build": server["dependency-groups"]["build"],
        "tools": server["dependency-groups"]["tools"],
        "dev": server["project"]["dependencies"] + server["dependency-groups"]["dev"] + sdk["project"]["dependencies"],
    }
    asked = [(name, Requirement(text)) for name, texts in wanted.items() for text in texts]
    stale = [f"{name}: {want}" for name, want in asked if not any(want.specifier.contains(v) for v in pins(name).get(want.name, []))]
    assert not stale, f"run make lock; out of date: {stale}"


def test_both_wheels_want_the_same_python():
    """Server and SDK are made for the same versions."""
    assert project()["project"]["requires-python"] == project("sdk")["project"]["requires-python"]
