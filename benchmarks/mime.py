"""What reading an email costs: a 40 MB mail's time and memory, and the slope of hostile bodies.

    python -m benchmarks.mime            # all
    python -m benchmarks.mime --small    # hostile shapes only

The slope is the exponent b of time ~ size^b between the smallest and the
largest size: 1 is a straight line, 2 is quadratic.
"""

from __future__ import annotations

import argparse
import base64
import math
import multiprocessing
import platform
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.errors import QuarantineError, SenderError
from parley.mail.mime import parse_email

if TYPE_CHECKING:
    from collections.abc import Callable

MB = 1024 * 1024
SIZES = (MB // 4, MB // 2, MB)
HEAD = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\n"


def _body(content_type: str, unit: bytes) -> Callable[[int], bytes]:
    head = HEAD + f"Content-Type: {content_type}\r\n\r\n".encode()
    return lambda size: head + unit * (size // len(unit))


def _header(name: str, unit: bytes) -> Callable[[int], bytes]:
    return lambda size: HEAD + name.encode() + b": " + unit * (size // len(unit)) + b"\r\n\r\nbody"


def _nested(size: int) -> bytes:
    out, number = [HEAD], 0
    while sum(map(len, out[-2:])) and len(out) * 70 < size:
        out.append(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number))
        number += 1
    return b"".join(out)


def _reopened(size: int) -> bytes:
    """Forty multiparts open, and new ones inside them until the parts run out."""
    names = [b"%d-" % level + b"n" * 200 for level in range(40)]
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n" % (n, n) for n in names)
    unit = b"Content-Type: multipart/mixed; boundary=x%d\r\n\r\n--" + names[-1] + b"\r\n"
    return HEAD + opened + b"".join(unit % number for number in range(size // len(unit)))


def _alternatives(size: int) -> bytes:
    """Plain and HTML by turns in one multipart/alternative: each could be the other's twin."""
    unit = b"--b\r\n\r\nx\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>" + b"word " * 220 + b"%d</p>\r\n"
    head = HEAD + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
    return head + b"".join(unit % number for number in range(size // len(unit)))


def _wide_table(size: int) -> bytes:
    row = b"<tr><td>x</td></tr>"
    cell = b"<tr><td>" + b"w" * (size // 2) + b"</td></tr>"
    return (
        HEAD + b"Content-Type: text/html\r\n\r\n<table>" + cell + row * (size // 2 // len(row)) + b"</table>"
    )


SHAPES: dict[str, Callable[[int], bytes]] = {
    "plain text": _body("text/plain", b"The quick brown fox jumps over the dog.\r\n"),
    "nested multiparts": _nested,
    "many parts": _body("multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n"),
    "many multiparts": _reopened,
    "many alternatives": _alternatives,
    "lines of dashes": _body("multipart/mixed; boundary=b", b"--\r\n"),
    "boundary look-alikes": _body("multipart/mixed; boundary=b", b"--bb\r\n"),
    "bare CR": _body("text/plain", b"\r"),
    "HTML: open tags": _body("text/html", b"<div>"),
    "HTML: less-than": _body("text/html", b"<"),
    "HTML: open comments": _body("text/html", b"<!--"),
    "HTML: entities": _body("text/html", b"&amp;"),
    "HTML: list items": _body("text/html", b"<ul><li>x</ul>"),
    "HTML: paragraphs": _body("text/html", b"<p>some words here</p>\n"),
    "HTML: open scripts": _body("text/html", b"<script>"),
    "HTML: open heads": _body("text/html", b"<head><title>"),
    "HTML: attributes": _body("text/html", b"<a b='"),
    "HTML: wide table": _wide_table,
    "HTML: nested tables": _body("text/html", b"<table><tr><td>"),
    "quoted lines": _body("text/plain", b"> \r\n"),
    "quote headers": _body("text/plain", b"On Mon, Jan 1, a@b.c wrote:\r\n"),
    "forward headers": _body("text/plain", b"From: a@b.c\r\nSent: x\r\n"),
    "blank lines": _body("text/plain", b"\r\n"),
    "format=flowed": _body("text/plain; format=flowed", b"words \r\n"),
    "header lines": lambda size: b"A: b\r\n" * (size // 6) + b"\r\nbody",
    "encoded words": _header("Subject", b"=?utf-8?q?a?= "),
    "half encoded words": _header("Subject", b"=?a?b?"),
    "recipients": _header("Cc", b"a@b.c, "),
    "recipients: open brackets": _header("Cc", b"("),
    "recipients: open quotes": _header("Cc", b'"<'),
    "references": _header("References", b"<a@b> "),
    "references: open": _header("References", b"<"),
    "parameters": _header("Content-Type", b"text/plain; a=b; "),
    "parameter sections": _header("Content-Type", b"name*0=a;"),
}


STEEPEST = 1.5
"""Above it a shape is called no straight line: loading and caches bend the short ones a little."""
MOST_MEMORY = 512
# Measured on the same kind of machine; they are not installed here.
PEERS = """peers, a hostile 1 MB body: talon 0.36 s, linear; crisp, planer quadratic; zapier cubic
peers, MIME: eml-parser and the standard library 4 to 5 MB/s, and 372 MB for one nesting bomb of 136 KB
peers, HTML to text: inscriptis 0.055 s/MB, selectolax 0.010 s/MB"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--small", action="store_true", help="hostile shapes only")
    chosen = options.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    costs = [_cost(name, maker) for name, maker in SHAPES.items()]
    for cost in costs:
        print(cost.line())
    steep = [cost.name for cost in costs if cost.slope > STEEPEST]
    slowest = max(costs, key=lambda cost: cost.seconds[-1])
    print(f"\nsteeper than a straight line: {', '.join(steep) or 'none'} of {len(costs)} shapes")
    print(f"slowest at 1 MB: {slowest.name}, {slowest.seconds[-1]:.2f} s\n{PEERS}\n")
    if not chosen.small:
        peaks = [_in_child(name) for name in BIG]
        print(f"most memory: {max(peaks):.0f} MB, of {MOST_MEMORY} MB that it may be")


@dataclass(frozen=True)
class Cost:
    """One shape at the three sizes; `slope` is the exponent between the outer two."""

    name: str
    seconds: tuple[float, ...]
    slope: float
    outcome: str

    def line(self) -> str:
        shown = " ".join(f"{one * 1000:8.1f}" for one in self.seconds)
        return f"{self.name:28} {shown} ms at 0.25, 0.5, 1 MB   slope {self.slope:5.2f}   {self.outcome}"


def _cost(name: str, maker: Callable[[int], bytes]) -> Cost:
    mails = [maker(size) for size in SIZES]
    # The shortest of three: whatever else runs here only ever adds.
    times = tuple(min(_timed(mail) for _ in range(3)) for mail in mails)
    slope = math.log(times[-1] / times[0]) / math.log(len(mails[-1]) / len(mails[0]))
    return Cost(name, times, slope, _outcome(mails[-1]))


def _timed(mail: bytes) -> float:
    begin = time.perf_counter()
    _outcome(mail)
    return time.perf_counter() - begin


def _outcome(mail: bytes) -> str:
    try:
        return f"read, {len(parse_email(mail).body)} characters"
    except (SenderError, QuarantineError) as error:
        return error.reason


def _attachment(size: int) -> bytes:
    head = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
    head += b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    encoded = base64.encodebytes(bytes(range(256)) * 1024)
    return head + encoded * ((size - len(head)) // len(encoded)) + b"--b--\r\n"


BIG: dict[str, Callable[[int], bytes]] = {
    "40 MB: attachment": _attachment,
    "40 MB: text": _body("text/plain", b"The quick brown fox jumps over the dog.\r\n"),
    "40 MB: HTML": _body("text/html", b"<p>The quick brown fox jumps.</p>\r\n"),
    "40 MB: parts": _body("multipart/mixed; boundary=b", b"--b\r\n\r\n" + b"x" * 40_000 + b"\r\n"),
    "40 MB: dashes": _body("multipart/mixed; boundary=b", b"--\r\n"),
    "40 MB: mail in mail": _body("message/rfc822", b"Subject: x\r\n\r\n" + b"words and words\r\n" * 10_000),
}


def _in_child(name: str) -> float:
    """The peak in MB, in a fresh process: it is never given back."""
    here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
    child = multiprocessing.get_context("spawn").Process(target=_measured, args=(there, name))
    child.start()
    there.close()
    seconds, peak, before, outcome = here.recv()
    child.join()
    print(f"{name:28} {seconds:6.2f} s   peak {peak:5.0f} MB (before: {before:3.0f})   {outcome}")
    return float(peak)


def _measured(there: multiprocessing.connection.Connection, name: str) -> None:
    before = _peak()
    mail = BIG[name](40 * MB - 4096)
    begin = time.perf_counter()
    outcome = _outcome(mail)
    there.send((time.perf_counter() - begin, _peak(), before, outcome))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
