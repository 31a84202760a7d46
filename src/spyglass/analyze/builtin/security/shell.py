"""Commands within values, and commands that do what nobody asked for: a text in, what a shell would do out.

A value that is no command by itself is harmful when a shell would start one in the middle of it: behind `;`, `|`, `&`, a line end, or within `$(…)` and
backticks, outside single quotes. There must then stand a program that exists, used as it is used; a sentence with a semicolon is none. Of an argument that
is meant to be a command only what is never work is told: what came from the net is run, a terminal is given away, a key is sent off, a disk is wiped.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

__all__ = ["Command", "harmful", "starts_command"]


class Command(NamedTuple):
    """What would be run."""

    text: str  # shortened
    does: str
    confidence: float


_START: Final = re.compile(
    r"(?:;|\|\|?|&&?|\r?\n|\$\(|`|<\(|>\(|\$\{IFS\})[\s{(!\"']*+(?:[A-Za-z_]\w*=\S*\s+)*+((?:[.~\\/?*\w$@'\"^\[\]{}-]|\\.)+)([^\n;|&`)]{0,256})"
)
_SURE: Final = frozenset(
    "whoami wget curl nc ncat netcat socat bash zsh ksh dash powershell pwsh ifconfig ipconfig uname nslookup passwd chmod chown crontab useradd "
    "adduser usermod systeminfo tasklist netstat certutil bitsadmin mshta rundll32 regsvr32 wmic schtasks xterm telnet nmap tcpdump iptables printenv "
    "busybox lsof dmesg arp traceroute tftp scp rsync gcc cmd.exe powershell.exe ftp openssl base64 xxd phpinfo python python3 perl ruby php node lua "
    "sudo mkfifo".split()
)
# Words of a language, too: something that only a command has must follow.
_WORDS: Final = frozenset(
    "id ls cat rm cp mv ps dir type echo sleep ping kill touch head tail find grep env set su sh cd pwd date host dig w who last at awk sed cut sort more less "
    "tee export eval exec source test time timeout net reg del copy move start cmd print printf read wait tar zip mail mount man nl od rev tac true df du free "
    "hostname history ip ss file strings vi vim nano make xargs nohup watch expr system whois".split()
)
_ARGUMENT: Final = re.compile(r"^\x1f|^\s*(?:$|[\"')\]}#]|-{1,2}\w|[/~.$*]|[\w.-]*/|\d|[<>|&;]|\"|'|\w+\.\w{1,5}\b|%\w+%|\$\{?IFS)")
_SPACES: Final = re.compile(r"\$\{?IFS\b[^}\s]{0,8}\}?(?:\$\d)?")
_EVADING: Final = re.compile(
    r"\$\{?IFS\}?|\\x[0-9a-f]{2}\\x|\w['\"]{2}\w|(?:/\?{2,}|/[a-z?*\[\]]{0,4}[?*]{1,3}[a-z?*]*/[a-z?*]{0,6}[?*])|"
    r"\$\{\w+:\d+:\d+\}|\$@|\^\w\^"
)
_ALONE: Final = frozenset("id ls ps w who pwd env set dir whoami uname ifconfig netstat hostname df ipconfig systeminfo".split())
_PATHS: Final = ("/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/", "c:\\windows\\")

_SECRETS: Final = r"(?:\.ssh/|id_rsa|\.aws/|/etc/(?:passwd|shadow)|\.env\b|\.netrc|\.git-credentials)"
_HARM: Final[tuple[tuple[str, float, str], ...]] = (
    ("gives a terminal away", 0.97, r"/dev/(?:tcp|udp)/|\b(?:nc|ncat|netcat)\b[^\n|;]{0,80}\s-\w*[ec]\w*\s|\bsocat\b[^\n]{0,120}\bexec:"),
    ("gives a terminal away", 0.97, r"mkfifo\s[^\n]{0,120}\b(?:nc|ncat|telnet|openssl)\b|socket\.socket\([^\n]{0,300}(?:dup2|subprocess|pty\.spawn)"),
    ("runs what is hidden in it", 0.93, r"base64\s+(?:-d|--decode|-D)[^\n]{0,80}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|\|\s*xxd\s+-r[^\n]{0,40}\|\s*(?:ba)?sh\b"),
    ("runs what is hidden in it", 0.93, r"powershell[^\n]{0,80}\s-e(?:nc|ncodedcommand)?\s+[A-Za-z0-9+/=]{40,}"),
    ("sends secrets off", 0.95, rf"(?:{_SECRETS}|\bprintenv\b|\benv\b)[^\n]{{0,160}}\|\s*(?:curl|wget|nc|ncat)\b"),
    ("sends secrets off", 0.95, rf"\b(?:curl|wget)\b[^\n]{{0,200}}(?:-d|--data\S*|-F|--form|-T|--upload-file|--post-file)[ =]?\S{{0,120}}{_SECRETS}"),
    ("wipes a disk", 0.9, r"\brm\s+(?:-\w+\s+)*-\w*(?:r\w*f|f\w*r)\w*\s+(?:--no-preserve-root\s+)?(?:/|~|\$HOME|/\*|\*)(?:\s|$|;)"),
    ("wipes a disk", 0.9, r"\bmkfs(?:\.\w+)?\s+/dev/|\bdd\b[^\n]{0,80}\bof=/dev/(?:sd|nvme|hd|vd)|([\w:]{1,16})\(\)\s*\{\s*\1\s*\|\s*\1\s*&\s*\}\s*;\s*\1"),
    ("lets itself stay", 0.8, r">>?\s*\S*(?:authorized_keys|/etc/cron|/etc/passwd|/etc/sudoers|\.bashrc|\.profile)|\|\s*crontab\s+-"),
    ("hides what happened", 0.75, r"\bhistory\s+-c\b|\bunset\s+HISTFILE|>\s*~?/?\S*\.bash_history|\brm\b[^\n]{0,40}\.bash_history"),
    ("runs what came from the net", 0.65, r"\b(?:curl|wget)\b[^\n|;]{0,300}\|\s*(?:sudo\s+(?:-\w+\s+)*)?(?:(?:ba|z|da)?sh|python3?|perl|node|ruby)\b"),
)
_PATTERNS: Final = tuple((does, confidence, re.compile(pattern, re.IGNORECASE)) for does, confidence, pattern in _HARM)


def starts_command(text: str) -> Command | None:
    """The command that a shell would start in the middle of a value that is none; None: there is none."""
    plain = _decoded(text)
    best: Command | None = None
    for match in _START.finditer(plain):
        if _within_single_quotes(plain, match.start()):
            continue
        confidence = _confidence(match.group(1), match.group(2), plain[match.start()])
        if confidence and (best is None or confidence > best.confidence):
            best = Command(match.group().strip()[:120], "starts a command", confidence)
    return best


def harmful(text: str) -> Command | None:
    """What a command does that is never work; None: nothing that we know."""
    for does, confidence, pattern in _PATTERNS:
        match = pattern.search(text)
        if match:
            return Command(match.group()[:120], does, confidence)
    return None


def _confidence(program: str, rest: str, separator: str) -> float:
    bare = re.sub(r"[\\'\"^]|\$@", "", program).lower()
    name = bare.removesuffix(".exe")
    pathed = name.startswith(_PATHS)
    name = name.rpartition("/")[2] if pathed else name
    within = separator in "`$<>"
    if separator in "\r\n" and not pathed and name not in _SURE and not rest.startswith((" -", " /")):  # a line of a text may begin with any word
        return 0.0
    if pathed and (name in _SURE or name in _WORDS):
        return 0.95
    if _EVADING.search(program + rest) and (name in _SURE or name in _WORDS or "?" in program or "*" in program):
        return 0.95
    if name in _SURE and (_ARGUMENT.match(rest) or name in _ALONE or len(rest.split()) <= 2):
        return 0.9
    if name in _ALONE and (within or not rest.strip(" \"'#)")):
        return 0.8
    if name in _WORDS and _ARGUMENT.match(rest) and (rest.strip() or within):
        return 0.8 if rest.strip() else 0.6
    return 0.0


def _decoded(text: str) -> str:
    plain = unquote(unquote(text)) if "%" in text else text
    return _SPACES.sub("\x1f", plain) if "IFS" in plain else plain


def _within_single_quotes(text: str, at: int) -> bool:
    """A shell reads nothing between two of them."""
    return text.count("'", 0, at) % 2 == 1 and "'" in text[at:] and " " in text[:at]
