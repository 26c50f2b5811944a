"""All figures, one benchmark after the other; each prints what it compares with."""

from __future__ import annotations

import os
import platform

from benchmarks import availability, cold_start, one_mail


def main() -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n")
    for one in (cold_start, one_mail, availability):
        one.main()
        print()


if __name__ == "__main__":
    main()
