"""Rewrite what the golden cases expect; look at the difference before you commit it."""

import shutil
import sys

from tests.toolkit.golden.harness import cases


def main() -> int:
    """Write each case's tree and messages anew, and say what changed."""
    changed = 0
    for case in cases():
        made = case.made()
        if made == case.expected():
            continue
        changed += 1
        shutil.rmtree(case.root / "expected", ignore_errors=True)
        for path, text in made.items():
            target = case.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        print(f"{case} rewritten")
    print(f"{changed} of {len(cases())} cases changed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
