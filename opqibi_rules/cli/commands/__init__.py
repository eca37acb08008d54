"""One file a command: what it asks, and how its answer leaves."""
