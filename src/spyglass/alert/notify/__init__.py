"""Channels: one file each. A notice in, a message to people out."""
