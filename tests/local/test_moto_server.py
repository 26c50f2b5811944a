import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import sys, time, urllib.request
from local.moto_server import moto_server
with moto_server() as url:
    urllib.request.urlopen(url + "/moto-api/data.json").read()
    print(url, flush=True)
    time.sleep(60)
"""


def test_the_services_die_with_whoever_started_them():
    """Also when that is killed without a word."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        assert urllib.request.urlopen(url + "/moto-api/data.json").status == 200
        os.kill(process.pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while _answers(url):
        assert time.monotonic() < end
        time.sleep(0.1)


def _answers(url):
    try:
        urllib.request.urlopen(url + "/moto-api/data.json", timeout=5).close()
    except OSError:
        return False
    return True
