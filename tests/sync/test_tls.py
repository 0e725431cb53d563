"""TLS over the end of a socket pair, as a modem gives one: both ends in one loop, in virtual time, with real handshakes."""

import asyncio
import socket
import ssl
import warnings

import pytest

from hal import tls
from hal.ports.faults import LinkDown
from sim.clock import run
from tests.sync.certificates import DAY, Authority


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("foreign"), "fleet")  # of the same name, which must not help it


def serving(certificate, authority=None, **more):
    """A broker's context. authority: whose tills it lets in; None, anybody."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate)
    if authority:
        made.load_verify_locations(authority.file)
        made.verify_mode = ssl.CERT_REQUIRED
    for name, value in more.items():
        setattr(made, name, value)
    return made


class Broker:
    """The far end: its handshake, and then an echo. context: None, and it says `words` to whatever comes."""

    def __init__(self, context, words=b""):
        self.context, self.words = context, words

    def answer(self):
        """The till's end of a new connection."""
        near, far = socket.socketpair()
        near.setblocking(False)
        far.setblocking(False)
        self.running = asyncio.create_task(self._serve(far) if self.context else self._babble(far))
        return near

    async def _serve(self, far):
        sock = self.context.wrap_socket(far, server_side=True, do_handshake_on_connect=False)
        try:
            await tls.shake(sock)
            while True:
                await tls.ready(sock, asyncio.get_running_loop().add_reader, asyncio.get_running_loop().remove_reader)
                data = sock.recv(65536)
                if not data:
                    return
                sock.send(data)
        except OSError as fault:
            self.fault = fault
        finally:
            sock.close()

    async def _babble(self, far):
        loop = asyncio.get_running_loop()
        await loop.sock_recv(far, 65536)
        if self.words is None:
            await asyncio.sleep(10_000)
        await loop.sock_sendall(far, self.words)
        far.close()


