"""Certificates for a test: an authority, a broker's, a till's, and those that something is wrong with."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


def named(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """Makes PEM files in its folder. file: its own certificate; others(name, ...): (certificate, key) of another."""

    def __init__(self, folder, name="fleet"):
        self.folder, self.name = folder, named(name)
        self.key = ec.generate_private_key(ec.SECP256R1())
        may = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = self._builder(name, self.key, -DAY, DAY)
        builder = builder.add_extension(x509.BasicConstraints(True, 0), True).add_extension(may, True)
        self.file = self._write(f"{name}-ca.crt", builder.sign(self.key, hashes.SHA256()))

    @property
    def pem(self):
        return self.file.read_bytes()

    def server(self, host="127.0.0.1", since=-DAY, until=DAY):
        """host: a name or an address, for which alone it is good."""
        try:
            name = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        return self._issue(f"server-{host}", SERVER, since, until, x509.SubjectAlternativeName([name]))

    def till(self, terminal="BARROW-0001", since=-DAY, until=DAY):
        return self._issue(terminal, CLIENT, since, until)

    def revoke(self, *certificates):
        """A list of them, as a file."""
        builder = x509.CertificateRevocationListBuilder(self.name, NOW - DAY, NOW + DAY)
        for file in certificates:
            serial = x509.load_pem_x509_certificate(file.read_bytes()).serial_number
            row = x509.RevokedCertificateBuilder(serial, NOW - DAY).build()
            builder = builder.add_revoked_certificate(row)
        return self._write("revoked.crl", builder.sign(self.key, hashes.SHA256()))

    def _issue(self, common, purpose, since, until, *extensions):
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(common, key, since, until)
        for extension in (x509.BasicConstraints(False, None), x509.ExtendedKeyUsage([purpose]), *extensions):
            builder = builder.add_extension(extension, False)
        certificate = self._write(f"{common}.crt", builder.sign(self.key, hashes.SHA256()))
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file = self.folder / f"{common}.key"
        file.write_bytes(secret)
        return certificate, file

    def _builder(self, common, key, since, until):
        builder = x509.CertificateBuilder().subject_name(named(common)).issuer_name(self.name).public_key(key.public_key())
        return builder.serial_number(x509.random_serial_number()).not_valid_before(NOW + since).not_valid_after(NOW + until)

    def _write(self, name, made):
        file = self.folder / name
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return file
