"""The command line. Exit codes: 0 done, 1 it failed, 2 the call was wrong, 3 the server cannot be reached, 4 there is nothing to show."""

from __future__ import annotations

import sys

import httpx
import typer
from rich.console import Console

from spyglass.cli import (
    agents,
    alerts,
    analytics,
    analyzers,
    config,
    data,
    demo,
    doctor,
    evidence,
    executions,
    findings,
    health,
    query,
    runners,
    sql,
    tail,
    trace,
    up,
    version,
    watch,
)
from spyglass.cli.client import unreachable
from spyglass.model.errors import ConfigError, InputError, SpyglassError

__all__ = ["app", "main"]

app = typer.Typer(
    name="spyglass",
    help="See what AI agents really do.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("up")(up.up)
app.command("query")(query.query)
app.command("trace")(trace.trace)
app.command("watch", context_settings={"allow_interspersed_args": False})(watch.watch)
app.command("evidence")(evidence.evidence)
app.command("executions")(executions.executions)
app.command("health")(health.health)
app.command("tail")(tail.tail)
app.command("sql")(sql.sql)
app.command("import")(data.import_)
app.command("export")(data.export)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("version")(version.version)
app.add_typer(config.app, name="config")
app.add_typer(runners.app, name="runners")
app.add_typer(analyzers.app, name="analyzers")
app.add_typer(agents.app, name="agents")
app.add_typer(alerts.app, name="alerts")
app.add_typer(findings.app, name="findings")
app.add_typer(analytics.app, name="analytics")


def main() -> None:
    """Run the command line; every error of ours becomes one clear line and an exit code."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        app()
    except (ConfigError, InputError) as error:
        console.print(error.message, style="red", markup=False)
        sys.exit(2)
    except SpyglassError as error:
        console.print(error.message, style="red", markup=False)
        sys.exit(1)
    except httpx.TransportError as error:
        console.print(unreachable(error), style="red", markup=False)
        sys.exit(3)
    except BrokenPipeError:
        sys.exit(0)  # the reader of our output had enough
    except KeyboardInterrupt:
        sys.exit(130)
