"""Certificates for signing: one that vouches, and one that it vouches for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_USES = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
_USES += ("crl_sign", "encipher_only", "decipher_only")


def write_chain(directory: Path, *, days: tuple[int, int] = (-1, 30)) -> tuple[Path, Path, bytes]:
    """Write certificates and a key, valid in `days` from now; give their paths, and the root's PEM.

    The files are chain.pem and key.pem, the key is ECDSA's on P-256.
    """
    directory.mkdir(exist_ok=True)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("Root", root_key, root_key, (-400, 400))
    leaf = _certificate("Archive", key, root_key, days)
    chain = directory / "chain.pem"
    chain.write_bytes(_pem(leaf) + _pem(root))
    (directory / "key.pem").write_bytes(pem_of_key(key))
    return chain, directory / "key.pem", _pem(root)


def pem_of_key(key, password: bytes | None = None) -> bytes:
    """Write a private key as PEM, with a password if there is one."""
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, encryption)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _name(text: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "The archive")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject, key, root_key, days) -> x509.Certificate:
    is_root, now = key is root_key, datetime.now(UTC)
    uses = dict.fromkeys(_USES, False) | {
        "digital_signature": not is_root,
        "key_cert_sign": is_root,
    }
    root = root_key.public_key()
    builder = (
        x509.CertificateBuilder(_name("Root"), _name(subject), key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days[0]))
        .not_valid_after(now + timedelta(days[1]))
        .add_extension(x509.BasicConstraints(is_root, None), critical=True)
        .add_extension(x509.KeyUsage(**uses), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root), critical=False)
    )
    if not is_root:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(root_key, hashes.SHA256())
