"""The verdicts: what is asked, yes, no or undetermined, with reasons."""
