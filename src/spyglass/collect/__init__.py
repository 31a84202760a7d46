"""Runners: they go and look at what agents do, and tell it as OpenTelemetry."""
