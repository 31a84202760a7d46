"""The story of the demo: what some agents do in a day, told as OTLP by the command and by the server. Whoever tells it gives the dice and the time."""
