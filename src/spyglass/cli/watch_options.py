"""The options of `spyglass watch`: what each is called and means, and which setting of the section `watch` it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

__all__ = [
    "Body",
    "Cgroup",
    "Command",
    "Config",
    "Content",
    "Files",
    "Host",
    "Level",
    "MinBytes",
    "Name",
    "Network",
    "OnlyCommand",
    "OnlyHost",
    "OnlyPath",
    "OnlyPort",
    "Pids",
    "Program",
    "Project",
    "Quiet",
    "Reads",
    "Redact",
    "Sample",
    "ServerKey",
    "ServerUrl",
    "SkipCommand",
    "SkipHost",
    "SkipPath",
    "SkipPort",
    "Stdio",
    "Stoppable",
    "Tls",
    "overrides",
]

_WHOM, _WHAT, _MUCH = "Whom to watch", "What to tell (settings: watch; what takes a GLOB may be repeated)", "How much of it (settings: watch)"
_SAMPLED: Final = ("processes", "files", "connections", "calls")
_SETTINGS: Final = {  # by option
    **{name: name for name in ("level", "files", "reads", "network", "tls", "stdio", "content", "redact", "stoppable")},
    **{f"{rule}_{what}": f"{rule}_{what}s" for rule in ("only", "skip") for what in ("command", "path", "host", "port")},
    "min_bytes": "min_file_bytes",
    "max_body": "max_body_bytes",
}


def _whom(flag: str, about: str, metavar: str | None = None, default: str | bool = False) -> Any:
    return typer.Option(flag, help=about, metavar=metavar, show_default=default, rich_help_panel=_WHOM)


def _what(flag: str, about: str, default: str, panel: str = _WHAT) -> Any:
    return typer.Option(f"--{flag}/--no-{flag}", help=about, show_default=default, rich_help_panel=panel)


def _globs(flag: str, about: str) -> Any:
    return typer.Option(flag, help=about, metavar="GLOB", show_default=False, rich_help_panel=_WHAT)


def _much(flag: str, about: str, metavar: str, default: str) -> Any:
    return typer.Option(flag, help=about, metavar=metavar, show_default=default, rich_help_panel=_MUCH)


Command = Annotated[list[str] | None, typer.Argument(help="The command to run and watch, after `--`.", show_default=False)]
Pids = Annotated[list[int] | None, _whom("--pid", "A process that runs already. May be repeated.", "PID")]
Program = Annotated[str, _whom("--program", "Every program that is started under this name.", "NAME")]
Cgroup = Annotated[Path | None, _whom("--cgroup", "A control group: a container.", "PATH")]
Host = Annotated[bool, typer.Option("--host", help="The whole machine.", rich_help_panel=_WHOM)]
Name = Annotated[str, _whom("--name", "What to call it (service.name).", "NAME", "name of the program")]

Level = Annotated[
    str | None, typer.Option("--level", help="auto; or full, partial, minimal, and nothing else.", metavar="LEVEL", show_default="auto", rich_help_panel=_WHAT)
]
Files = Annotated[bool | None, _what("files", "Tell files.", "files")]
Reads = Annotated[bool | None, _what("reads", "Tell what is read from them, too.", "no-reads")]
Network = Annotated[bool | None, _what("network", "Tell connections.", "network")]
Tls = Annotated[bool | None, _what("tls", "Read connections, of TLS the plaintext: model calls.", "tls")]
Stdio = Annotated[bool | None, _what("stdio", "Read pipes between a program and its children: MCP.", "stdio")]
Content = Annotated[bool | None, _what("content", "Tell messages, arguments and results of calls.", "content")]
OnlyCommand = Annotated[list[str] | None, _globs("--only-command", "Programs that are told.")]
SkipCommand = Annotated[list[str] | None, _globs("--skip-command", "Programs that are not.")]
OnlyPath = Annotated[list[str] | None, _globs("--only-path", "Files that are told.")]
SkipPath = Annotated[list[str] | None, _globs("--skip-path", "Files that are not.")]
OnlyHost = Annotated[list[str] | None, _globs("--only-host", "Peers that are told: names, addresses, networks.")]
SkipHost = Annotated[list[str] | None, _globs("--skip-host", "Peers that are not.")]
OnlyPort = Annotated[list[str] | None, _globs("--only-port", "Their ports that are told, such as 8000-8999.")]
SkipPort = Annotated[list[str] | None, _globs("--skip-port", "Their ports that are not.")]

Sample = Annotated[float | None, _much("--sample", "Share of processes, files, connections and calls that is told.", "0..1", "1")]
MinBytes = Annotated[int | None, _much("--min-bytes", "Leave out files with fewer bytes read and written.", "BYTES", "0")]
Body = Annotated[int | None, _much("--max-body", "Read so much of a request or an answer.", "BYTES", "8 MiB")]
Redact = Annotated[bool | None, _what("redact", "Take secrets out here, not in the server alone.", "no-redact", _MUCH)]

Stoppable = Annotated[
    bool | None,
    _what("stoppable", "Let people and policies on the server end it (POST /execution-stops).", "no-stoppable", "What may be done to it (settings: watch)"),
]
ServerUrl = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar=["SPYGLASS_API", "SPYGLASS_URL"],
        help="Where the server's API is; asked for its OTLP port, and for --stoppable.",
        show_default="port 7700 of the endpoint",
    ),
]
ServerKey = Annotated[str, typer.Option("--api-key", envvar="SPYGLASS_API_KEY", help="Key of the API, if the server wants one.", show_default=False)]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Project = Annotated[
    str | None, typer.Option("--project", "-p", envvar="SPYGLASS_PROJECT", help="The tenant whom it belongs to.", metavar="NAME", show_default="default")
]
Config = Annotated[
    Path | None, typer.Option("--config", "-c", envvar="SPYGLASS_CONFIG", help="Settings file.", metavar="FILE", show_default="spyglass.yaml, if there")
]


def overrides(options: Mapping[str, object]) -> dict[str, object]:
    """What the options (by their names in `watch`) say of the settings of the section `watch`."""
    told = {setting: options[option] for option, setting in _SETTINGS.items()} | {f"sample_{kind}": options["sample"] for kind in _SAMPLED}
    return {setting: value for setting, value in told.items() if value is not None}
