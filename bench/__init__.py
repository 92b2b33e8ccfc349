"""What the portal costs, beside bare limits taken in the same run: `make bench`. Machines differ; the ratios are what counts."""
