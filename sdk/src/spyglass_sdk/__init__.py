"""Spyglass SDK."""
