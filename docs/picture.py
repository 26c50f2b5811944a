"""Draws docs/answer.png: the answer to a sample mail, as a mail program shows it.

    python -m docs.picture

It needs Chromium on the PATH. The picture carries the HTML that it was drawn from in a text chunk of the
PNG (RFC 2083, 4.2.3.3), so that a test can tell, without Chromium, whether the answer still looks like this.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "events" / "emails" / "zoom-vtt.eml"
PICTURE = ROOT / "docs" / "answer.png"
KEYWORD = b"Source"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
WIDTH = 740
FRAME = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"></head>
<body style="margin:0;padding:24px;background:#e9edf2;font:15px/1.5 'Liberation Sans',Arial,sans-serif">
<div id="mail" style="background:#fff;border:1px solid #d5dbe3;border-radius:8px;padding:16px 0">
<div style="padding:0 24px 12px;border-bottom:1px solid #d5dbe3;color:#4a5565;font-size:13px">
<div style="color:#1c2430;font-size:19px">{subject}</div>Parley, to {to}</div>
<div style="padding:16px 24px 0;color:#1c2430">{body}</div></div>
<script>document.title = document.documentElement.scrollHeight</script></body></html>
"""


def main() -> None:
    """Process the sample mail, draw its answer and write the picture."""
    reply = answer()
    page = FRAME.format(subject=html.escape(reply["subject"]), to=reply["to"], body=reply["html"])
    PICTURE.write_bytes(with_source(_drawn(page), reply["html"]))
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes")


def answer() -> dict[str, str]:
    """The reply to the sample mail, as `parley process --json` prints it."""
    command = [sys.executable, "-m", "local.cli", "process", str(SAMPLE), "--json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    reply: dict[str, str] = json.loads(done.stdout)["reply"]
    return reply


def _drawn(page: str) -> bytes:
    """The page as a PNG, as high as what it shows."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("docs.picture needs Chromium on the PATH (on Debian: apt install chromium)")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.png")
        source.write_text(page)
        base = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]

        def run(*options: str) -> str:
            command = [*base, *options, source.as_uri()]
            return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

        dom = run("--dump-dom", f"--window-size={WIDTH},400")
        height = re.search(r"<title>(\d+)</title>", dom)
        run(f"--screenshot={target}", f"--window-size={WIDTH},{height[1] if height else 1600}")
        return target.read_bytes()


def with_source(png: bytes, text: str) -> bytes:
    """The same picture with `text` in a zTXt chunk before its end."""
    data = KEYWORD + b"\0\0" + zlib.compress(text.encode(), 9)
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    end = png.rindex(b"IEND") - 4
    return png[:end] + chunk + png[end:]


def source_of(png: bytes) -> str:
    """What `with_source` put into a picture. Raises ValueError where there is nothing."""
    place = len(SIGNATURE)
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        if kind == b"zTXt" and data.startswith(KEYWORD + b"\0"):
            return zlib.decompress(data[len(KEYWORD) + 2 :]).decode()
        place += 12 + length
    raise ValueError("the picture does not say what it was drawn from")


if __name__ == "__main__":
    main()
