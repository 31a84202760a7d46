import pytest

from spyglass_sdk.target import resolve


def test_argument_beats_variable_beats_default():
    """Each value comes from the nearest place that has it."""
    environ = {"SPYGLASS_ENDPOINT": "http://env:1", "SPYGLASS_SERVICE_NAME": "env", "SPYGLASS_PROJECT": "env"}
    near = resolve(environ, endpoint="http://arg:2", service_name="arg", project="arg")
    far = resolve(environ)
    assert (near.traces_url, near.service_name, near.headers) == ("http://arg:2/v1/traces", "arg", {"x-spyglass-project": "arg"})
    assert (far.logs_url, far.service_name, far.headers) == ("http://env:1/v1/logs", "env", {"x-spyglass-project": "env"})


def test_without_our_own_values_the_exporter_reads_otel_variables():
    """No URL is made up, so that OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and its kin keep their meaning."""
    target = resolve({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4318"})
    assert (target.traces_url, target.logs_url, target.headers, target.service_name) == (None, None, {}, None)


def test_otel_variables_for_grpc_are_not_followed(caplog):
    """A gRPC port cannot take OTLP/HTTP; the default is used, and said."""
    target = resolve({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4317"})
    assert target.traces_url == "http://localhost:4318/v1/traces"
    assert "grpc" in caplog.text


@pytest.mark.parametrize("endpoint", ["http://h:1", "http://h:1/", " http://h:1/v1/traces ", "http://h:1/v1/logs/"])
def test_one_base_url_however_it_is_written(endpoint):
    """A slash or a signal path at the end is not doubled."""
    assert resolve({}, endpoint=endpoint).traces_url == "http://h:1/v1/traces"


@pytest.mark.parametrize("endpoint", ["localhost:4318", "ftp://h", "http://", "h"])
def test_what_is_no_url_is_refused(endpoint):
    """The text says what was wanted, and repeats no credentials that the URL may hold."""
    with pytest.raises(ValueError, match="endpoint: expected a URL such as"):
        resolve({}, endpoint=endpoint)


def test_headers_are_merged_by_name():
    """The nearest value of each name wins, in any case of letters."""
    environ = {"SPYGLASS_HEADERS": "Authorization=Basic%20abc, a=b,", "SPYGLASS_PROJECT": "env"}
    target = resolve(environ, headers={"A": "c", "X-Spyglass-Project": "arg"})
    assert target.headers == {"authorization": "Basic abc", "a": "c", "x-spyglass-project": "arg"}


@pytest.mark.parametrize("environ", [{"SPYGLASS_HEADERS": "s3cret"}, {"SPYGLASS_HEADERS": "key=s3cret%0a"}, {"SPYGLASS_PROJECT": "s3cret\n"}])
def test_no_complaint_quotes_a_value(environ):
    """Header values are secrets."""
    with pytest.raises(ValueError, match="expected") as caught:
        resolve(environ)
    assert "s3cret" not in str(caught.value)
