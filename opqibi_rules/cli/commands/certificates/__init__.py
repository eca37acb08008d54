"""Certificates: verdicts, live answers, the history of controls."""
