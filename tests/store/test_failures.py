"""What the database says becomes our errors: whose fault, and would it fail again."""

from __future__ import annotations

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError, ProgrammingError

from spyglass.model.errors import QueryError, Refused, SpyglassError, StoreError
from spyglass.store.failures import command_failure, insert_failure, read_failure


def error(code: int, text: str, name: str = "NAME") -> DatabaseError:
    return DatabaseError(f"Code: {code}. DB::Exception: {text}. ({name}) (version 26.9.2.1)", code=code, name=name)


@pytest.mark.parametrize(
    ("code", "text", "kind", "reason"),
    [
        (243, "Cannot reserve 1.00 MiB, not enough space", Refused, "no_space"),
        (252, "Too many parts (3000) in table 'x'. Merges are processing significantly slower than inserts", Refused, "too_many_parts"),
        (252, "Too many partitions for single INSERT block (more than 100)", StoreError, "name"),
        (241, "Query memory limit exceeded: would use 1 GiB, maximum: 1 GiB", Refused, "name"),
        (241, "Total memory limit exceeded: would use 4 GiB", Refused, "overloaded"),
        (202, "Too many simultaneous queries", Refused, "overloaded"),
        (210, "Connection refused (127.0.0.1:9000)", Refused, "away"),
        (159, "Timeout exceeded: elapsed 120 seconds, maximum: 120", Refused, "name"),
        (16, "No such column nope in table spyglass.t (50b2f908-63ad-4c40-96e8-cfa09d41ad94)", StoreError, "name"),
        (49, "Logical error: something", StoreError, "name"),
    ],
)
def test_inserts_are_refused_or_broken(code: int, text: str, kind: type[SpyglassError], reason: str) -> None:
    """Refused where the same rows may succeed later."""
    failure = insert_failure(error(code, text), "t")
    assert (type(failure), failure.details["reason"]) == (kind, reason)
    assert failure.message.startswith("table t:") or kind is Refused


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (241, "Query memory limit exceeded: would use 2 GiB, maximum: 1.00 GiB", QueryError),
        (241, "Total memory limit exceeded: would use 4 GiB", Refused),
        (439, "Cannot schedule a task", Refused),
        (394, "Query was cancelled", QueryError),
        (40, "Checksum doesn't match: corrupted data", StoreError),
        (1001, "std::exception", StoreError),
        (497, "Not enough privileges", QueryError),
        (306, "Maximum parse depth (1000) exceeded", QueryError),
    ],
)
def test_reads_are_the_askers_or_ours(code: int, text: str, kind: type[SpyglassError]) -> None:
    """A limit is the asker's, a broken file is not."""
    assert type(read_failure(error(code, text))) is kind


def test_a_client_without_a_server_is_refused() -> None:
    """The store is away: not the asker's fault, and it may pass."""
    assert type(read_failure(OperationalError("Connection refused"))) is Refused
    assert type(insert_failure(OperationalError("Connection refused"), "t")) is Refused
    assert type(command_failure(OperationalError("Connection refused"))) is Refused
    assert type(read_failure(ProgrammingError("The client has been closed"))) is StoreError


def test_a_full_temporary_disk_is_refused() -> None:
    """The embedded engine takes a batch from a file."""
    assert type(insert_failure(OSError(28, "No space left on device"), "t")) is Refused


@pytest.mark.parametrize(
    "text",
    [
        "Cannot parse string 'my secret' as UInt8: syntax error at begin of string: while executing 'FUNCTION toUInt8(input)'",
        "Cannot parse string 'my secret\n' as X' as UInt8",
        "Cannot parse input: expected '\\t' before: 'my secret'",
    ],
)
def test_data_is_not_repeated(text: str) -> None:
    """A failed conversion quotes the value that it met."""
    assert "secret" not in read_failure(error(6, text, "CANNOT_PARSE_TEXT")).message


@pytest.mark.parametrize(
    "text",
    [
        "Function f is bad: In scope SELECT secret FROM t",
        "Function f is bad: while executing 'FUNCTION f(secret)'",
        "Function f is bad: (in file/uri /tmp/secret.raw): While executing File",
        "Function f is bad: While executing AggregatingTransform",
        "Function f is bad. In query SELECT secret FROM t",
        "Function f is bad. Stack trace: 0. secret",
    ],
)
def test_the_engines_own_words_are_left_out(text: str) -> None:
    """No codes, versions, file names, statements or stacks."""
    assert read_failure(error(36, text, "BAD_ARGUMENTS")).message == "Function f is bad"


def test_the_innermost_message_is_told() -> None:
    """The client and the engine wrap each other's."""
    text = "Received ClickHouse exception, code: 60, server response: Code: 60. DB::Exception: Code: 36. DB::Exception: Bad thing. (BAD_ARGUMENTS) (version 1)"
    assert read_failure(DatabaseError(text, code=36, name="BAD_ARGUMENTS")).message == "Bad thing"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Timeout exceeded: elapsed 1001.277 ms, maximum: 1000.000 ms", "longer than 1 s"),
        ("Timeout exceeded: elapsed 20.01 seconds, maximum: 20", "longer than 20"),
        ("Timeout exceeded", "longer than its limit"),
    ],
)
def test_limits_are_told_in_plain_units(text: str, told: str) -> None:
    """Seconds, not the engine's way of writing them."""
    assert told in read_failure(error(159, text)).message


@pytest.mark.parametrize(("text", "told"), [("max rows: 100.00 thousand, current rows: 1.00 million", "100,000 rows"), ("max bytes: 1.50 MiB", "1.5 MiB")])
def test_sizes_are_told_in_plain_units(text: str, told: str) -> None:
    """Rows as a number, bytes with their unit."""
    assert told in read_failure(error(396, f"Limit for result exceeded, {text}")).message


@pytest.mark.parametrize(
    ("sql", "text", "message", "place"),
    [
        ("selec 1", "failed at position 7 (1): 1. Expected one of: token, OR, AND", "at line 1, column 7, near '1': expected OR, AND", (1, 7)),
        ("select (", "failed at position 9 (end). Unmatched parentheses: '(' at position 8 is never closed", "the bracket is never closed", (1, 8)),
        ("select 1 'é", "Single quoted string is not closed: failed at position 10 ('é)", "the quote is never closed", (1, 10)),
        ("select", "failed at position 7 (end of query): . Expected one of: DISTINCT, TOP", "at the end of the query: expected DISTINCT, TOP", (1, 7)),
    ],
)
def test_syntax_errors_have_a_place(sql: str, text: str, message: str, place: tuple[int, int]) -> None:
    """In the text that the asker wrote."""
    failure = read_failure(error(62, f"Syntax error: {text}", "SYNTAX_ERROR"), sql)
    assert message in failure.message
    assert (failure.details["line"], failure.details["column"]) == place
