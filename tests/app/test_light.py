"""The server loads what it needs and no more."""

from __future__ import annotations

import subprocess
import sys


def test_the_server_starts_without_pandas() -> None:
    """Nor does pyarrow import it later; whoever wants pandas can still have it."""
    script = """
        import os, sys
        from spyglass.app.light import load_light
        assert "pyarrow" not in sys.modules, "something loads it before the allocators are set"
        os.environ["MIMALLOC_PURGE_DELAY"] = "10"
        load_light()
        import spyglass.app.lifecycle, pyarrow
        pyarrow.array([1, 2]).to_numpy()
        assert "pandas" not in sys.modules, "pandas was loaded"
        assert os.environ["MIMALLOC_PURGE_DELAY"] == "10", "what the operator says stands"
        import pandas
        """
    program = "\n".join(line.strip() for line in script.splitlines())
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


def test_the_command_line_loads_no_arrow() -> None:
    """`spyglass --help` is quick, and `up` can say how memory is handled before anything takes some."""
    result = subprocess.run(
        [sys.executable, "-c", "import spyglass.cli.main, sys; print('pyarrow' in sys.modules)"], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.stdout == "False\n", result.stderr


def test_what_only_the_start_needed_is_let_go() -> None:
    """And all goes on as before."""
    script = """
        from pathlib import Path
        from spyglass.app.light import let_go, load_light
        load_light()
        import spyglass.app.lifecycle, pyarrow.compute, chdb
        def of_files():
            (line,) = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("RssFile")]
            return int(line.split()[1])
        before = of_files()
        let_go()
        assert of_files() < before / 2, (before, of_files())
        assert pyarrow.compute.sum(pyarrow.array([1, 2])).as_py() == 3
        """
    program = "\n".join(line.removeprefix("        ") for line in script.splitlines())
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
