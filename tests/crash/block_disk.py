"""A plugin of nbdkit: a disk in memory that logs every write and every flush with its time, as dm-log-writes does in a kernel,
or one that takes its time for them, as an SD card does.

    nbdkit -f -U SOCKET python tests/crash/block_disk.py size=BYTES [log=FILE] [write_ms=2] [flush_ms=10]

A log record is kind (W or F), monotonic ns, offset, length, and for W the bytes; block_log.py reads it."""

import builtins
import struct
import time
from typing import Any

import nbdkit

API_VERSION = 2
RECORD = struct.Struct("<cQQI")
state: dict[str, Any] = {"log": "/dev/null", "write_ms": 0, "flush_ms": 0}


def config(key, value):
    state[key] = value


def config_complete():
    state["disk"] = bytearray(int(state["size"]))
    state["out"] = builtins.open(state["log"], "wb", buffering=0)  # noqa: SIM115 (as long as nbdkit runs)


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):
    return 1


def get_size(handle):
    return len(state["disk"])


def can_flush(handle):
    return True


def can_fua(handle):
    return nbdkit.FUA_NATIVE


def can_trim(handle):
    return False


def can_zero(handle):
    return False


def block_size(handle):
    return (512, 4096, 1 << 25)


def pread(handle, buf, offset, flags):
    buf[:] = state["disk"][offset : offset + len(buf)]


def note(kind, offset, data):
    state["out"].write(RECORD.pack(kind, time.monotonic_ns(), offset, len(data)) + data)


def pwrite(handle, buf, offset, flags):
    data = bytes(buf)
    linger("write_ms")
    note(b"W", offset, data)
    state["disk"][offset : offset + len(data)] = data
    if flags & nbdkit.FLAG_FUA:
        flush(handle, 0)


def linger(what):
    if state[what]:
        time.sleep(float(state[what]) / 1000)


def flush(handle, flags):
    linger("flush_ms")
    note(b"F", 0, b"")
