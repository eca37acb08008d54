"""What is valid: answers of registers, verdicts, requirements and controls."""
