"""`spyglass up`: the whole product in one process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvloop

from spyglass.app.light import load_light
from spyglass.cli.client import Json
from spyglass.cli.show import console, print_json
from spyglass.config.load import load

__all__ = ["up"]


def up(
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Where everything is kept.")] = None,
    http_port: Annotated[int | None, typer.Option("--http-port", help="Web app and API.", show_default="7700")] = None,
    otlp_http_port: Annotated[int | None, typer.Option("--otlp-http-port", help="OTLP over HTTP.", show_default="4318")] = None,
    otlp_grpc_port: Annotated[int | None, typer.Option("--otlp-grpc-port", help="OTLP over gRPC.", show_default="4317")] = None,
    host: Annotated[list[str] | None, typer.Option("--host", help="Address to listen on; may be repeated.", show_default="this machine only")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", envvar="SPYGLASS_CONFIG", help="Settings file.", show_default="spyglass.yaml, if there")
    ] = None,
    json: Json = False,
) -> None:
    """Start Spyglass: receive, keep, show. Ctrl-C stops it; nothing that was acknowledged is lost."""
    overrides = {"data_dir": data_dir, "http_port": http_port, "otlp_http_port": otlp_http_port, "otlp_grpc_port": otlp_grpc_port}
    settings = load(config, {**overrides, "host": tuple(host) if host else None})
    load_light()
    from spyglass.app.lifecycle import run  # noqa: PLC0415 - the engine takes half a second to load, which no other command needs, nor a wrong setting

    def ready(ports: dict[str, int]) -> None:
        if json:
            print_json({"ready": True, "ports": ports, "data_dir": str(settings.data_dir)})
        else:
            console.print(_welcome(ports, settings.data_dir), markup=True)

    uvloop.run(run(settings, ready))


def _welcome(ports: dict[str, int], data_dir: Path) -> str:
    web, http, grpc = ports["http"], ports["otlp_http"], ports["otlp_grpc"]
    where = "" if web == 7700 else f"\n          export SPYGLASS_URL=http://localhost:{web}     (first: they ask port 7700 otherwise)"
    return f"""
[bold]Spyglass is up.[/bold]  http://localhost:{web}

  Send    OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:{http}     (OTLP/HTTP)
          OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:{grpc}     (OTLP/gRPC)
  Look    spyglass query · spyglass tail · http://localhost:{web}/docs{where}
  Try     spyglass demo     sends the work of a few lively agents

  Kept in {data_dir}. Ctrl-C stops it.
"""
