#!/usr/bin/env python3
"""Counts what 'meson test' ran, suite by suite: every case of a TAP program, one for any other program.

usage: summary.py BUILD/meson-logs/testlog.json

The last line is 'N passed, N failed, N skipped'; the exit status is 1 where something failed or nothing ran.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

CASE = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*(.*)$")
DIRECTIVE = re.compile(r"#\s*(SKIP|TODO)\b[:\s]*(.*)$", re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)\s*(?:#\s*SKIP\S*\s*(.*))?$", re.IGNORECASE)
SKIP_WORD = re.compile(r"^(?:# *)?SKIPPED:\s*(.*)$", re.MULTILINE)
GOOD = {"OK", "EXPECTEDFAIL"}


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []
        self.seconds = 0.0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.seconds += other.seconds


def count_cases(title, output, tally):
    """The cases of a TAP program; False where the output holds none."""
    found = False
    announced = ""  # cmocka's skip() takes no reason: the program prints '# SKIPPED: reason' before it
    for line in output.splitlines():
        word = SKIP_WORD.match(line)
        announced = word.group(1) if word else announced
        plan = PLAN.match(line)
        if plan and plan.group(1) == "0":
            tally.skipped.append((title, plan.group(2) or "no reason given"))
            found = True
        case = CASE.match(line)
        if not case:
            continue
        found = True
        directive = DIRECTIVE.search(case.group(2))
        name = DIRECTIVE.sub("", case.group(2)).strip()
        if directive and directive.group(1).upper() == "SKIP":
            tally.skipped.append((f"{title}: {name}", directive.group(2) or announced or "no reason given"))
            announced = ""
        elif case.group(1):
            tally.failed.append(f"{title}: {name}")
        else:
            tally.passed += 1
    return found


def count_program(title, record, is_tap):
    tally = Tally()
    tally.seconds = record["duration"]
    output = record.get("stdout") or ""
    result = record["result"]
    counted = is_tap and count_cases(title, output, tally)
    if result == "SKIP" and not counted:
        reason = SKIP_WORD.search(output)
        tally.skipped.append((title, reason.group(1) if reason else "no reason given"))
    elif result in GOOD and not counted:
        tally.passed += 1
    elif result not in GOOD and result != "SKIP" and not tally.failed:
        # A crash, a time-out, a plan that was not kept, a leak found at the end.
        tally.failed.append(f"{title}: {result.lower()}, exit status {record['returncode']}")
    return tally


def main():
    log = Path(sys.argv[1])
    described = {}
    for test in json.loads((log.parent.parent / "meson-info" / "intro-tests.json").read_text()):
        described[tuple(test["cmd"])] = test
    suites = defaultdict(Tally)
    total = Tally()
    for line in log.read_text().splitlines():
        record = json.loads(line)
        test = described.get(tuple(record["command"]), {"name": record["name"], "suite": [], "protocol": "exitcode"})
        suite = test["suite"][0].rpartition(":")[2] if test["suite"] else "-"
        tally = count_program(f"{suite} / {test['name']}", record, test["protocol"] == "tap")
        suites[suite].add(tally)
        total.add(tally)

    print(f"  {'suite':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for name, tally in sorted(suites.items()):
        counts = f"{tally.passed:>8}{len(tally.failed):>8}{len(tally.skipped):>9}{tally.seconds:>9.1f}"
        print(f"  {name:<12}{counts}")
    for title, reason in total.skipped:
        print(f"  SKIPPED  {title}: {reason.removeprefix('SKIPPED: ')}")
    for title in total.failed:
        print(f"  FAILED   {title}")
    print(f"The whole output is in {log.with_suffix('.txt')}")
    print(f"{total.passed} passed, {len(total.failed)} failed, {len(total.skipped)} skipped")
    return 1 if total.failed or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
