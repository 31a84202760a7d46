"""The privileged half of watching: a small process that loads the kernel's programs and hands their records to a collector that needs no rights.

It imports nothing but the standard library, pyelftools and records.py; it interprets nothing that comes from watched programs beyond fixed headers.
"""
