import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

SPAN_AND_LOG = """
from opentelemetry import _logs, trace
trace.get_tracer("t").start_span("work").end()
_logs.get_logger("t").emit(_logs.LogRecord(event_name="done"))
"""


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
        print(len(memory.get_finished_spans()), bool(spyglass_sdk.flush()))
    """)
    assert done.stdout.split() == ["1", "True"]
    assert receiver.spans() == [("host", "work")]


def test_start_again_after_shutdown(receiver, program):
    """A second init while the first holds changes nothing; after shutdown it counts."""
    done = program(f"""
        import spyglass_sdk
        from opentelemetry import trace
        url = {receiver.url!r}
        print(spyglass_sdk.init(url, project="one"), spyglass_sdk.init(url, project="two"), bool(spyglass_sdk.shutdown()), bool(spyglass_sdk.shutdown()))
        print(bool(spyglass_sdk.flush()), spyglass_sdk.init(url, project="three"))
        trace.get_tracer("t").start_span("work").end()
        print(bool(spyglass_sdk.flush()))
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
    text = f"import spyglass_sdk\nspyglass_sdk.init('http://127.0.0.1:9', timeout_s=0.2){SPAN_AND_LOG}\nprint(bool(spyglass_sdk.flush(0.3)))"
    assert program(text).stdout.split() == ["False"]


def test_silent_server_does_not_hold_up_the_host(receiver, program):
    """A server that takes requests and never answers costs no more than the time that was allowed."""
    receiver.silent.set()
    start = time.monotonic()
    done = program(f"""
        import spyglass_sdk
        spyglass_sdk.init({receiver.url!r}, timeout_s=25){SPAN_AND_LOG.replace(chr(10), chr(10) + " " * 8)}
        print(bool(spyglass_sdk.flush(timeout_s=0.1)), bool(spyglass_sdk.shutdown(timeout_s=0.1)))
    """)
    assert done.stdout.split() == ["False", "False"]
    assert time.monotonic() - start < 15


def test_everything_waits_for_a_server_that_comes_later(receiver, program):
    """What is refused with a wish to wait is kept, in order, and delivered when the server takes it."""
    receiver.statuses = [503, 429, 502]
    done = program(
        f"import spyglass_sdk\nspyglass_sdk.init({receiver.url!r}){SPAN_AND_LOG}\nprint(bool(spyglass_sdk.flush(20)), spyglass_sdk.status()['lost'])"
    )
    assert done.stdout.split() == ["True", "{}"]
    assert len(receiver.spans()) == len(receiver.logs()) == 1


def test_what_a_server_refuses_for_good_is_counted(receiver, program):
    """It would be refused again: it is lost, and flush says why."""
    receiver.statuses = [400, 400]
    done = program(f"import spyglass_sdk\nspyglass_sdk.init({receiver.url!r}){SPAN_AND_LOG}\nprint(spyglass_sdk.flush(20))")
    assert "complete=False" in done.stdout
    assert "'refused_400': 2" in done.stdout
    assert "records lost" in done.stderr


def test_partial_success_is_no_success(receiver, program):
    """What the server took with a reservation is counted as lost."""
    receiver.answer = ExportTraceServiceResponse(partial_success={"rejected_spans": 1}).SerializeToString()
    text = "from opentelemetry import trace\ntrace.get_tracer('t').start_span('work').end()"
    done = program(f"import spyglass_sdk\nspyglass_sdk.init({receiver.url!r})\n{text}\nprint(spyglass_sdk.flush(20))")
    assert "{'rejected': 1}" in done.stdout


def test_metrics_go_the_same_way(receiver, program):
    """A flush collects, and delivers what it collected."""
    program(f"import spyglass_sdk\nspyglass_sdk.init({receiver.url!r})\nspyglass_sdk.MetricsRegistry().counter('c').add(2)\nassert spyglass_sdk.flush(20)")
    assert "c" in receiver.metrics()


def test_sampling_is_kept_to(receiver, program):
    """Of unsampled traces nothing is told, not even that they run."""
    program(f"import spyglass_sdk\nspyglass_sdk.init({receiver.url!r}, sample_ratio=0.0){SPAN_AND_LOG}")
    assert (receiver.spans(), receiver.announced()) == ([], [])


def test_many_records_cost_bounded_memory(program):
    """Without a server, the oldest give way, and all that is lost is counted."""
    done = program("""
        import spyglass_sdk
        spyglass_sdk.init("http://127.0.0.1:9", max_buffer_bytes=2**16, queue_size=2000, schedule_delay_s=0.01)
        for number in range(6000):
            with spyglass_sdk.observation(f"step {number}") as step:
                step.input("%x" % (number * 7919**9) * 10)
        spyglass_sdk.flush(0.5)
        status = spyglass_sdk.status()
        print(status["recorded"] >= 6000, status["waiting"] < 6000, sum(status["lost"].values()) > 0)
        print(status["recorded"] == status["waiting"] + status["delivered"] + sum(status["lost"].values()))
        spyglass_sdk.shutdown(0.1)
    """)
    assert done.stdout.split() == ["True"] * 4


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


def test_pool_of_processes_loses_nothing(receiver, program):
    """Workers end without atexit; what they did last is delivered all the same, in the trace of who sent them."""
    program(f"""
        import multiprocessing, warnings
        import spyglass_sdk
        warnings.simplefilter("ignore", DeprecationWarning)
        def work(number):
            spyglass_sdk.observation(f"work {{number}}").end()
        spyglass_sdk.init({receiver.url!r}, service_name="s", schedule_delay_s=30)
        with spyglass_sdk.observation("parent"):
            worker = multiprocessing.get_context("fork").Process(target=spyglass_sdk.bind(work), args=(1,))
            worker.start()
            worker.join()
        assert worker.exitcode == 0
    """)
    assert sorted(receiver.spans()) == [("s", "parent"), ("s", "work 1")]
    assert len({span.trace_id for _, span in receiver._spans()}) == 1


def test_ends_of_the_host_are_not_held_up(program):
    """A provider of the host that is shut down after us, or beside us, waits for no server."""
    done = program("""
        import time
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        provider = TracerProvider(shutdown_on_exit=False)
        trace.set_tracer_provider(provider)
        import spyglass_sdk
        spyglass_sdk.init("http://127.0.0.1:9")
        trace.get_tracer("t").start_span("work").end()
        start = time.monotonic()
        provider.shutdown()
        spyglass_sdk.shutdown(0.2)
        provider.force_flush()
        print(time.monotonic() - start < 4)
    """)
    assert done.stdout.split() == ["True"]
