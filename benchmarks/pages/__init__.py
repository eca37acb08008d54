"""What the reader of pages is worth: right, to confirm, wrong, and how long it takes, beside another reader."""
