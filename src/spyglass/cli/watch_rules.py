"""The section `watch` of the settings, as the parts of a watch want it: rules of system evidence, and a way to take secrets out of a text."""

from __future__ import annotations

import re
from collections import Counter

from spyglass.collect.shaping import Scrub
from spyglass.collect.system.settings import INTERESTING, NOISE, Arguments, Noise, Sampling, Settings, Wanted, WantedHosts, WantedPorts
from spyglass.config.spec import Redact, Watch
from spyglass.refine.secrets import Scrubber, builtin, marker

__all__ = ["evidence_settings", "scrubbing"]


def evidence_settings(watch: Watch) -> Settings:
    """What is told of processes, files and connections."""
    own = (Noise(name="own", paths=watch.noise_paths, writes=True),) if watch.noise_paths else ()
    known = Arguments()
    return Settings(
        processes=watch.processes,
        files=watch.files,
        network=watch.network,
        commands=Wanted(only=watch.only_commands, skip=watch.skip_commands),
        paths=Wanted(only=watch.only_paths, skip=watch.skip_paths),
        hosts=WantedHosts(only=watch.only_hosts, skip=watch.skip_hosts),
        ports=WantedPorts(only=watch.only_ports, skip=watch.skip_ports),
        min_file_bytes=watch.min_file_bytes,
        noise=(*own, *NOISE),
        interesting_reads=(*watch.interesting_paths, *INTERESTING),
        sampling=Sampling(processes=watch.sample_processes, files=watch.sample_files, network=watch.sample_connections),
        arguments=Arguments(max_count=watch.max_arguments, max_chars=watch.max_argument_chars, hide=(*known.hide, *watch.hide_options)),
        window_s=watch.window_s,
    )


def scrubbing(redact: Redact) -> Scrub:
    """Takes out of a text what the server takes out of all that is stored."""
    scrubber = Scrubber(builtin(), frozenset(redact.disabled))
    extra = [(re.compile(pattern.regex), marker(pattern.name)) for pattern in redact.extra]

    def scrub(text: str) -> str:
        text = scrubber.scrub(text, Counter())
        for pattern, put in extra:
            text = pattern.sub(put, text)
        return text

    return scrub
