"""Where the kernel cannot be asked by programs of our own: what the process connector, fanotify and `/proc` tell instead, as the same records."""
