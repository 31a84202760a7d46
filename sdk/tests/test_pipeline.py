import time

import spyglass_sdk

SPAN_AND_LOG = """
from opentelemetry import _logs, trace
trace.get_tracer("t").start_span("work").end()
_logs.get_logger("t").emit(_logs.LogRecord(event_name="done"))
"""


def test_public_names_are_exact():
    """What is exported is a promise."""
    assert spyglass_sdk.__all__ == ["flush", "init", "shutdown"]


def test_one_call_is_enough(receiver, program):
    """A program that only calls init and ends loses nothing."""
    program(f"import spyglass_sdk\nassert spyglass_sdk.init({receiver.url!r}, {{'a': 'b'}}, 'planner', 'travel'){SPAN_AND_LOG}")
    assert receiver.spans() == [("planner", "work")]
    assert receiver.logs() == [("planner", "done")]
    assert {(headers["x-spyglass-project"], headers["a"]) for _, headers, _ in receiver.requests} == {("travel", "b")}


def test_environment_is_enough(receiver, program):
    """Without arguments, OpenTelemetry's own variables decide."""
    otel = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_SERVICE_NAME": "env", "OTEL_EXPORTER_OTLP_HEADERS": "k=v"}
    program(f"import spyglass_sdk\nspyglass_sdk.init(){SPAN_AND_LOG}", **otel)
    assert receiver.spans() == [("env", "work")]
    assert receiver.requests[0][1]["k"] == "v"


def test_host_provider_is_kept(receiver, program):
    """The host's provider gets a processor more, and its own exporter still gets every span."""
    done = program(f"""
        import spyglass_sdk
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        memory = InMemorySpanExporter()
        trace.set_tracer_provider(TracerProvider(resource=Resource.create({{"service.name": "host"}})))
        trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(memory))
        assert spyglass_sdk.init({receiver.url!r}, service_name="other")
        trace.get_tracer("t").start_span("work").end()
        print(len(memory.get_finished_spans()), spyglass_sdk.flush())
    """)
    assert done.stdout.split() == ["1", "True"]
    assert receiver.spans() == [("host", "work")]


def test_start_again_after_shutdown(receiver, program):
    """A second init while the first holds changes nothing; after shutdown it counts."""
    done = program(f"""
        import spyglass_sdk
        from opentelemetry import trace
        url = {receiver.url!r}
        print(spyglass_sdk.init(url, project="one"), spyglass_sdk.init(url, project="two"), spyglass_sdk.shutdown(), spyglass_sdk.shutdown())
        print(spyglass_sdk.flush(), spyglass_sdk.init(url, project="three"))
        trace.get_tracer("t").start_span("work").end()
        print(spyglass_sdk.flush())
    """)
    assert done.stdout.split() == ["True", "True", "True", "True", "False", "True", "True"]
    assert [headers["x-spyglass-project"] for _, headers, _ in receiver.requests] == ["three"]


def test_mistakes_are_warnings(program):
    """A wrong URL or an unknown argument is told, and nothing raises."""
    done = program("import spyglass_sdk\nprint(spyglass_sdk.init('localhost:4318'), spyglass_sdk.init(endpont='http://x'))")
    assert done.stdout.split() == ["False", "False"]
    assert "endpoint: expected a URL such as" in done.stderr
    assert "endpont" in done.stderr


def test_switched_off(receiver, program):
    """OTEL_SDK_DISABLED means that nothing is sent."""
    done = program(f"import spyglass_sdk\nprint(spyglass_sdk.init({receiver.url!r})){SPAN_AND_LOG}", OTEL_SDK_DISABLED="true")
    assert done.stdout.split() == ["False"]
    assert receiver.requests == []


def test_flush_is_honest_when_the_server_is_away(program):
    """What could not be delivered makes flush say False."""
    text = f"import spyglass_sdk\nspyglass_sdk.init('http://127.0.0.1:9', timeout_s=0.2){SPAN_AND_LOG}\nprint(spyglass_sdk.flush())"
    assert program(text).stdout.split() == ["False"]


def test_silent_server_does_not_hold_up_the_host(receiver, program):
    """A server that takes requests and never answers costs no more than the time that was allowed."""
    receiver.silent.set()
    start = time.monotonic()
    done = program(f"""
        import spyglass_sdk
        spyglass_sdk.init({receiver.url!r}, timeout_s=25){SPAN_AND_LOG.replace(chr(10), chr(10) + " " * 8)}
        print(spyglass_sdk.flush(timeout_s=0.1), spyglass_sdk.shutdown(timeout_s=0.1))
    """)
    assert done.stdout.split() == ["False", "False"]
    assert time.monotonic() - start < 15


def test_forked_child_sends_too(receiver, program):
    """Pre-forking servers call init once, in the parent."""
    program(f"""
        import os, warnings
        import spyglass_sdk
        from opentelemetry import trace
        warnings.simplefilter("ignore", DeprecationWarning)
        spyglass_sdk.init({receiver.url!r}, service_name="parent")
        child = os.fork()
        trace.get_tracer("t").start_span("parent" if child else "child").end()
        flushed = spyglass_sdk.flush()
        if not child:
            os._exit(0 if flushed else 1)
        assert os.waitpid(child, 0)[1] == 0
    """)
    assert sorted(receiver.spans()) == [("parent", "child"), ("parent", "parent")]
