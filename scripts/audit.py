"""Known vulnerabilities of locked packages, by pip-audit and PyPI's list: `scripts/audit.py requirements/all.txt`.

The exit code is 1 where one is known. Where the list cannot be had, that is said, and the exit code is 0.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

NO_NETWORK = ("ConnectionError", "ConnectTimeout", "Max retries exceeded", "Name or service not known", "ProxyError")


def main() -> int:
    """Run pip-audit on the files that are named."""
    if find_spec("pip_audit") is None:
        print("not audited: pip-audit is not installed (pip install pip-audit)")
        return 0
    files = [word for name in sys.argv[1:] for word in ("--requirement", name)]
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", *options, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and any(each in done.stderr for each in NO_NETWORK):
        print("not audited: the list of vulnerabilities cannot be had; is there a network?")
        return 0
    print(done.stdout + done.stderr, end="")
    pins = sum(line.count("==") for name in sys.argv[1:] for line in Path(name).read_text("utf-8").splitlines())
    if skipped := (done.stdout + done.stderr).count("could not be audited"):
        print(f"not audited: {skipped} of {pins} packages, which the index that was asked does not tell about")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
