"""Why an amount differs: what may have been billed instead, change by change, and the fewest that explain a gap."""
