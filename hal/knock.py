"""Who is at the other end of a line? Asked before a line is trusted again: a login page answers every call, but not as
our broker would, and a line that is dead at its far end answers nothing. Costs some hundred bytes, and disturbs no session."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable

from hal import tls
from hal.brokers import Broker
from hal.caller import Identity
from hal.ports.faults import LinkDown

ANSWER_S = 10  # a broker over a bad 4G line takes three; who takes longer is not there
# CONNECT in a version of MQTT that there is not: every broker must answer, and refuse it (MQTT-3.1.2-2)
FROM_NOBODY = b"\x10\x0c\x00\x04MQTT\x09\x02\x00\x0a\x00\x00"
CONNACK = 0x20
STRANGERS = (18, 19, 20, 21, 62, 64)  # X509_V_ERR_... (x509_vfy.h): signed by another, or made out to another

Knock = Callable[[socket.socket, str], Awaitable[None]]


class Portal(LinkDown):
    """Somebody answers who is not our broker: a login page."""


class Silent(LinkDown):
    """The call is taken, and then nothing comes."""


async def knock(sock: socket.socket) -> None:
    """Without TLS, over a connected socket, which is closed afterwards. Raises Portal, Silent, LinkDown."""
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_sendall(sock, FROM_NOBODY)
        answer = await asyncio.wait_for(loop.sock_recv(sock, 4), ANSWER_S)
    except asyncio.TimeoutError:
        raise Silent(f"takes the call, and nothing comes for {ANSWER_S} s") from None
    except OSError as fault:
        raise LinkDown(f"broke off: {fault}") from fault
    finally:
        sock.close()
    if not answer:
        raise LinkDown("hangs up on us")
    if answer[0] != CONNACK:
        raise Portal("somebody else answers: a login page?")


def knocker(brokers: tuple[Broker, ...], identity: Identity) -> Knock:
    """A knock as each broker wants it: with TLS the handshake says more than an answer could."""
    secure = {broker.host for broker in brokers if broker.tls}

    async def ask(sock: socket.socket, host: str) -> None:
        context = identity.context() if host in secure else None
        if context is None:
            await knock(sock)
            return
        try:
            stream = await tls.wrap(sock, context, host)
        except LinkDown as fault:
            raise told_apart(fault) from fault
        stream.close()

    return ask


def told_apart(fault: LinkDown) -> LinkDown:
    """Of a handshake that failed: somebody who is not of our fleet, or who speaks no TLS, is a login page."""
    cause = fault.__cause__
    stranger = isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code in STRANGERS
    if stranger or (isinstance(cause, ssl.SSLError) and cause.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST")):
        return Portal(f"{fault}")
    return fault
