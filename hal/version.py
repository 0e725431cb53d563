"""Which Barrow this is, for the boot screen and the fleet; pyproject.toml says the same."""

VERSION = "0.1.0"
