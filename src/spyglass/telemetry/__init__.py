"""Our own logs and metrics, never fed back into ourselves."""
