"""Runner `transcripts`: follows the session files that coding agents write anyway, and tells spans and events of them."""
