"""The larger engines of a fleet, each started by one command from Debian's packages and the files in fleet/deploy/."""
