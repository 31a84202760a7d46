"""The story of `spyglass demo`: what some agents do in a day, told as OTLP. Whoever tells it gives the dice and the time."""
