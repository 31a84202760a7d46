"""Records of system evidence become events: processes, files and connections, with OpenTelemetry's names."""
