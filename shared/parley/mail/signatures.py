"""Takes signatures, mobile footers and list footers off what a person typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from parley.mail.quote_headers import clean, is_rule

MAX_SIGNATURE_LINES = 24
MAX_SIGNATURE_CHARS = 2000
"""What stands below `-- ` is no signature when it is longer: a transcript is not lost."""

_DEVICE = (
    r"i ?phone|i ?pad|ipod|android|blackberry|samsung|galaxy|nokia|huawei|xiaomi|redmi|honor|oneplus|sony|xperia|htc|lg\b"
    r"|motorola|moto\b|pixel\b|windows|outlook|surface|mobil\w*|mobile|smart ?phone|handy|phone|telefon\w*|teléfono|telefone"
    r"|téléphone|cellulare|celular|tablet\w*|yahoo|mailbox|mail|gmail|aol|proton\w*|spark|airmail|nine|boxer|verizon"
    r"|t-mobile|at&t|sprint|vodafone|o2\b|wireless|device|dispositivo|thunderbird|telekom|gmx|web\.de|freenet|orange|libero"
    r"|hey\b|fastmail|superhuman|missive|newton|touch|zenfone|lumia|treo|palm|sidekick|workphone|mac\b|macbook|apple watch"
    r"|смартфон\w*|телефон\w*|айфон\w*|устройств\w*|почт\w*|watch|ios|командой|оператор"
)
_SENT_FROM = (
    r"sent (?:from|via|with|by|using|on) (?:my |a |the )?|von (?:meine[mnrs]? |unterwegs|mein )|gesendet (?:von|mit|über|aus) "
    r"|diese nachricht wurde (?:von|mit) |envoyé (?:de(?:puis)?|à partir d\w*|avec|par|d['’]) ?|enviado (?:desde|de|do|dal|pelo|a partir d\w*|via) "
    r"|enviada (?:do|desde|pelo) |inviato (?:da|dal|dall['’]|con|tramite) ?|verzonden (?:vanaf|vanuit|met|via|van) |verstuurd (?:vanaf|vanuit|met|via) "
    r"|wysłan[eoay] (?:z|za pomocą|przy użyciu|przez) |wysłane z |küldve |(?:az )?iphone-?omról |az én |skickat från |skickades från "
    r"|sendt fra |sendt (?:via|med) |odesláno z[e]? |odeslané z |odoslané z[o]? |отправлено (?:с|из|от) |надіслано з |lähetetty |trimis (?:de pe|din) "
    r"|στάλθηκε από |(?:bu e-posta )?iphone['’]umdan |enviat (?:des|amb) |poslano s |poslano z |saadetud |gửi từ |dikirim dari |get |obtener |obtenez |holen sie sich "
    r"|download |télécharge[rz] |scarica |ottieni |baixe |obter |pobierz |hämta |hent |stáhn\w* |скачать |composed (?:on|with) |written (?:on|with) |typed on "
    r"|diktiert|excuse (?:my |the )?(?:typos|brevity)|please excuse (?:my |the |any )?(?:typos|brevity)|via (?:mobile|iphone|ipad|android|handy|smartphone)$"
)
_FOREIGN_MOBILE = (
    r"iphone ?から送信|(?:my )?(?:iphone|ipad|android) ?から|.{0,20}から送信|发自我的|發自我的|从我的|從我的|来自我的|自我的\w+發送|나의 (?:iphone|ipad)|내 (?:iphone|ipad)|"
    r".{0,20}에서 (?:보냄|보낸)|נשלח מה|أرسلت من|iphone['’]?umdan gönderildi|.{0,20}gönderildi$|.{0,30}lähetetty$|az iphone|iphone-?omról|ส่งจาก"
)
_LIST_FOOTER = re.compile(
    r"you (?:are receiv|receiv)\w+ this (?:message|email|mail|e-mail|because)|to unsubscribe|mailing list|unsubscribe|"
    r"reply to this e?-?mail directly|view it on github|mailman/listinfo|groups\.google|listserv|"
    r"sie (?:erhalten|haben) diese (?:nachricht|e-?mail|mail)|vous recevez ce"
)
_ADDRESS_LINE = re.compile(r"\S{1,64}@[\w.-]{3,100}")
_PHONE = re.compile(r"(?:\+|\(|\b\d)[\d\s().+/x-]{6,24}\d")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_DASH_NAME = re.compile(
    r"(?:[-–—]{1,2}|[–—~] ?|-- )[^\W\d_a-z][\w.'’-]{0,24}(?: [^\W\d_a-z][\w.'’-]{0,24}){0,3}\Z"
)


@cache
def _mobile() -> re.Pattern[str]:
    return re.compile(rf"(?:{_SENT_FROM})(?P<rest>.*)\Z")


@cache
def _device() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_DEVICE})")


@cache
def _foreign_mobile() -> re.Pattern[str]:
    return re.compile(rf"(?:{_FOREIGN_MOBILE})")


def is_mobile_footer(line: str) -> bool:
    """`Sent from my iPhone`, `Von meinem iPad gesendet`, `Get Outlook for iOS`, ..."""
    text = clean(line).strip("*_<>[]()-–—~ .!\xa0").casefold()
    if not 5 < len(text) < 120:
        return False
    if not text.isascii() and _foreign_mobile().match(text):
        return True
    found = _mobile().match(text)
    if not found:
        return False
    # A sentence goes on after a comma: "Sent from my desk, is much easier ...".
    sentence = "," in text and len(text) > 40
    return not sentence and bool(_device().search(text)) and len(text.split()) <= 12


def is_contact_line(line: str) -> bool:
    """A line of a signature: an address, a telephone number or a web page, and little else."""
    text = clean(line)
    if not text or len(text) > 90:
        return False
    return (
        bool(_ADDRESS_LINE.search(text) or _PHONE.search(text) or _URL.search(text))
        and len(text.split()) <= 9
    )


def strip_signature(lines: Sequence[str], *, last: bool) -> list[str]:
    """The lines of one typed stretch without its signature; `last` says that the mail ends there."""
    kept = _without_delimited(list(lines))
    kept = (
        [line for line in kept if not is_mobile_footer(line)]
        if len(kept) < 5000
        else _without_late_mobile(kept)
    )
    kept = _trim(kept)
    kept = _without_dash_name(kept)
    return _trim(_without_contact_block(kept)) if last else kept


def _without_late_mobile(lines: list[str]) -> list[str]:
    tail = lines[-50:]
    return [*lines[:-50], *(line for line in tail if not is_mobile_footer(line))]


def _trim(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _without_delimited(lines: list[str]) -> list[str]:
    """Cut at `-- ` (RFC 3676), and at a rule above a list footer or a block of contacts."""
    for i in range(max(0, len(lines) - 120), len(lines)):
        text = lines[i].strip()
        if text in ("--", "—") and _short(lines[i + 1 :]):
            return lines[:i]
        if is_rule(text) and _short(lines[i + 1 :]) and _is_footer(lines[i + 1 :]):
            return lines[:i]
    return lines


def _short(rest: Sequence[str]) -> bool:
    used = [line for line in rest if line.strip()]
    return len(used) <= MAX_SIGNATURE_LINES and sum(map(len, used)) <= MAX_SIGNATURE_CHARS


def _is_footer(rest: Sequence[str]) -> bool:
    used = [line for line in rest if line.strip()]
    if used and any(_LIST_FOOTER.search(clean(line).casefold()) for line in used):
        return True
    contacts = sum(map(is_contact_line, used))
    return contacts >= 2 and contacts * 3 >= len(used) and all(len(line) < 90 for line in used)


def _without_dash_name(lines: list[str]) -> list[str]:
    """`-Ann Lee` alone in the last paragraph is how some people sign."""
    if len(lines) < 3 or lines[-2].strip() or not _DASH_NAME.match(clean(lines[-1])):
        return lines
    above = next((line.strip() for line in reversed(lines[:-2]) if line.strip()), "")
    is_list = above.startswith(("-", "*", "–", "•")) or above.endswith(":")
    return lines if is_list else _trim(lines[:-1])


def _without_contact_block(lines: list[str]) -> list[str]:
    """A last paragraph that opens with a name and holds two contacts or more."""
    start = len(lines)
    while start and lines[start - 1].strip() and len(lines) - start <= 12:
        start -= 1
    block = lines[start:]
    if not start or not 3 <= len(block) <= 12 or any(len(line) > 90 for line in block):
        return lines
    above = next((line.strip() for line in reversed(lines[:start]) if line.strip()), "")
    reachable = any(_ADDRESS_LINE.search(clean(line)) or _PHONE.search(clean(line)) for line in block)
    named = (
        not is_contact_line(block[0])
        and len(block[0].split()) <= 6
        and not block[0].rstrip().endswith((".", ":", "?"))
    )
    contacts = sum(map(is_contact_line, block))
    cut = (
        named
        and reachable
        and contacts >= 2
        and contacts * 5 >= len(block) * 2
        and not above.endswith(":")
        and bool(above)
    )
    return lines[:start] if cut else lines
