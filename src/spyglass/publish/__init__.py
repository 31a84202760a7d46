"""The durable log and the bus: the only fan-out."""
