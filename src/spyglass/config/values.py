"""What single settings may be, beyond what their type says: addresses with passwords, regular expressions, settings that contradict each other.

In: a value of the settings. Out: the value, or an error that says what was wanted; never the password in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Any, Final, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, PlainSerializer, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

__all__ = ["CONTRADICTION", "FactsUrl", "StoreUrl", "contradiction", "embedded", "hidden", "is_secret", "masked", "network", "regular"]

CONTRADICTION: Final = "contradiction"
_STORES: Final = frozenset({"chdb", "clickhouse", "clickhouses", "http", "https"})
_FACTS: Final = frozenset({"sqlite", "postgresql", "postgres"})
_FILES: Final = frozenset({"chdb", "sqlite"})  # what needs no host
_STORE_FORM: Final = "`chdb:///path` or `clickhouse://user:password@host:8123/database`"
_FACTS_FORM: Final = "`sqlite:////path/file.db` or `postgresql://user:password@host:5432/database`"
_PASSWORD: Final = re.compile(r"(://[^:/@]*:).*@")  # up to the last @: one that was not quoted is hidden too
_SECRET_NAME: Final = re.compile(r"(?i)header|token|secret|passw|credential|auth|cookie|(?:^|[_-])key")
_STARS: Final = "**********"
_PASSWORD_OPTION: Final = re.compile(r"(\b(?:password|passwd|pwd|secret|token)=)[^&]*", re.IGNORECASE)


def masked(url: str) -> str:
    """The address without its password."""
    return _PASSWORD_OPTION.sub(r"\1***", _PASSWORD.sub(r"\1***@", url))


def hidden(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings whose model is not known here, without what may be a secret: whatever has such a name, headers, and passwords in addresses."""
    return {name: _hidden(name, value) for name, value in values.items()}


def _hidden(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(str(name)):
        return _STARS if not isinstance(value, Mapping) else dict.fromkeys(value, _STARS)
    if isinstance(value, Mapping):
        return hidden(value)
    if isinstance(value, (list, tuple)):
        return [_hidden("", item) for item in value]
    return masked(value) if isinstance(value, str) else value


def embedded(url: str | None) -> bool:
    """Whether a store's address means the engine in this process."""
    return url is None or url.startswith("chdb:")


def regular(text: str) -> str:
    """A regular expression as redaction can use it.

    Raises:
        ValueError: RE2 does not take it, or it matches the empty text.
    """
    import pyarrow as pa  # noqa: PLC0415 - takes a tenth of a second to load, and hardly anybody has a pattern of his own
    import pyarrow.compute as pc  # noqa: PLC0415

    try:
        matches_nothing = pc.match_substring_regex(pa.array([""]), text)[0].as_py()
    except pa.ArrowInvalid as error:
        raise ValueError(f"expected a regular expression that RE2 understands: {error}") from error
    if matches_nothing:
        raise ValueError("expected a regular expression that does not match the empty text")
    return text


def network(text: str) -> str:
    """A network of addresses.

    Raises:
        ValueError: it is none.
    """
    try:
        return str(ip_network(text.strip()))
    except ValueError as error:
        raise ValueError(f"expected a network such as 10.1.2.0/24 or fd00::/8, got {text[:50]!r}") from error


def contradiction(name: str, wanted: str, found: object = None) -> PydanticCustomError:
    """An error of the setting `name` in a section, which alone would be right; `found` is its value where that may be told."""
    context: Mapping[str, Any] = {"at": name, "wanted": wanted, "found": found}
    return PydanticCustomError(CONTRADICTION, "{at}: {wanted}", dict(context))


def is_secret(field: FieldInfo) -> bool:
    """Whether the value of a setting must never be told."""
    return any(map(_hides, (field.annotation, *field.metadata)))


def _hides(annotation: Any) -> bool:
    return annotation is SecretStr or annotation is _MASKED or any(map(_hides, get_args(annotation)))


def _store_url(url: str) -> str:
    return _checked(url, _STORES, _STORE_FORM)


def _facts_url(url: str) -> str:
    return _checked(url, _FACTS, _FACTS_FORM)


def _checked(url: str, schemes: frozenset[str], form: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ValueError(f"expected {form}, got no scheme")
    if scheme.partition("+")[0] not in schemes:
        raise ValueError(f"expected {form}, got the scheme `{scheme[:20]}`")
    if scheme in _FILES:
        if rest and not rest.startswith("/"):
            raise ValueError(f"expected {form}, got less than three slashes")
    elif not _reachable(url):
        raise ValueError(f"expected {form}: host and port cannot be read; write `%2F` for a slash in the password, `%40` for an @, `%23` for a #")
    return url


def _reachable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # its text may hold a piece of the password
        return False


_MASKED: Final = PlainSerializer(masked, return_type=str, when_used="json")
StoreUrl = Annotated[str, AfterValidator(_store_url), _MASKED]
FactsUrl = Annotated[str, AfterValidator(_facts_url), _MASKED]
