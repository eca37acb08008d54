"""The desk: what programs ask (HTTP, page, assistants), read, handed to the core, answered or refused by field."""
