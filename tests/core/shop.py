"""What the tests of firmware/sale share: a shop in memory, the shops of config/, chance from a seed. In the dialect."""

import asyncio
import json

from firmware import config
from firmware.sale.cart import Refused
from hal.ports.faults import ConfigFault

ROOT = __file__.rsplit("/", 3)[0] if __file__.count("/") >= 3 else "."
PROFILES = ("market", "tokyo", "kuwait", "chengdu", "zurich", "vancouver")


class Chance:
    """A small linear congruential generator (Numerical Recipes): the same on both interpreters."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return self.state * n >> 32


class Clock:
    """14:32:06 on 21 November 2026, UTC, as trusted as one likes."""

    def __init__(self, offset_s=0, trusted=True):
        self.offset, self.vouched = offset_s, trusted

    def utc_s(self):
        return 1795271526

    def offset_s(self):
        return self.offset

    def trusted(self):
        return self.vouched


class Log:
    def __init__(self):
        self.said = []

    def say(self, who, text):
        self.said.append(who + " " + text)


class Folder:
    """config/ as it is in the repository, with one profile."""

    def __init__(self, profile):
        self.profile = profile

    async def read(self, name):
        with open(ROOT + "/config/" + name.replace("profile/", "profiles/" + self.profile + "/"), "rb") as f:  # noqa: ASYNC230
            return f.read()


class Memory:
    """Files given as bytes, or as values that are written as JSON."""

    def __init__(self, files):
        self.files = files

    async def read(self, name):
        if name not in self.files:
            raise ConfigFault(name, "", "not there")
        data = self.files[name]
        return data if isinstance(data, bytes) else json.dumps(data).encode()


def shop(profile="market"):
    """The settings of a profile in the repository."""
    return asyncio.run(config.load(Folder(profile), Log()))


def reason(act, *args):
    """Why an act was refused; "" when it was not."""
    try:
        act(*args)
    except Refused as e:
        return e.reason
    return ""
