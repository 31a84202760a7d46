"""Send what your agents do to Spyglass, on OpenTelemetry.

    import spyglass_sdk

    spyglass_sdk.init(service_name="planner")

That is all: from then on, every OpenTelemetry span and log record of this process goes to Spyglass too, whatever instrumentation makes it.
Nothing here raises into the program that uses it: what goes wrong becomes a warning of the logger `spyglass_sdk`, and the answer False.
"""

from spyglass_sdk.pipeline import flush, init, shutdown

__all__ = ["flush", "init", "shutdown"]
