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
