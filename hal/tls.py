"""TLS over any connected socket: a TCP one, or the end of a socket pair whose other end is pumped into a modem.

Handshakes are driven by the loop and block nobody. Whom we trust is said by the context, and `context()` here trusts one
file of certificates and nothing that the system brings along. Every fault is a LinkDown in plain words."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from socket import socket

from hal.ports.faults import LinkDown

HANDSHAKE_S = 20
AEAD = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2, what gives forward secrecy; 1.3 knows nothing else


class Nobody:
    """The identity of a till that has none: it can call brokers without TLS only."""

    def context(self) -> ssl.SSLContext | None:
        """None."""
        return None


def context(authority: bytes, chain: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """A client that trusts the certificates in this PEM alone, and shows the chain with its key where it has one.

    Raises ValueError or OSError (ssl.SSLError among them) for what cannot be used."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # asks for a certificate, and for its right name
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(AEAD)
    made.load_verify_locations(cadata=authority.decode("ascii"))
    if chain:
        made.load_cert_chain(chain, key)
    return made


class Stream:
    """An SSLSocket as MQTT wants it. trouble: what ended it, in words, where TLS itself was at fault."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._sock = sock
        self.trouble = ""

    def recv(self, size: int) -> bytes:
        """As of a non-blocking SSLSocket: SSLWantReadError when there is nothing; b"" at the end. Raises OSError."""
        try:
            return self._sock.recv(size)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as fault:
            self.trouble = self.trouble or words(fault)
            raise

    def send(self, data: bytes | bytearray | memoryview) -> int:
        """How many were taken. Raises as recv()."""
        try:
            return self._sock.send(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as fault:
            self.trouble = self.trouble or words(fault)
            raise

    def pending(self) -> int:
        """Bytes that are decrypted already, of which select() says nothing."""
        return self._sock.pending()

    def fileno(self) -> int:
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:
        self._sock.setblocking(flag)

    def close(self) -> None:
        self._sock.close()

    @property
    def session(self) -> ssl.SSLSession | None:
        """What makes the next handshake short; with TLS 1.3 it comes some time after the handshake."""
        return self._sock.session

    @property
    def resumed(self) -> bool:
        """Was this one short?"""
        return bool(self._sock.session_reused)


async def wrap(sock: socket, trusting: ssl.SSLContext, server_name: str, session: ssl.SSLSession | None = None) -> Stream:
    """A handshake over a connected, non-blocking socket, which belongs to the stream from now on.

    session: of an earlier stream with the same context and server. Raises LinkDown, and then the socket is closed."""
    try:
        inner = trusting.wrap_socket(sock, server_hostname=server_name, do_handshake_on_connect=False, session=session)
    except (OSError, ValueError) as fault:
        sock.close()
        raise LinkDown(f"no TLS with {server_name}: {fault}") from fault
    try:
        async with asyncio.timeout(HANDSHAKE_S):
            await shake(inner)
    except asyncio.TimeoutError:
        inner.close()
        raise LinkDown(f"no TLS answer in {HANDSHAKE_S} s") from None
    except ssl.SSLError as fault:
        inner.close()
        raise LinkDown(words(fault)) from fault
    except OSError as fault:
        inner.close()
        raise LinkDown(f"the line broke off during the TLS handshake: {fault.strerror or fault}") from fault
    except BaseException:
        inner.close()
        raise
    return Stream(inner)


async def shake(sock: ssl.SSLSocket) -> None:
    """The handshake, step by step, each when the socket is ready for it."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            await ready(sock, loop.add_reader, loop.remove_reader)
        except ssl.SSLWantWriteError:
            await ready(sock, loop.add_writer, loop.remove_writer)
        else:
            return


async def ready(sock: socket, watch: Callable[..., object], forget: Callable[..., object]) -> None:
    """Until the loop says that the socket is ready. watch, forget: the loop's add_reader and its like."""
    woken = asyncio.Event()
    watch(sock, woken.set)
    try:
        await woken.wait()
    finally:
        forget(sock)


# What OpenSSL says of a certificate (X509_V_ERR_..., x509_vfy.h), and of a record or an alert (the reason's name), as a
# person with a laptop would say it.
CERTIFICATE = {
    7: "the broker's certificate is of another CA than the fleet's, with the same name",
    9: "the broker's certificate is not valid yet: is the till's clock right?",
    10: "the broker's certificate has expired",
    18: "the broker's certificate is signed by itself, not by the fleet's CA",
    19: "the broker's certificate is of another CA than the fleet's",
    20: "the broker's certificate is of another CA than the fleet's",
    21: "the broker's certificate is of another CA than the fleet's",
    23: "the broker's certificate is revoked",
    26: "the broker's certificate is not for a server",
    62: "the broker's certificate is for another host",
    64: "the broker's certificate is for another address",
}
REASONS = {
    "WRONG_VERSION_NUMBER": "what answers does not speak TLS: a captive portal?",
    "HTTP_REQUEST": "what answers does not speak TLS: a captive portal?",
    "UNSUPPORTED_PROTOCOL": "the broker speaks only TLS older than 1.2",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the broker speaks only TLS older than 1.2",
    "UNEXPECTED_EOF_WHILE_READING": "the call was cut during the TLS handshake",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "the broker says that this till's certificate is revoked",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the broker says that this till's certificate has expired",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the broker does not take this till's certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the broker does not take this till's certificate",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": "the broker does not take this till's certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "the broker does not know the CA of this till's certificate",
    "TLSV1_ALERT_DECRYPT_ERROR": "the broker finds this till's certificate or its signature forged",
    "TLSV1_ALERT_ACCESS_DENIED": "the broker does not let this till in",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the broker asks for a certificate, and this till has none",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the broker refuses the handshake: it wants a certificate, or other ciphers",
}


def words(fault: ssl.SSLError) -> str:
    """What it means."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return CERTIFICATE.get(fault.verify_code, f"the broker's certificate is not good: {fault.verify_message}")
    if isinstance(fault, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):  # which of both, the versions of Python differ
        return REASONS["UNEXPECTED_EOF_WHILE_READING"]
    return REASONS.get(fault.reason or "", f"TLS broke: {fault.reason or fault}")
