"""Content Credentials (C2PA): what was done to a picture, signed with its user's own certificate.

The only place that knows c2pa. Nothing is asked of other machines: there is no time stamp of
another's, and what a picture's older credentials keep elsewhere is not fetched.
"""

import io
import json
import mmap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyvips

from photochrom import __version__
from photochrom.errors import ImageError, extra, unread
from photochrom.image.provenance import SOURCE_TYPE, in_words

Signing = tuple[str | Path, str | Path]
"""Two PEM files: a certificate, with those that vouch for it behind it, and its private key."""
_FORMATS = {".m4v": "mp4"}  # by file extension, where c2pa calls it otherwise
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_STORE = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x008\x9bq"
"""The number of the box that credentials stand in."""
_UNTRUSTED = "signingCredential.untrusted"  # what c2pa says where it knows no trusted ones
_SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},  # which would decode the whole picture
    "verify": {"remote_manifest_fetch": False},
}


class Made(NamedTuple):
    """What is signed of a file."""

    name: str
    """The file's, whose extension tells its format."""
    facts: dict[str, str]
    """How it was coloured."""
    origin: Path | None
    """The file that it was made of, whose digest becomes part of the credentials."""


def read_credentials(path: Path) -> str:
    """Say whether a file's Content Credentials fit it, and who signed them; "" where it has none.

    The certificate is not held against a list of those that are trusted. Raises `MissingExtra`
    where there are some and c2pa is not installed.
    """
    if not _has_credentials(path):
        return ""
    c2pa = _c2pa("reading Content Credentials")
    try:
        context = c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))
        with (
            path.open("rb") as file,
            c2pa.Reader(_format(path.name), file, context=context) as read,
        ):
            state = read.get_validation_state()
            signed = (read.get_active_manifest() or {}).get("signature_info", {})
            found = (read.get_validation_results() or {}).get("activeManifest", {})
    except c2pa.C2paError as error:
        return f"cannot be read ({error})"
    by = f"signed by {signed.get('issuer') or 'somebody who gives no name'}"
    if state in ("Valid", "Trusted"):
        return f"valid, {by}"
    codes = {one["code"] for one in found.get("failure", ())} - {_UNTRUSTED}
    return f"not valid, {by}; the file was changed since ({', '.join(sorted(codes))})"


def _has_credentials(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return content.find(_STORE) >= 0
        except ValueError:  # an empty file
            return False


def check(signing: Signing) -> None:
    """Raise `ImageError` where a certificate and its key cannot sign, `MissingExtra` without c2pa.

    They sign a picture of one pixel.
    """
    pixel = pyvips.Image.black(1, 1).pngsave_buffer()
    sign(io.BytesIO(pixel), io.BytesIO(), Made("pixel.png", {}, None), signing)


def check_format(target: Path, signing: Signing | None) -> None:
    """Raise `ImageError` when a name's extension is of a format that holds no credentials."""
    if signing and _format(target.name) not in _c2pa().Builder.get_supported_mime_types():
        raise ImageError(
            f"{target}: a {target.suffix} file holds no Content Credentials; "
            "choose another format, or do not sign it"
        )


def sign(source: BinaryIO, target: BinaryIO, made: Made, signing: Signing) -> None:
    """Copy a file, and add its credentials.

    They say that a trained model has coloured it, and how. Raises `ImageError` where it cannot be
    signed, such as with a certificate that has expired, and `MissingExtra` without c2pa.
    """
    c2pa, certificate = _c2pa(), Path(signing[0])
    info = c2pa.C2paSignerInfo(*_read(signing), None)
    try:
        context = c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))
        builder = c2pa.Builder(_manifest(made), context=context)
        _set_origin(c2pa, builder, made.origin)
        builder.add_action(_action(made.facts))
        builder.sign(c2pa.Signer.from_info(info), _format(made.name), source, target)
    except c2pa.C2paError as error:
        raise ImageError(
            f"{certificate}: cannot sign {made.name} with it ({error}); give another"
        ) from error


def _c2pa(what: str = "signing Content Credentials") -> Any:
    with extra(what, "c2pa"):
        import c2pa
        import cryptography  # noqa: F401 - reads certificates and keys
    return c2pa


def _format(name: str) -> str:
    extension = Path(name).suffix.lower()
    return _FORMATS.get(extension, extension[1:])


def _manifest(made: Made) -> str:
    generator = {"name": "Photochrom", "version": __version__}
    return json.dumps({"title": made.name, "claim_generator_info": [generator]})


def _action(facts: dict[str, str]) -> str:
    """Say, in the words of C2PA, that colours were changed by a trained model."""
    action = {
        "action": "c2pa.color_adjustments",
        "digitalSourceType": SOURCE_TYPE,
        "softwareAgent": {"name": "Photochrom", "version": __version__},
        "description": in_words(facts),
    }
    return json.dumps(action)


def _set_origin(c2pa: Any, builder: Any, origin: Path | None) -> None:
    """Name the file that the picture was made of, if it is of a format that c2pa reads."""
    file_format = _format(origin.name) if origin else ""
    if origin is None or file_format not in c2pa.Reader.get_supported_mime_types():
        composite = c2pa.C2paDigitalSourceType.COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA
        builder.set_intent(c2pa.C2paBuilderIntent.CREATE, composite)
        return
    builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
    with origin.open("rb") as file:
        ingredient = json.dumps({"title": origin.name, "relationship": "parentOf"})
        builder.add_ingredient(ingredient, file_format, file)


def _read(signing: Signing) -> tuple[str, bytes, bytes]:
    """Give the algorithm's name, the certificates and the key; raises `ImageError` in words."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    (certificate, chain), (key, secret) = ((Path(path), _content(Path(path))) for path in signing)
    try:
        first = x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise ImageError(f"{certificate}: not a certificate; give a .pem file of it") from error
    try:
        private = load_pem_private_key(secret, None)
    except TypeError as error:
        raise ImageError(
            f"{key}: the key has a password; give one without: openssl pkey -in {key} -out new.pem"
        ) from error
    except ValueError as error:
        raise ImageError(f"{key}: not a private key; give a .pem file of it") from error
    if first.public_key() != private.public_key():
        raise ImageError(f"{key}: the key is not that of {certificate}; give the two that belong")
    begin, end = first.not_valid_before_utc, first.not_valid_after_utc
    if not begin <= datetime.now(UTC) <= end:
        raise ImageError(
            f"{certificate}: the certificate is valid from {begin:%Y-%m-%d} to {end:%Y-%m-%d}, "
            "and cannot sign today; give one that is valid"
        )
    return _algorithm(private, key), chain, secret


def _algorithm(private: Any, key: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, rsa.RSAPrivateKey):
        return "ps256"
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return _CURVES[private.curve.name]
    raise ImageError(f"{key}: C2PA takes no key of this kind; give one of RSA, Ed25519 or ECDSA")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unread(path, error) from error
