"""The contracts that users and built-ins share."""
