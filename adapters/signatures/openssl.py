"""The calls of libcrypto that GOST needs, by ctypes. Objects are freed with their Python owners; no pointer leaves this module.

Engines are the way OpenSSL 1.1 to 3 take an algorithm from outside. The engine is set as default for its own digests and keys
only: randomness, TLS and every other algorithm of the process stay as they are.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_uint, c_uint64, c_void_p
from typing import Any, Final

Pointer = int | None
"""How ctypes gives a void pointer."""
LIBRARY: Final = "libcrypto.so.3"
ENGINE: Final = b"gost"
_DYNAMIC: Final = 0x400  # OPENSSL_INIT_ENGINE_DYNAMIC
_PARTS: Final = 0x80 | 0x200 | 0x400  # digests, keys, their ASN.1

_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "OPENSSL_init_crypto": (c_int, (c_uint64, c_void_p)),
    "ENGINE_by_id": (c_void_p, (c_char_p,)),
    "ENGINE_init": (c_int, (c_void_p,)),
    "ENGINE_set_default": (c_int, (c_void_p, c_uint)),
    "ENGINE_get_digest": (c_void_p, (c_void_p, c_int)),
    "OBJ_sn2nid": (c_int, (c_char_p,)),
    "EVP_MD_CTX_new": (c_void_p, ()),
    "EVP_MD_CTX_free": (None, (c_void_p,)),
    "EVP_DigestInit_ex": (c_int, (c_void_p, c_void_p, c_void_p)),
    "EVP_DigestUpdate": (c_int, (c_void_p, c_char_p, c_size_t)),
    "EVP_DigestFinal_ex": (c_int, (c_void_p, c_char_p, POINTER(c_uint))),
    "EVP_DigestSignInit": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "EVP_DigestSignFinal": (c_int, (c_void_p, c_char_p, POINTER(c_size_t))),
    "EVP_DigestVerifyInit": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "EVP_DigestVerifyFinal": (c_int, (c_void_p, c_char_p, c_size_t)),
    "EVP_PKEY_get_base_id": (c_int, (c_void_p,)),
    "EVP_PKEY_eq": (c_int, (c_void_p, c_void_p)),
    "EVP_PKEY_free": (None, (c_void_p,)),
    "d2i_X509": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
    "X509_get_pubkey": (c_void_p, (c_void_p,)),
    "X509_verify": (c_int, (c_void_p, c_void_p)),
    "X509_check_issued": (c_int, (c_void_p, c_void_p)),
    "X509_free": (None, (c_void_p,)),
    "BIO_new_mem_buf": (c_void_p, (c_char_p, c_int)),
    "BIO_free": (c_int, (c_void_p,)),
    "PEM_read_bio_PrivateKey": (c_void_p, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "ERR_clear_error": (None, ()),
}
_MOST_DIGEST: Final = 64
_MOST_SIGNATURE: Final = 1024


class EngineMissing(Exception):
    """There is no libcrypto with engines, or no engine for GOST."""


class LibCrypto:
    """libcrypto with the engine loaded."""

    def __init__(self) -> None:
        """Raises EngineMissing."""
        try:
            self._lib = ctypes.CDLL(LIBRARY)
            for name, (result, arguments) in _SIGNATURES.items():
                function = getattr(self._lib, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError):
            raise EngineMissing from None
        self._lib.OPENSSL_init_crypto(_DYNAMIC, None)
        self._engine = self._lib.ENGINE_by_id(ENGINE)
        if not self._engine or not self._lib.ENGINE_init(self._engine):
            self._lib.ERR_clear_error()
            raise EngineMissing
        if not self._lib.ENGINE_set_default(self._engine, _PARTS):
            raise EngineMissing

    def nid(self, name: str) -> int:
        """The number of an object by its short name."""
        return int(self._lib.OBJ_sn2nid(name.encode()))

    def digest(self, name: str, data: bytes) -> bytes:
        """The digest of this name in OpenSSL."""
        lib, context = self._lib, self._lib.EVP_MD_CTX_new()
        try:
            out, size = ctypes.create_string_buffer(_MOST_DIGEST), c_uint()
            done = (
                lib.EVP_DigestInit_ex(context, self._method(name), self._engine) == 1
                and lib.EVP_DigestUpdate(context, data, len(data)) == 1
                and lib.EVP_DigestFinal_ex(context, out, byref(size)) == 1
            )
        finally:
            lib.EVP_MD_CTX_free(context)
        assert done, "the engine has lost its digest"
        return out.raw[: size.value]

    def verify(self, name: str, key: Key, data: bytes, signature: bytes) -> bool:
        """Whether the key signed the digest of this name over the data."""
        lib, context = self._lib, self._lib.EVP_MD_CTX_new()
        try:
            return bool(
                lib.EVP_DigestVerifyInit(context, None, self._method(name), self._engine, key.pointer) == 1
                and lib.EVP_DigestUpdate(context, data, len(data)) == 1
                and lib.EVP_DigestVerifyFinal(context, signature, len(signature)) == 1
            )
        finally:
            lib.EVP_MD_CTX_free(context)
            lib.ERR_clear_error()

    def sign(self, name: str, key: Key, data: bytes) -> bytes | None:
        """The signature over the digest of this name, None where the key cannot make it."""
        lib, context = self._lib, self._lib.EVP_MD_CTX_new()
        try:
            out, size = ctypes.create_string_buffer(_MOST_SIGNATURE), c_size_t(_MOST_SIGNATURE)
            done = (
                lib.EVP_DigestSignInit(context, None, self._method(name), self._engine, key.pointer) == 1
                and lib.EVP_DigestUpdate(context, data, len(data)) == 1
                and lib.EVP_DigestSignFinal(context, out, byref(size)) == 1
            )
        finally:
            lib.EVP_MD_CTX_free(context)
            lib.ERR_clear_error()
        return out.raw[: size.value] if done else None

    def key_of(self, certificate: bytes) -> Key | None:
        """The public key of a certificate in DER."""
        found = self._certificate(certificate)
        try:
            return self._key(self._lib.X509_get_pubkey(found) if found else None)
        finally:
            self._lib.X509_free(found)

    def private_key(self, pem: bytes) -> Key | None:
        """A private key without a password."""
        source = self._lib.BIO_new_mem_buf(pem, len(pem))
        try:
            # A password is not asked for: the empty one is tried, and the terminal stays silent.
            return self._key(self._lib.PEM_read_bio_PrivateKey(source, None, None, c_char_p(b"")))
        finally:
            self._lib.BIO_free(source)
            self._lib.ERR_clear_error()

    def are_pair(self, one: Key, other: Key) -> bool:
        """Whether they have the same public half."""
        return bool(self._lib.EVP_PKEY_eq(one.pointer, other.pointer) == 1)

    def is_issued_by(self, certificate: bytes, authority: bytes) -> bool:
        """Names, key usage and the signature itself."""
        lib = self._lib
        one, other = self._certificate(certificate), self._certificate(authority)
        key = self._key(lib.X509_get_pubkey(other) if other else None)
        try:
            return bool(
                one and key and lib.X509_check_issued(other, one) == 0 and lib.X509_verify(one, key.pointer) == 1
            )
        finally:
            lib.X509_free(one)
            lib.X509_free(other)
            lib.ERR_clear_error()

    def _certificate(self, der: bytes) -> Pointer:
        found: Pointer = self._lib.d2i_X509(None, byref(c_char_p(der)), len(der))
        return found

    def _method(self, name: str) -> Pointer:
        found: Pointer = self._lib.ENGINE_get_digest(self._engine, self.nid(name))
        return found

    def _key(self, pointer: Pointer) -> Key | None:
        return Key(self._lib, pointer) if pointer else None


class Key:
    """A key of OpenSSL, freed with this object."""

    def __init__(self, lib: ctypes.CDLL, pointer: int) -> None:
        self._lib, self.pointer = lib, pointer

    @property
    def nid(self) -> int:
        """The kind of the key."""
        return int(self._lib.EVP_PKEY_get_base_id(self.pointer))

    def __del__(self) -> None:
        self._lib.EVP_PKEY_free(self.pointer)
