"""`spyglass config check | show | schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from spyglass.app.light import load_light
from spyglass.cli.client import Json
from spyglass.cli.show import console, print_json
from spyglass.config.load import as_yaml, load
from spyglass.config.spec import Settings

__all__ = ["app"]

app = typer.Typer(help="Look at the settings.", no_args_is_help=True)
File = Annotated[Path | None, typer.Option("--config", "-c", envvar="SPYGLASS_CONFIG", help="Settings file; default: spyglass.yaml here, if it is there.")]


@app.command()
def check(config: File = None, json: Json = False) -> None:
    """Say whether the server would start with these settings, and what is wrong where. Opens nothing."""
    settings = load(config)
    load_light()
    from spyglass.app.build import check as check_parts  # noqa: PLC0415 - all of the server takes half a second to load

    check_parts(settings)
    if json:
        print_json({"ok": True})
    else:
        console.print("The settings are right.")


@app.command()
def show(config: File = None, json: Json = False) -> None:
    """Print the settings in force, keys and passwords masked."""
    told = orjson.loads(load(config).model_dump_json())
    if json:
        print_json(told)
    else:
        console.print(as_yaml(told), end="", markup=False)


@app.command()
def schema(json: Json = False) -> None:
    """Print the JSON Schema of the settings file, for editors; with --json on one line."""
    told = Settings.model_json_schema()
    if json:
        print_json(told)
    else:
        console.print_json(data=told)
