"""What is true of opqibi_rules, stated independently of it."""