async def heard(stream, size=65536):
    """What comes, once something does."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            return stream.recv(size)
        except ssl.SSLWantReadError:
            await tls.ready(stream, loop.add_reader, loop.remove_reader)


def refusal(broker, context, host="127.0.0.1"):
    """What the till says of it; nothing is left open."""

    async def tell():
        sock = broker.answer()
        number = sock.fileno()
        with pytest.raises(LinkDown) as told:
            await tls.wrap(sock, context, host)
        with pytest.raises(OSError):
            socket.fromfd(number, socket.AF_UNIX, socket.SOCK_STREAM).getpeername()
        broker.running.cancel()
        return str(told.value)

    return run(tell())


def test_both_know_each_other_and_bytes_pass(ours):
    async def tell():
        broker = Broker(serving(ours.server(), ours))
        stream = await tls.wrap(broker.answer(), tls.context(ours.pem, *ours.till()), "127.0.0.1")
        stream.send(b"a sale" * 1000)
        assert await heard(stream, 10) == b"a salea sa" and stream.pending() == 5990  # of one record
        assert await heard(stream) == (b"a sale" * 1000)[10:] and not stream.resumed and stream.trouble == ""
        stream.close()

    run(tell())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_next_session_is_resumed_and_a_foreign_one_is_not(ours, version):
    async def tell():
        broker = Broker(serving(ours.server(), ours, maximum_version=version, sni_callback=None))
        broker.context.set_ciphers("DEFAULT")
        context, session = tls.context(ours.pem, *ours.till()), None
        for resumed in (False, True, True):
            stream = await tls.wrap(broker.answer(), context, "127.0.0.1", session)
            stream.send(b"x")
            await heard(stream)
            assert stream.resumed == resumed
            session = stream.session
            stream.close()
        other = Broker(serving(ours.server(), ours))  # has never seen it
        stream = await tls.wrap(other.answer(), context, "127.0.0.1", session)
        assert not stream.resumed
        stream.close()

    run(tell())


def test_a_session_of_another_identity_is_a_fault_and_no_crash(ours):
    async def tell():
        broker = Broker(serving(ours.server(), ours))
        stream = await tls.wrap(broker.answer(), tls.context(ours.pem, *ours.till()), "127.0.0.1")
        stream.send(b"x")
        await heard(stream)
        with pytest.raises(LinkDown, match="no TLS with"):
            await tls.wrap(broker.answer(), tls.context(ours.pem, *ours.till()), "127.0.0.1", stream.session)

    run(tell())


def test_a_certificate_of_another_ca_of_the_same_name(ours, foreign):
    assert "another CA" in refusal(Broker(serving(foreign.server())), tls.context(ours.pem))


def test_one_that_every_browser_would_trust(ours, foreign, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(foreign.file))
    assert "another CA" in refusal(Broker(serving(foreign.server())), tls.context(ours.pem))


@pytest.mark.parametrize(
    ("host", "since", "until", "why"),
    [
        ("127.0.0.1", -2 * DAY, -DAY / 2, "the broker's certificate has expired"),
        ("127.0.0.1", DAY / 2, DAY, "the broker's certificate is not valid yet: is the till's clock right?"),
        ("127.0.0.2", -DAY, DAY, "the broker's certificate is for another address"),
    ],
)
def test_a_certificate_that_is_not_good_here(ours, host, since, until, why):
    assert refusal(Broker(serving(ours.server(host, since, until))), tls.context(ours.pem)) == why


def test_a_certificate_for_another_host(ours):
    broker = Broker(serving(ours.server("mq1.example")))
    assert refusal(broker, tls.context(ours.pem), "mq2.example") == "the broker's certificate is for another host"


def test_a_tills_certificate_is_no_brokers(ours):
    assert refusal(Broker(serving(ours.till("127.0.0.1"))), tls.context(ours.pem)).startswith("the broker's certificate is not")


def test_tls_older_than_1_2_is_not_spoken(ours):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old = serving(ours.server(), minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
    old.set_ciphers("ALL:@SECLEVEL=0")
    assert refusal(Broker(old), tls.context(ours.pem)) == "the broker speaks only TLS older than 1.2"


def test_ciphers_without_forward_secrecy_are_not_spoken(ours):
    weak = serving(ours.server(), maximum_version=ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    assert (
        refusal(Broker(weak), tls.context(ours.pem))
        == "the broker refuses the handshake: it wants a certificate, or other ciphers"
    )


PORTAL = b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/login\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (PORTAL, "captive portal"), (b"\x00" * 400, "captive portal"), (b"", "cut during the TLS handshake"),
        (b"\x20\x02\x00\x00", "cut during the TLS handshake"), (b"\x15\x03\x03\x00\x02\x02\x28", "refuses the handshake"),
    ],
)  # fmt: skip
def test_whatever_answers_instead_of_a_broker_is_said_in_words(ours, words, why):
    assert why in refusal(Broker(None, words), tls.context(ours.pem))


def test_a_broker_that_says_nothing_is_left_after_20_s(ours):
    async def tell():
        loop, broker = asyncio.get_running_loop(), Broker(None, None)
        began = loop.time()
        with pytest.raises(LinkDown, match="no TLS answer in 20 s"):
            await tls.wrap(broker.answer(), tls.context(ours.pem), "127.0.0.1")
        assert loop.time() - began == pytest.approx(20)
        broker.running.cancel()

    run(tell())


def test_a_handshake_that_is_given_up_leaves_nothing_open(ours):
    async def tell():
        broker = Broker(None, None)
        sock = broker.answer()
        calling = asyncio.create_task(tls.wrap(sock, tls.context(ours.pem), "127.0.0.1"))
        await asyncio.sleep(1)
        calling.cancel()
        await asyncio.wait((calling,))
        assert calling.cancelled() and sock.fileno() < 0
        broker.running.cancel()

    run(tell())


def test_noise_in_place_of_a_handshake_is_a_fault_in_words(ours):
    import random

    dice = random.Random(4)
    context = tls.context(ours.pem)
    for _ in range(150):
        noise = dice.choice((b"", b"\x16\x03\x03", b"\x16\x03\x01\x00\x40\x02")) + dice.randbytes(dice.randrange(1, 90))
        assert refusal(Broker(None, noise), context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("stranger", "does not know the CA of this till's certificate"), ("forged", "signature forged"),
        ("expired", "certificate has expired"),
        ("revoked", "certificate is revoked"), ("nobody", "certificate"),
    ],
)  # fmt: skip
def test_a_till_that_is_not_let_in_is_told_why(ours, foreign, tmp_path, version, who, why):
    """With TLS 1.3 the broker's word comes after the handshake, with the first read."""
    makers = {"stranger": Authority(tmp_path, "strange").till, "forged": foreign.till, "revoked": ours.till, "nobody": tuple}
    shown = ours.till("OLD", until=-DAY / 2) if who == "expired" else makers[who]()

    async def tell():
        asking = serving(ours.server(), ours, maximum_version=version)
        if who == "revoked":
            asking.load_verify_locations(ours.revoke(shown[0]))
            asking.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        broker = Broker(asking)
        try:
            stream = await tls.wrap(broker.answer(), tls.context(ours.pem, *shown), "127.0.0.1")
        except LinkDown as fault:
            return str(fault)
        with pytest.raises(OSError):
            await heard(stream)
        stream.close()
        return stream.trouble

    assert why in run(tell())


def test_what_cannot_be_used(ours, foreign, tmp_path):
    for pem in (b"", b"nonsense", b"\xff\xfe"):
        with pytest.raises((OSError, ValueError)):
            tls.context(pem)
    with pytest.raises(OSError):
        tls.context(ours.pem, tmp_path / "none.crt", tmp_path / "none.key")
    with pytest.raises(ssl.SSLError):
        tls.context(ours.pem, ours.till()[0], foreign.till()[1])
