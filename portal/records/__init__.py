"""The register: what every record has in common, and who may read it."""
