"""Streams of plaintext, as the watched programs wrote and read them, become model calls, MCP calls and HTTP exchanges. No input or output of its own."""
