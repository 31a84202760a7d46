"""Spyglass: see what AI agents really do."""
