"""Names that collectors call themselves by at a broker, in their certificates and in its list of rights (deploy/acl)."""

COLLECTORS = tuple(f"collector-{number}" for number in range(1, 100))  # in small letters, as no terminal is
DOOR = "door"  # the bridge of the claim door
