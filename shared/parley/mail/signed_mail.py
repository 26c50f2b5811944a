"""S/MIME mail that is signed and not encrypted: the email inside the signature (RFC 8551, RFC 5652)."""

from __future__ import annotations


def signed_content(sealed: bytes) -> bytes | None:
    """The MIME entity inside an opaque signature, DER or BER; None where there is none.

    The signature is not checked: who wrote is what SES finds out, as for all mail.
    """
    from asn1crypto import cms  # only mail that is sealed pays for it

    try:
        outer = cms.ContentInfo.load(sealed)
        if outer["content_type"].native != "signed_data":
            return None
        inner = outer["content"]["encap_content_info"]["content"].native
    except (ValueError, TypeError, KeyError):
        return None
    return inner if isinstance(inner, bytes) else None
